//! How often memory is asked for. A process of its own, since the allocator is everybody's.

use allocation_counter::measure;
use bytes::Bytes;
use futures::Stream;
use futures::stream;
use http_body_util::Full;
use hyper::body::Body;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use std::future::pending;
use std::hint::black_box;
use std::pin::pin;
use std::task::Context;
use std::task::Waker;

/// How many allocations `f` makes, after what each thread makes once: its random state and the
/// registration of thread-locals.
fn allocations<R>(f: impl FnOnce() -> R) -> u64 {
    RequestContext::new().sync_scope(RequestContext::current);
    measure(|| drop(black_box(f()))).count_total
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(1)), 1);
}

#[test]
fn a_new_context_is_one_allocation() {
    assert_eq!(allocations(RequestContext::new), 1);
}

#[test]
fn a_context_with_session_and_user_is_at_most_two_allocations() {
    let session = "0a1b2c3d-0a1b-4c3d-8e9f-0a1b2c3d4e5f";
    let user = "user-0123456";
    assert_eq!((session.len(), user.len()), (36, 12));
    let count = allocations(|| {
        let session = session.parse().unwrap();
        RequestContext::builder().session(session).user(user.parse().unwrap()).build()
    });
    assert!(count <= 2, "{count}");
}

#[test]
fn a_request_id_fresh_or_as_long_as_a_fresh_one_is_none() {
    assert_eq!(allocations(RequestId::new), 0);
    assert_eq!(allocations(|| "0a1b2c3d-0a1b-4c3d-8e9f-0a1b2c3d4e5f".parse::<RequestId>()), 0);
    let long: RequestId = "x".repeat(128).parse().unwrap();
    assert_eq!(allocations(|| long.clone()), 0, "a long one is shared");
}

#[test]
fn a_scope_its_polls_and_its_end_are_none() {
    let context = RequestContext::new();
    assert_eq!(allocations(|| context.clone().scope(pending::<()>())), 0);
    let mut request = pin!(context.clone().scope(pending::<()>()));
    let count = allocations(|| {
        for _ in 0..100 {
            assert!(request.as_mut().poll(&mut cx()).is_pending());
        }
    });
    assert_eq!(count, 0);
    let count = allocations(|| {
        let mut request = pin!(context.clone().scope(async { RequestContext::current() }));
        assert!(request.as_mut().poll(&mut cx()).is_ready());
    });
    assert_eq!(count, 0);
    assert_eq!(allocations(|| context.sync_scope(|| ())), 0);
}

#[test]
fn carrying_a_future_and_its_polls_and_its_drop_are_none() {
    RequestContext::new().sync_scope(|| {
        let count = allocations(|| {
            let mut carried = pin!(pending::<()>().in_current_context());
            for _ in 0..100 {
                assert!(carried.as_mut().poll(&mut cx()).is_pending());
            }
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn carrying_a_stream_and_its_polls_and_its_drop_are_none() {
    RequestContext::new().sync_scope(|| {
        let count = allocations(|| {
            let mut carried = pin!(ContextStreamExt::in_current_context(stream::pending::<()>()));
            for _ in 0..100 {
                assert!(carried.as_mut().poll_next(&mut cx()).is_pending());
                assert_eq!(carried.size_hint(), (0, Some(0)));
            }
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn carrying_a_body_and_its_frames_and_its_drop_are_none() {
    RequestContext::new().sync_scope(|| {
        let count = allocations(|| {
            let full = Full::new(Bytes::from_static(b"data"));
            let mut carried = pin!(ContextBodyExt::in_current_context(full));
            assert_eq!(carried.size_hint().exact(), Some(4));
            assert!(carried.as_mut().poll_frame(&mut cx()).is_ready());
            assert!(carried.is_end_stream());
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn carrying_a_closure_and_calling_it_or_not_are_none() {
    RequestContext::new().sync_scope(|| {
        assert_eq!(allocations(|| carry(RequestContext::current)()), 0);
        assert_eq!(allocations(|| carry(RequestContext::current)), 0);
        assert_eq!(allocations(|| carry_mut(|()| RequestContext::current())(())), 0);
        assert_eq!(allocations(|| carry_fn(|()| RequestContext::current())(())), 0);
    });
}

#[test]
fn every_read_is_none() {
    RequestContext::new().sync_scope(|| {
        assert_eq!(allocations(RequestContext::current), 0);
        assert_eq!(allocations(RequestContext::try_current), 0);
        assert_eq!(allocations(|| RequestContext::with(|it| it.request_id().as_str().len())), 0);
        assert_eq!(allocations(|| RequestContext::try_with(|_| ())), 0);
        assert_eq!(allocations(RequestContext::in_scope), 0);
    });
    assert_eq!(allocations(RequestContext::try_current), 0, "outside, too");
}
