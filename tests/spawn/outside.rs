//! Work of no request, started on purpose.

use crate::support::current_thread;
use crate::support::in_request;
use crate::support::on_each_runtime;
use crate::support::seen;
use crate::support::user;
use request_context::RequestContext;
use request_context::spawn;
use request_context::spawn_outside;
use tracing::Span;

#[test]
fn work_outside_needs_no_scope() {
    on_each_runtime(async || {
        assert!(spawn_outside(async { seen() }).await.unwrap().is_err());
    });
}

#[test]
fn work_outside_sees_nothing_of_the_scope_that_it_was_started_in() {
    on_each_runtime(|| {
        in_request(async |here| {
            let task = spawn_outside(async { (seen().is_err(), Span::current().id()) });
            assert_eq!(task.await.unwrap(), (true, None));
            assert_eq!(seen(), Ok(here));
        })
    });
}

#[test]
fn work_outside_may_be_started_by_a_carried_task_and_may_enter_a_context() {
    on_each_runtime(|| {
        in_request(async |_| {
            let task = spawn(async {
                let outside = spawn_outside(async {
                    let other = user("bob").scope(async { RequestContext::current() });
                    (seen().is_err(), other.await.user().cloned(), seen().is_err())
                });
                outside.await.unwrap()
            });
            let bob = user("bob").user().cloned();
            assert_eq!(task.await.unwrap(), (true, bob, true));
        })
    });
}

#[test]
fn work_outside_has_no_context_also_where_the_scope_is_around_the_whole_runtime() {
    let runtime = current_thread();
    let saw = user("ada").sync_scope(|| {
        let task = async { spawn_outside(async { seen() }).await.unwrap() };
        runtime.block_on(task)
    });
    assert!(saw.is_err(), "work outside ran for {saw:?}");
}
