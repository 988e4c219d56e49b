//! What is wrapped is as `Send`, `Sync` and `Unpin` as what is in it, no more and no less.

use crate::ambiguous::AmbiguousIfSend;
use crate::ambiguous::AmbiguousIfSync;
use crate::ambiguous::AmbiguousIfUnpin;
use request_context::BodyInContext;
use request_context::Carried;
use request_context::ContextExt;
use request_context::InContext;
use request_context::InvalidId;
use request_context::MissingIdentity;
use request_context::NoContext;
use request_context::Reach;
use request_context::RequestContext;
use request_context::RequestContextBuilder;
use request_context::RequestId;
use request_context::SessionId;
use request_context::StreamInContext;
use request_context::UserId;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use std::cell::Cell;
use std::future::Ready;
use std::future::pending;
use std::marker::PhantomData;
use std::marker::PhantomPinned;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use tokio::task::futures::TaskLocalFuture;

fn is_send<T: Send>(_: &PhantomData<T>) {}
fn is_not_send<T: AmbiguousIfSend<A>, A>(_: &PhantomData<T>) {}
fn is_sync<T: Sync>(_: &PhantomData<T>) {}
fn is_not_sync<T: AmbiguousIfSync<A>, A>(_: &PhantomData<T>) {}
fn is_unpin<T: Unpin>(_: &PhantomData<T>) {}
fn is_not_unpin<T: AmbiguousIfUnpin<A>, A>(_: &PhantomData<T>) {}

/// The type of a value that cannot be named.
fn type_of<T>(_: &T) -> PhantomData<T> {
    PhantomData
}

type SendAndSync = Ready<u8>;
type SendOnly = Ready<Cell<u8>>;
type SyncOnly = Ready<MutexGuard<'static, u8>>;
type Neither = Ready<Rc<u8>>;

macro_rules! as_the_inner_is {
    ($adapter:ident) => {
        is_send(&PhantomData::<$adapter<SendAndSync>>);
        is_sync(&PhantomData::<$adapter<SendAndSync>>);
        is_send(&PhantomData::<$adapter<SendOnly>>);
        is_not_sync(&PhantomData::<$adapter<SendOnly>>);
        is_not_send(&PhantomData::<$adapter<SyncOnly>>);
        is_sync(&PhantomData::<$adapter<SyncOnly>>);
        is_not_send(&PhantomData::<$adapter<Neither>>);
        is_not_sync(&PhantomData::<$adapter<Neither>>);
    };
}

#[test]
fn the_adapters_are_send_and_sync_exactly_as_the_inner_value_is() {
    as_the_inner_is!(InContext);
    as_the_inner_is!(Carried);
    as_the_inner_is!(StreamInContext);
    as_the_inner_is!(BodyInContext);
}

#[test]
fn carried_closures_are_send_and_sync_exactly_as_the_closure_is() {
    static MUTEX: Mutex<u8> = Mutex::new(0);
    macro_rules! as_the_capture_is {
        ($capture:expr, $send:ident, $sync:ident) => {
            let (once, many_mut, many) = ($capture, $capture, $capture);
            RequestContext::new().sync_scope(|| {
                let once = carry(move || {
                    let _capture = once;
                });
                $send(&type_of(&once));
                $sync(&type_of(&once));
                let many_mut = carry_mut(move |()| {
                    let _capture = &many_mut;
                });
                $send(&type_of(&many_mut));
                $sync(&type_of(&many_mut));
                let many = carry_fn(move |()| {
                    let _capture = &many;
                });
                $send(&type_of(&many));
                $sync(&type_of(&many));
            });
        };
    }
    as_the_capture_is!(0_u8, is_send, is_sync);
    as_the_capture_is!(Cell::new(0_u8), is_send, is_not_sync);
    as_the_capture_is!(MUTEX.try_lock().ok(), is_not_send, is_sync);
    as_the_capture_is!(Rc::new(0_u8), is_not_send, is_not_sync);
}

/// Async blocks of a function of their own: what they are is not known where they are written.
fn holding<T>(value: T) -> impl Future {
    async move {
        pending::<()>().await;
        drop(value);
    }
}

#[test]
fn async_blocks_stay_send_and_sync_exactly_as_what_they_hold() {
    RequestContext::new().sync_scope(|| {
        let both = holding(RequestContext::current()).in_current_context();
        is_send(&type_of(&both));
        is_sync(&type_of(&both));
        let send = holding(Cell::new(0)).in_current_context();
        is_send(&type_of(&send));
        is_not_sync(&type_of(&send));
        let neither = holding(Rc::new(0)).in_current_context();
        is_not_send(&type_of(&neither));
        is_not_sync(&type_of(&neither));
        let neither = holding(Rc::new(0)).in_context(RequestContext::new());
        is_not_send(&type_of(&neither));
        is_not_sync(&type_of(&neither));
    });
}

#[test]
fn the_values_go_and_are_shared_anywhere() {
    macro_rules! everywhere {
        ($($value:ident)+) => {$(
            is_send(&PhantomData::<$value>);
            is_sync(&PhantomData::<$value>);
            is_unpin(&PhantomData::<$value>);
        )+};
    }
    everywhere!(RequestContext RequestContextBuilder RequestId SessionId UserId Reach);
    everywhere!(InvalidId MissingIdentity NoContext);
}

#[test]
fn streams_and_bodies_are_unpin_exactly_as_the_inner_value_is() {
    is_unpin(&PhantomData::<StreamInContext<u8>>);
    is_unpin(&PhantomData::<BodyInContext<u8>>);
    is_not_unpin(&PhantomData::<StreamInContext<PhantomPinned>>);
    is_not_unpin(&PhantomData::<BodyInContext<PhantomPinned>>);
}

#[test]
fn a_future_in_a_context_is_no_larger_than_in_a_scope_of_tokio() {
    fn no_larger<F>() {
        let ours = size_of::<InContext<F>>();
        assert!(ours <= size_of::<TaskLocalFuture<Arc<()>, F>>(), "{ours}");
    }
    no_larger::<()>();
    no_larger::<u8>();
    no_larger::<Ready<u64>>();
    no_larger::<[u64; 100]>();
    assert_eq!(size_of::<RequestContext>(), size_of::<usize>());
    assert_eq!(size_of::<Option<RequestContext>>(), size_of::<usize>());
}

/// Each statement must be reported, or its expectation is not fulfilled and this does not compile.
#[test]
#[deny(unfulfilled_lint_expectations, reason = "nothing of it may be forgotten silently")]
fn what_is_made_must_be_used() {
    RequestContext::new().sync_scope(|| {
        macro_rules! must_be_used {
            ($($made:expr;)+) => {$(
                #[expect(unused_must_use, reason = "this must be reported")]
                {
                    $made;
                }
            )+};
        }
        must_be_used! {
            RequestContext::new();
            RequestContext::current();
            RequestContext::try_current();
            RequestContext::current().detach();
            RequestContext::builder();
            RequestContext::builder().build();
            RequestContext::current().scope(pending::<()>());
            pending::<()>().in_context(RequestContext::current());
            pending::<()>().in_current_context();
            StreamInContext::new(RequestContext::current(), ());
            BodyInContext::new(RequestContext::current(), ());
            carry(|| ());
            carry_mut(|()| ());
            carry_fn(|()| ());
        }
    });
}

#[test]
fn a_context_may_cross_a_caught_panic() {
    let caught = std::panic::catch_unwind({
        let context = RequestContext::new();
        move || context.sync_scope(|| RequestContext::current().request_id().clone())
    });
    assert!(caught.is_ok());
}

#[test]
fn an_adapter_around_an_async_block_can_be_printed_and_shows_the_context_but_no_value() {
    let context = RequestContext::builder().request_id("r-1".parse().unwrap()).build();
    let printed = format!("{:?}", context.clone().scope(async {}));
    assert!(printed.starts_with("InContext") && printed.contains("r-1"), "{printed}");
    let carried = context.sync_scope(|| async {}.in_current_context());
    let printed = format!("{carried:?}");
    assert!(printed.starts_with("Carried") && printed.contains("r-1"), "{printed}");
}

#[test]
fn a_carried_closure_may_cross_a_caught_panic_as_the_closure_itself_may() {
    let carried = RequestContext::new().sync_scope(|| carry(|| 1));
    assert_eq!(std::panic::catch_unwind(carried).unwrap(), 1);
}
