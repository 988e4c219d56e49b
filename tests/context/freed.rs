//! Nothing keeps a context alive longer than it is used.

use futures::stream;
use request_context::BodyInContext;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::carry;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Weak;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

struct InRequest(Arc<()>);
impl ContextValue for InRequest {}

struct Everywhere(Arc<()>);
impl ContextValue for Everywhere {
    const REACH: Reach = Reach::Beyond;
}

/// A context, and what is alive as long as it is.
fn watched() -> (RequestContext, Weak<()>) {
    let value = Arc::new(());
    let weak = Arc::downgrade(&value);
    (RequestContext::builder().insert(InRequest(value)).build(), weak)
}

fn is_alive(weak: &Weak<()>) -> bool {
    weak.upgrade().is_some()
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_context_is_freed_with_its_last_scope() {
    let (context, weak) = watched();
    let mut request = Box::pin(context.clone().scope(pending::<()>()));
    drop(context);
    assert!(poll(request.as_mut()).is_pending());
    assert!(is_alive(&weak));
    drop(request);
    assert!(!is_alive(&weak));

    let (context, weak) = watched();
    context.sync_scope(|| assert!(is_alive(&weak)));
    assert!(!is_alive(&weak));
}

#[test]
fn each_adapter_holds_its_context_as_long_as_it_lives_and_no_longer() {
    fn holds_it_while_it_lives<T>(make: fn() -> T) {
        let (context, weak) = watched();
        let adapter = context.sync_scope(make);
        assert!(is_alive(&weak));
        drop(adapter);
        assert!(!is_alive(&weak));
    }
    holds_it_while_it_lives(|| pending::<()>().in_current_context());
    holds_it_while_it_lives(|| stream::pending::<()>().in_current_context());
    holds_it_while_it_lives(BodyInContext::<()>::default);
    holds_it_while_it_lives(|| carry(|| ()));
}

#[test]
fn a_carried_closure_that_was_called_holds_nothing_any_more() {
    let (context, weak) = watched();
    let carried = context.sync_scope(|| carry(|| ()));
    carried();
    assert!(!is_alive(&weak));
}

#[test]
fn an_adapter_that_was_taken_apart_holds_nothing_any_more() {
    let (context, weak) = watched();
    let stream = stream::pending::<()>().in_context(context);
    assert!(is_alive(&weak));
    let _inner = stream.into_inner();
    assert!(!is_alive(&weak));
}

/// The outer scope polls `inner` once and ends; `inner` lives on.
fn outer_is_freed_while_the_inner_lives_on<F: Future<Output = ()>>(inner: fn() -> F) {
    let (outer, weak) = watched();
    let mut kept = None;
    let mut request = Box::pin(outer.scope(async {
        let mut inner = Box::pin(inner());
        std::future::poll_fn(|cx| {
            assert!(inner.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        kept = Some(inner);
    }));
    assert!(is_alive(&weak));
    assert!(poll(request.as_mut()).is_ready());
    drop(request);
    assert!(!is_alive(&weak), "the inner one holds it");
    let mut inner = kept.unwrap();
    assert!(poll(inner.as_mut()).is_pending(), "the inner one works on");
}

#[test]
fn a_shadowed_outer_context_is_freed_with_its_scope_whatever_an_inner_future_holds() {
    outer_is_freed_while_the_inner_lives_on(|| RequestContext::new().scope(pending()));
    outer_is_freed_while_the_inner_lives_on(|| {
        RequestContext::new().sync_scope(|| pending().in_current_context())
    });
    outer_is_freed_while_the_inner_lives_on(|| RequestContext::current().detach().scope(pending()));
    outer_is_freed_while_the_inner_lives_on(|| {
        let own = InRequest(Arc::new(()));
        RequestContext::current().to_builder().insert(own).build().scope(pending())
    });
}

#[test]
fn a_shadowed_outer_context_is_freed_with_its_scope_whatever_a_task_inside_holds() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (outer, weak) = watched();
        let task = outer.sync_scope(|| {
            let inner = RequestContext::new();
            inner.sync_scope(|| request_context::spawn(pending::<()>()))
        });
        tokio::task::yield_now().await;
        assert!(!is_alive(&weak));
        assert!(!task.is_finished());
        task.abort();
    });
}

#[test]
fn a_replaced_value_is_dropped_with_the_old_context_and_not_held_by_the_derived_one() {
    let (old, weak) = watched();
    let derived = old.to_builder().insert(InRequest(Arc::new(()))).build();
    assert!(is_alive(&weak), "the old context is there still");
    drop(old);
    assert!(!is_alive(&weak));
    assert_eq!(Arc::strong_count(&derived.get::<InRequest>().unwrap().0), 1);
}

#[test]
fn a_detached_context_holds_nothing_of_the_request_but_what_reaches_beyond() {
    let (value, beyond) = (Arc::new(()), Arc::new(()));
    let (weak, weak_beyond) = (Arc::downgrade(&value), Arc::downgrade(&beyond));
    let context =
        RequestContext::builder().insert(InRequest(value)).insert(Everywhere(beyond)).build();
    let detached = context.detach();
    drop(context);
    assert!(!is_alive(&weak));
    assert!(is_alive(&weak_beyond));
    assert_eq!(Arc::strong_count(&detached.get::<Everywhere>().unwrap().0), 1);
    drop(detached);
    assert!(!is_alive(&weak_beyond));
}

#[test]
fn what_child_work_does_not_get_it_does_not_hold() {
    struct Transaction(#[expect(dead_code, reason = "only how long it lives counts")] Arc<()>);
    impl ContextValue for Transaction {
        const REACH: Reach = Reach::Scope;
    }
    let value = Arc::new(());
    let weak = Arc::downgrade(&value);
    let context = RequestContext::builder().insert(Transaction(value)).build();
    let child = context.sync_scope(|| pending::<()>().in_current_context());
    assert!(!is_alive(&weak), "the scope has ended and the child is alive");
    drop(child);
}
