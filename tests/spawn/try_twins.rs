//! The `try_` twins outside a scope: a typed error, nothing started, everything given dropped.

use crate::support::current_thread;
use bytes::Bytes;
use futures::StreamExt;
use http_body_util::BodyExt;
use http_body_util::Full;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::NoContext;
use request_context::RequestContext;
use request_context::thread;
use request_context::try_carry;
use request_context::try_carry_fn;
use request_context::try_carry_mut;
use request_context::try_spawn;
use request_context::try_spawn_blocking;
use request_context::try_spawn_detached;
use request_context::try_spawn_local;
use request_context::try_spawn_with;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

/// Owned by work; running it is what must not happen.
struct Work {
    started: Arc<AtomicBool>,
}

impl Work {
    fn run(self) {
        self.started.store(true, Ordering::SeqCst);
    }

    async fn run_async(self) {
        self.run();
    }
}

/// Hands work to a twin, and finds that it refused, that the work is gone, and that it never began.
fn expect_refusal<R>(twin: impl FnOnce(Work) -> Result<R, NoContext>) {
    let started = Arc::new(AtomicBool::new(false));
    let work = Work { started: Arc::clone(&started) };
    let refused = twin(work).err();
    assert!(refused.is_some(), "the twin accepted work outside a scope");
    // The only other owner was the work.
    let started = Arc::into_inner(started).expect("the work was dropped at once");
    assert!(!started.into_inner(), "the work was started");
}

#[test]
fn the_error_names_the_type_and_the_remedies() {
    let error = RequestContext::try_current().unwrap_err();
    let text = error.to_string();
    for word in ["RequestContext", "scope", "in_current_context", "carry", "spawn"] {
        assert!(text.contains(word), "{word} is missing in {text:?}");
    }
    let _: &(dyn std::error::Error + Send + Sync + 'static) = &error;
}

#[test]
fn the_reads_answer_with_an_error() {
    RequestContext::try_current().unwrap_err();
    expect_refusal(|work| RequestContext::try_with(|_| work.run()));
    assert!(!RequestContext::in_scope());
}

#[test]
fn the_adapters_refuse() {
    expect_refusal(|work| ContextExt::try_in_current_context(work.run_async()));
    expect_refusal(|work| {
        let stream = futures::stream::once(work.run_async()).boxed();
        ContextStreamExt::try_in_current_context(stream)
    });
    expect_refusal(|work| {
        let mut work = Some(work);
        let body = Full::new(Bytes::new()).map_frame(move |frame| {
            work.take().unwrap().run();
            frame
        });
        ContextBodyExt::try_in_current_context(body)
    });
}

#[test]
fn the_closures_refuse() {
    expect_refusal(|work| try_carry(|| work.run()));
    expect_refusal(|work| {
        let mut work = Some(work);
        try_carry_mut(move |()| work.take().map(Work::run)).map(drop)
    });
    expect_refusal(|work| {
        try_carry_fn(move |()| work.started.store(true, Ordering::SeqCst)).map(drop)
    });
}

#[test]
fn the_spawn_family_refuses() {
    current_thread().block_on(async {
        expect_refusal(|work| try_spawn(work.run_async()));
        expect_refusal(|work| try_spawn_blocking(|| work.run()));
        expect_refusal(|work| try_spawn_detached(work.run_async()));
        // Whatever was started would run before this comes back.
        tokio::task::yield_now().await;
    });
    expect_refusal(|work| thread::try_spawn(|| work.run()));
    expect_refusal(|work| try_spawn_with(work.run_async(), |_| panic!("spawner called")));
}

#[test]
fn the_spawn_family_refuses_without_a_runtime_too() {
    expect_refusal(|work| try_spawn(work.run_async()));
    expect_refusal(|work| try_spawn_blocking(|| work.run()));
    expect_refusal(|work| try_spawn_detached(work.run_async()));
    expect_refusal(|work| try_spawn_local(work.run_async()));
}

#[test]
fn the_local_spawns_refuse() {
    let local = LocalSet::new();
    expect_refusal(|work| local.try_spawn_local_in_context(work.run_async()));
    let inside = async {
        expect_refusal(|work| try_spawn_local(work.run_async()));
        let mut set = JoinSet::new();
        expect_refusal(|work| set.try_spawn_local_in_context(work.run_async()));
        assert!(set.is_empty());
    };
    local.block_on(&current_thread(), inside);
}

#[test]
fn the_methods_of_a_join_set_refuse_and_leave_it_empty() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        expect_refusal(|work| set.try_spawn_in_context(work.run_async()));
        expect_refusal(|work| set.try_spawn_blocking_in_context(|| work.run()));
        assert!(set.is_empty());
    });
}

#[test]
fn the_methods_of_a_handle_refuse() {
    current_thread().block_on(async {
        let handle = Handle::current();
        expect_refusal(|work| handle.try_spawn_in_context(work.run_async()));
        expect_refusal(|work| handle.try_spawn_blocking_in_context(|| work.run()));
    });
}
