//! `observe`: sinks that only the program knows of.

use super::Sink;
use super::observer::Observer;
use super::observer::Place;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Observer>>> = const { RefCell::new(None) };
}

/// Shows a running [`LeakTest`](crate::testing::LeakTest) what the session that this code works for
/// gives away: a mail, a row of a report, a label of a metric. For requests to other servers there is
/// [`ObserveOutgoingLayer`](super::ObserveOutgoingLayer).
///
/// To be called from the stand-in that a test has for it. Whose it is follows from the schedule, and in
/// a task of nobody from the current context. Outside a run it does nothing.
///
/// ```
/// use request_context::testing::Sink;
/// use request_context::testing::observe;
///
/// fn send_mail(to: &str, text: &str) {
///     observe(Sink::Outgoing, "mail", format!("{to}: {text}"));
/// }
/// # send_mail("ada@example.com", "hello");
/// ```
pub fn observe(sink: Sink, place: &str, what: impl AsRef<[u8]>) {
    let Some(observer) = current() else { return };
    if let Some(seer) = observer.board.whose() {
        let place = Place { seer: Some(seer), sink, name: place, request: None };
        observer.look(place, what.as_ref());
    }
}

/// The observer of the run on this thread.
pub(super) fn current() -> Option<Arc<Observer>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// Has `observe` on this thread show things to `observer`, or to nobody.
pub(crate) fn set_observer(observer: Option<Arc<Observer>>) {
    let before = CURRENT.try_with(|current| current.replace(observer));
    drop(before);
}
