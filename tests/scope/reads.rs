//! No borrow is held over the user's code: a read callback and a `Drop` may do what they like.

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use crate::support::stays_in;
use crate::support::yield_once;
use futures::stream;
use http_body_util::Empty;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use std::cell::Cell;
use std::panic::catch_unwind;
use tokio_test::assert_pending;
use tokio_test::task;

#[test]
fn a_read_callback_may_read_again() {
    context("a").sync_scope(|| {
        let names = RequestContext::with(|outer| {
            RequestContext::with(|inner| {
                let current = RequestContext::current();
                [outer, inner, &current].map(|context| context.request_id().to_string())
            })
        });
        assert_eq!(names, ["a", "a", "a"]);
        let again = RequestContext::try_with(|_| RequestContext::try_with(|_| here()));
        assert_eq!(again.unwrap().unwrap(), "a");
    });
}

/// Calls `read` in the scope "a", by both ways of reading.
fn read_both_ways(read: impl Fn(&RequestContext)) {
    context("a").sync_scope(|| {
        RequestContext::with(&read);
        assert_eq!(here(), "a");
        RequestContext::try_with(&read).unwrap();
        assert_eq!(here(), "a");
    });
}

#[test]
fn a_read_callback_may_enter_scopes() {
    read_both_ways(|context_a| {
        assert_eq!(context("b").sync_scope(here), "b");
        finish(context("c").scope(stays_in("c")));
        assert_eq!(here(), "a");
        assert_eq!(context_a.request_id().as_str(), "a");
    });
}

#[test]
fn a_read_callback_may_poll_and_drop_a_future_that_was_made_outside() {
    let log = Log::default();
    let made = Cell::new(None);
    let make = || made.set(Some(task::spawn(context("b").scope(Probe::new(&log).forever()))));
    make();
    read_both_ways(|_| {
        let mut task = made.take().unwrap();
        assert_pending!(task.poll());
        drop(task);
        assert_eq!(log.take(), ["poll in b", "drop in b"]);
        make();
    });
}

#[test]
fn a_read_callback_may_carry_work_and_run_it() {
    read_both_ways(|_| {
        let carried = carry(here);
        assert_eq!(context("b").sync_scope(carried), "a");
    });
}

#[test]
fn a_read_callback_may_drop_contexts_and_the_one_it_reads_stays() {
    let log = Log::default();
    let holds = |name: &str| context(name).to_builder().insert(OnDrop(log.clone())).build();
    let spare = holds("spare");
    let current = holds("a");
    let kept = Cell::new(Some(current.clone()));
    current.sync_scope(|| {
        RequestContext::with(|context| {
            drop(spare);
            drop(kept.take());
            assert_eq!(log.take(), ["drop in a"]);
            assert_eq!(context.request_id().as_str(), "a");
        });
        assert_eq!(log.take(), [""; 0]);
    });
    assert_eq!(log.take(), ["drop in nowhere"], "the scope held the last one");
}

#[test]
fn a_panic_in_a_read_callback_leaves_the_scope_as_it_was() {
    context("a").sync_scope(|| {
        panics_as_planted(|| RequestContext::with(|_| planted_panic()));
        panics_as_planted(|| RequestContext::try_with(|_| planted_panic()));
        assert_eq!(here(), "a");
        assert_eq!(context("b").sync_scope(here), "b");
    });
}

#[test]
fn outside_a_scope_the_callback_of_try_with_is_not_called() {
    let called = RequestContext::try_with(|_| unreachable!("there is nothing to call it with"));
    let _: request_context::NoContext = called.unwrap_err();
}

#[test]
fn outside_a_scope_nothing_is_made_up() {
    assert!(RequestContext::try_current().is_err());
    assert!(catch_unwind(RequestContext::current).is_err());
    assert!(catch_unwind(|| RequestContext::with(|_| ())).is_err());
    assert!(catch_unwind(|| carry(|| ())).is_err());
    assert!(catch_unwind(|| carry_mut(|()| ())).is_err());
    assert!(catch_unwind(|| carry_fn(|()| ())).is_err());
    assert!(catch_unwind(|| std::future::ready(()).in_current_context()).is_err());
    assert!(catch_unwind(|| stream::empty::<()>().in_current_context()).is_err());
    assert!(catch_unwind(|| Empty::<bytes::Bytes>::new().in_current_context()).is_err());
}

#[test]
fn a_value_dropped_at_the_end_of_a_sync_scope_sees_what_is_current_then() {
    let log = Log::default();
    let holds = || context("a").to_builder().insert(OnDrop(log.clone())).build();
    holds().sync_scope(|| ());
    assert_eq!(log.take(), ["drop in nowhere"]);
    context("outer").sync_scope(|| holds().sync_scope(|| ()));
    assert_eq!(log.take(), ["drop in outer"]);
    panics_as_planted(|| context("outer").sync_scope(|| holds().sync_scope(|| planted_panic())));
    assert_eq!(log.take(), ["drop in outer"]);
}

#[test]
fn a_value_dropped_with_its_future_sees_what_is_current_then() {
    let log = Log::default();
    let holds = || context("a").to_builder().insert(OnDrop(log.clone())).build();
    drop(holds().scope(std::future::pending::<()>()));
    assert_eq!(log.take(), ["drop in nowhere"]);

    let mut task = task::spawn(holds().scope(std::future::pending::<()>()));
    context("outer").sync_scope(|| {
        assert_pending!(task.poll());
        drop(task);
    });
    assert_eq!(log.take(), ["drop in outer"]);

    finish(context("outer").scope(async { holds().scope(yield_once()).await }));
    assert_eq!(log.take(), ["drop in outer"]);
}

#[test]
fn a_value_replaced_in_a_builder_sees_what_is_current_then() {
    let log = Log::default();
    let value = || OnDrop(log.clone());
    context("a").sync_scope(|| {
        let builder = RequestContext::builder().insert(value());
        let builder = RequestContext::with(|_| builder.insert(value()));
        assert_eq!(log.take(), ["drop in a"]);
        drop(builder);
        assert_eq!(log.take(), ["drop in a"]);
    });
}

#[test]
fn a_value_dropped_with_what_carried_it_sees_what_is_current_then() {
    let log = Log::default();
    let carried = {
        let holds = context("a").to_builder().insert(OnDrop(log.clone())).build();
        holds.sync_scope(|| carry(|| ()))
    };
    assert_eq!(log.take(), [""; 0]);
    context("outer").sync_scope(|| drop(carried));
    assert_eq!(log.take(), ["drop in outer"]);
}
