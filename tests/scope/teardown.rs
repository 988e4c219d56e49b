//! While a thread's local storage is torn down, reads answer `NoContext` and drops do not panic.

#![expect(clippy::disallowed_methods, reason = "a thread is to end here, with what is in it")]

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::here;
use crate::support::poll_once;
use bytes::Bytes;
use futures::stream;
use http_body_util::Full;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::NoContext;
use request_context::RequestContext;
use request_context::StreamInContext;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use request_context::try_carry;
use request_context::try_carry_fn;
use request_context::try_carry_mut;
use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

type Work = Box<dyn FnOnce()>;
type Outcome = Arc<Mutex<Option<thread::Result<()>>>>;

/// Does its work when the thread's local storage is torn down. A panic would abort there.
struct Late {
    work: Option<Work>,
    outcome: Outcome,
}

impl Drop for Late {
    fn drop(&mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(self.work.take().unwrap()));
        *self.outcome.lock().unwrap() = Some(outcome);
    }
}

/// The thread-local in which the current context is kept, at the time the work is done.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Gone,
    StillThere,
}

/// Calls `prepare` on a new thread, and what it returns while that thread is torn down.
///
/// Destructors run in reverse order of registration, which is that of the first touch.
fn at_teardown(slot: Slot, prepare: impl FnOnce() -> Work + Send + 'static) {
    let outcome = Outcome::default();
    let late_outcome = Arc::clone(&outcome);
    let thread = thread::spawn(move || {
        let touch_the_slot = RequestContext::in_scope;
        if slot == Slot::StillThere {
            touch_the_slot();
        }
        LATE.with(|_| ());
        touch_the_slot();
        let work = prepare();
        // A scope can be entered in a destructor as long as the slot is there.
        let log = Log::default();
        let witness = context("witness").scope(Probe::new(&log));
        let work: Work = Box::new(move || {
            drop(witness);
            let expected = match slot {
                Slot::Gone => "drop in nowhere",
                Slot::StillThere => "drop in witness",
            };
            assert_eq!(log.take(), [expected], "the order of destruction is not as planned");
            work();
        });
        LATE.set(Some(Late { work: Some(work), outcome: late_outcome }));
    });
    thread.join().unwrap();
    match outcome.lock().unwrap().take() {
        Some(Ok(())) => {}
        Some(Err(payload)) => resume_unwind(payload),
        None => panic!("the destructor did not run"),
    }
}

fn in_both_orders(prepare: fn(Slot) -> Work) {
    for slot in [Slot::Gone, Slot::StillThere] {
        at_teardown(slot, move || prepare(slot));
    }
}

/// Drops what `make` makes in the scope "a", around a value that writes where it is dropped.
fn is_dropped_quietly<T: 'static>(make: fn(OnDrop) -> T) {
    for slot in [Slot::Gone, Slot::StillThere] {
        at_teardown(slot, move || {
            let log = Log::default();
            let value = OnDrop(log.clone());
            let adapter = context("a").sync_scope(|| make(value));
            Box::new(move || {
                drop(adapter);
                let expected = match slot {
                    Slot::Gone => "drop in nowhere",
                    Slot::StillThere => "drop in a",
                };
                assert_eq!(log.take(), [expected], "{slot:?}");
                assert_eq!(here(), "nowhere");
            })
        });
    }
}

async fn holding(value: OnDrop) {
    let _value = value;
    std::future::pending::<()>().await;
}

#[test]
fn the_try_reads_answer_no_context() {
    in_both_orders(|_| {
        Box::new(|| {
            let _: NoContext = RequestContext::try_current().unwrap_err();
            let _: NoContext = RequestContext::try_with(|_| ()).unwrap_err();
            assert!(!RequestContext::in_scope());
        })
    });
}

#[test]
fn the_try_carriers_answer_no_context() {
    in_both_orders(|_| {
        Box::new(|| {
            assert!(try_carry(|| ()).is_err());
            assert!(try_carry_mut(|()| ()).is_err());
            assert!(try_carry_fn(|()| ()).is_err());
            assert!(ContextExt::try_in_current_context(async {}).is_err());
            assert!(ContextStreamExt::try_in_current_context(stream::empty::<()>()).is_err());
            let body = Full::new(Bytes::new());
            assert!(ContextBodyExt::try_in_current_context(body).is_err());
        })
    });
}

#[test]
fn the_default_of_a_body_is_in_no_context() {
    in_both_orders(|_| {
        Box::new(|| {
            let body = request_context::BodyInContext::<Full<Bytes>>::default();
            assert!(body.context().is_none());
        })
    });
}

#[test]
fn a_future_in_a_context_is_dropped_quietly() {
    is_dropped_quietly(|value| context("a").scope(holding(value)));
    is_dropped_quietly(|value| {
        let mut started = Box::pin(context("a").scope(holding(value)));
        assert!(poll_once(started.as_mut()).is_pending());
        started
    });
}

#[test]
fn a_carried_future_is_dropped_quietly() {
    is_dropped_quietly(|value| holding(value).in_current_context());
    is_dropped_quietly(|value| {
        let mut started = Box::pin(holding(value).in_current_context());
        assert!(poll_once(started.as_mut()).is_pending());
        started
    });
}

#[test]
fn a_stream_in_a_context_is_dropped_quietly() {
    is_dropped_quietly(|value| {
        ContextStreamExt::in_current_context(stream::poll_fn(move |_| {
            let _value = &value;
            std::task::Poll::Ready(Some(()))
        }))
    });
    is_dropped_quietly(|value| StreamInContext::new(context("a"), value));
}

#[test]
fn a_body_in_a_context_is_dropped_quietly() {
    is_dropped_quietly(|value| {
        let data = Bytes::from_static(b"data");
        let body = http_body_util::BodyExt::map_frame(Full::new(data), move |frame| {
            let _value = &value;
            frame
        });
        ContextBodyExt::in_current_context(body)
    });
    is_dropped_quietly(|value| request_context::BodyInContext::new(context("a"), value));
}

#[test]
fn a_carried_closure_is_dropped_quietly() {
    is_dropped_quietly(|value| carry(move || drop(value)));
    is_dropped_quietly(|value| {
        carry_mut(move |()| {
            let _value = &value;
        })
    });
    is_dropped_quietly(|value| {
        carry_fn(move |()| {
            let _value = &value;
        })
    });
}

#[test]
fn a_context_and_its_values_are_dropped_quietly() {
    in_both_orders(|_| {
        let log = Log::default();
        let current = context("a").to_builder().insert(OnDrop(log.clone())).build();
        Box::new(move || {
            drop(current);
            assert_eq!(log.take(), ["drop in nowhere"]);
        })
    });
}

#[test]
fn a_scope_can_be_entered_as_long_as_the_slot_is_there() {
    at_teardown(Slot::StillThere, || {
        let carried = context("a").sync_scope(|| carry(here));
        Box::new(move || {
            assert_eq!(context("b").sync_scope(here), "b");
            assert_eq!(carried(), "a");
        })
    });
}

#[test]
fn once_the_slot_is_gone_entering_a_scope_panics_as_documented() {
    at_teardown(Slot::Gone, || {
        Box::new(|| {
            let entered = catch_unwind(|| context("b").sync_scope(here));
            assert!(entered.is_err());
        })
    });
}

/// Carries in a span of a subscriber whose own thread-locals are gone by then, too.
fn in_a_span<T>(carry: impl FnOnce() -> T) -> T {
    tracing::subscriber::with_default(tracing_subscriber::Registry::default(), || {
        let span = tracing::info_span!("carried");
        assert!(span.id().is_some(), "the subscriber takes spans");
        span.in_scope(carry)
    })
}

#[test]
fn a_closure_carried_in_a_span_is_dropped_quietly() {
    is_dropped_quietly(|value| in_a_span(|| carry(move || drop(value))));
}

#[test]
fn a_future_carried_in_a_span_is_dropped_quietly() {
    is_dropped_quietly(|value| in_a_span(|| holding(value).in_current_context()));
}
