//! Scopes within scopes.

use crate::support::Log;
use crate::support::Probe;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::stays_in;
use request_context::ContextExt;
use request_context::RequestContext;
use std::pin::Pin;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

const DEEP: usize = 1_000;

#[test]
fn the_innermost_scope_wins_and_each_end_restores_the_one_around_it() {
    finish(context("a").scope(async {
        assert_eq!(here(), "a");
        context("b")
            .scope(async {
                assert_eq!(here(), "b");
                context("c").scope(stays_in("c")).await;
                assert_eq!(here(), "b");
            })
            .await;
        assert_eq!(here(), "a");
        context("d").sync_scope(|| assert_eq!(here(), "d"));
        assert_eq!(here(), "a");
    }));
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_pending_inner_scope_restores_both_at_each_poll() {
    let mut task = task::spawn(context("a").scope(async {
        context("b").scope(stays_in("b")).await;
        stays_in("a").await;
    }));
    context("outer").sync_scope(|| {
        for _ in 0..40 {
            assert_pending!(task.poll());
            assert_eq!(here(), "outer");
        }
        assert_ready!(task.poll());
    });
}

#[test]
fn the_same_context_may_be_entered_twice() {
    let twice = context("a");
    finish(twice.clone().scope(async {
        twice.clone().scope(stays_in("a")).await;
        twice.sync_scope(|| assert_eq!(here(), "a"));
        assert_eq!(here(), "a");
    }));
    assert_eq!(here(), "nowhere");
}

#[test]
fn two_wrappers_around_one_future_the_inner_one_wins() {
    let log = Log::default();
    let probe = Probe::new(&log).pending(1);
    finish(probe.in_context(context("inner")).in_context(context("outer")));
    assert_eq!(log.take(), ["poll in inner", "poll in inner", "drop in inner"]);
}

#[test]
fn a_scope_may_be_entered_in_a_drop_while_its_own_is_left() {
    struct Enters(Log);
    impl Drop for Enters {
        fn drop(&mut self) {
            self.0.note("before");
            context("b").sync_scope(|| self.0.note("within"));
            self.0.note("after");
        }
    }
    let log = Log::default();
    let enters = Enters(log.clone());
    finish(context("a").scope(async move { drop(enters) }));
    drop(context("c").scope(std::future::ready(Enters(log.clone()))));
    let expected =
        ["before in a", "within in b", "after in a", "before in c", "within in b", "after in c"];
    assert_eq!(log.take(), expected);
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// `levels` scopes around `core`, each of which looks around before and after the one within.
fn nested(levels: usize, core: impl Future<Output = ()> + Send + 'static) -> Boxed {
    let mut future: Boxed = Box::pin(core);
    for level in 0..levels {
        let name = format!("level-{level}");
        let inner = future;
        future = Box::pin(context(&name).scope(async move {
            assert_eq!(here(), name);
            inner.await;
            assert_eq!(here(), name);
        }));
    }
    future
}

#[test]
fn a_thousand_scopes_deep_each_level_has_its_own_context() {
    let log = Log::default();
    let mut task = task::spawn(nested(DEEP, context("core").scope(Probe::new(&log).pending(2))));
    assert_pending!(task.poll());
    assert_eq!(here(), "nowhere");
    assert_pending!(task.poll());
    assert_eq!(here(), "nowhere");
    assert_ready!(task.poll());
    assert_eq!(here(), "nowhere");
    assert_eq!(log.take(), ["poll in core", "poll in core", "poll in core", "drop in core"]);
}

#[test]
fn a_thousand_scopes_deep_a_drop_and_a_panic_restore_every_level() {
    let log = Log::default();
    let mut cancelled =
        task::spawn(nested(DEEP, context("core").scope(Probe::new(&log).forever())));
    assert_pending!(cancelled.poll());
    drop(cancelled);
    assert_eq!(log.take(), ["poll in core", "drop in core"]);
    assert_eq!(here(), "nowhere");

    drop(nested(DEEP, context("core").scope(Probe::new(&log))));
    assert_eq!(log.take(), ["drop in core"]);
    assert_eq!(here(), "nowhere");

    let panicking = context("core").scope(Probe::new(&log).panicking_when_polled());
    let mut panicking = task::spawn(nested(DEEP, panicking));
    panics_as_planted(|| panicking.poll());
    assert_eq!(here(), "nowhere");
    drop(panicking);
    assert_eq!(log.take(), ["poll in core", "drop in core"]);
}

#[test]
fn a_thousand_sync_scopes_deep_each_level_has_its_own_context() {
    fn descend(level: usize) {
        let name = format!("level-{level}");
        context(&name).sync_scope(|| {
            assert_eq!(here(), name);
            if level < DEEP {
                descend(level + 1);
            }
            assert_eq!(here(), name);
        });
    }
    descend(0);
    assert_eq!(here(), "nowhere");
}

#[test]
fn a_derived_context_shadows_the_one_it_came_from() {
    finish(context("a").scope(async {
        let derived = RequestContext::current().to_builder().user("ada".parse().unwrap()).build();
        derived
            .scope(async {
                assert_eq!(here(), "a");
                assert_eq!(RequestContext::current().user().unwrap().as_str(), "ada");
            })
            .await;
        assert!(RequestContext::current().user().is_none());
    }));
}
