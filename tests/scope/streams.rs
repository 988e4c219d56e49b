//! A stream is asked, polled and dropped in its context, and says exactly what it said before.

use crate::support::Log;
use crate::support::OnDrop;
use crate::support::Probe;
use crate::support::context;
use crate::support::finish;
use crate::support::here;
use crate::support::panics_as_planted;
use crate::support::planted_panic;
use crate::support::yield_once;
use futures::FutureExt;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use futures::stream::FusedStream;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::StreamInContext;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

/// Yields `left`, `left - 1` … 1, with a pending poll before each, and writes what is done to it.
#[derive(Debug)]
struct Countdown {
    log: Log,
    left: usize,
    slept: bool,
    ended: bool,
}

impl Countdown {
    fn from(left: usize, log: &Log) -> Self {
        Self { log: log.clone(), left, slept: false, ended: false }
    }
}

impl Stream for Countdown {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        self.log.note("poll_next");
        assert!(!self.ended, "polled after its end");
        if self.left == 0 {
            self.ended = true;
            return Poll::Ready(None);
        }
        self.slept = !self.slept;
        if self.slept {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.left -= 1;
        Poll::Ready(Some(self.left + 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.log.note("size_hint");
        (self.left, Some(self.left))
    }
}

impl FusedStream for Countdown {
    fn is_terminated(&self) -> bool {
        self.log.note("is_terminated");
        self.ended
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.log.note("drop");
    }
}

#[test]
fn every_call_reaches_the_stream_in_its_context() {
    let log = Log::default();
    let mut stream = task::spawn(Countdown::from(1, &log).in_context(context("a")));
    context("b").sync_scope(|| {
        assert_pending!(stream.poll_next());
        assert_eq!(stream.size_hint(), (1, Some(1)));
        assert_eq!(assert_ready!(stream.poll_next()), Some(1));
        assert_eq!(stream.size_hint(), (0, Some(0)));
        assert!(!stream.is_terminated());
        assert_eq!(assert_ready!(stream.poll_next()), None);
        assert!(stream.is_terminated());
        drop(stream);
        assert_eq!(here(), "b");
    });
    let expected = [
        "poll_next in a",
        "size_hint in a",
        "poll_next in a",
        "size_hint in a",
        "is_terminated in a",
        "poll_next in a",
        "is_terminated in a",
        "drop in a",
    ];
    assert_eq!(log.take(), expected);
    assert_eq!(here(), "nowhere");
}

#[test]
fn it_yields_what_the_stream_yields_and_ends_when_it_ends() {
    let log = Log::default();
    let items = finish(Countdown::from(3, &log).in_context(context("a")).collect::<Vec<_>>());
    assert_eq!(items, [3, 2, 1]);
    assert_eq!(log.take().last().unwrap(), "drop in a");
}

#[test]
fn carried_it_captures_at_the_call_and_not_at_the_first_poll() {
    let log = Log::default();
    let stream = context("a").sync_scope(|| Countdown::from(1, &log).in_current_context());
    assert_eq!(stream.context().request_id().as_str(), "a");
    assert_eq!(finish(context("b").scope(stream.collect::<Vec<_>>())), [1]);
    assert!(log.take().iter().all(|line| line.ends_with(" in a")));
}

#[test]
fn never_polled_it_is_dropped_in_its_context() {
    let log = Log::default();
    drop(Countdown::from(1, &log).in_context(context("a")));
    drop(context("b").sync_scope(|| Countdown::from(1, &log).in_current_context()));
    drop(StreamInContext::new(context("c"), Countdown::from(1, &log)));
    assert_eq!(log.take(), ["drop in a", "drop in b", "drop in c"]);
    assert_eq!(here(), "nowhere");
}

#[test]
fn try_in_current_context_carries_inside_and_drops_the_stream_outside() {
    let log = Log::default();
    let inside = context("a").sync_scope(|| Countdown::from(1, &log).try_in_current_context());
    drop(inside.unwrap());
    assert!(Countdown::from(1, &log).try_in_current_context().is_err());
    assert_eq!(log.take(), ["drop in a", "drop in nowhere"]);
}

#[test]
fn a_panic_while_polled_restores_and_the_drop_still_comes_in_the_context() {
    let log = Log::default();
    let value = OnDrop(log.clone());
    let panicking = stream::poll_fn(move |_| -> Poll<Option<()>> {
        value.0.note("poll");
        planted_panic()
    });
    let mut stream = task::spawn(panicking.in_context(context("a")));
    context("b").sync_scope(|| {
        panics_as_planted(|| stream.poll_next());
        assert_eq!(here(), "b");
        drop(stream);
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["poll in a", "drop in a"]);
}

#[test]
fn a_panic_in_its_drop_restores_and_drops_once() {
    let log = Log::default();
    let probe = Probe::new(&log).panicking_when_dropped();
    let stream = ContextStreamExt::in_context(probe.into_stream(), context("a"));
    context("b").sync_scope(|| {
        panics_as_planted(|| drop(stream));
        assert_eq!(here(), "b");
    });
    assert_eq!(log.take(), ["drop in a"]);
}

#[test]
fn taken_back_the_inner_stream_is_outside_and_not_dropped() {
    let log = Log::default();
    let mut stream = Countdown::from(2, &log).in_context(context("a"));
    assert_eq!(stream.get_ref().left, 2);
    stream.get_mut().left = 1;
    assert_eq!(Pin::new(&mut stream).get_pin_mut().left, 1);
    let inner = stream.into_inner();
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(finish(inner.collect::<Vec<_>>()), [1]);
    assert_eq!(log.take().last().unwrap(), "drop in nowhere");
}

#[test]
fn wrapped_twice_the_inner_context_wins() {
    let log = Log::default();
    let stream = Countdown::from(1, &log).in_context(context("inner")).in_context(context("outer"));
    assert_eq!(stream.context().request_id().as_str(), "outer");
    assert_eq!(finish(stream.collect::<Vec<_>>()), [1]);
    assert!(log.take().iter().all(|line| line.ends_with(" in inner")));
}

#[test]
fn two_streams_selected_in_one_task_do_not_mix() {
    let ids = |name: &str| {
        let ids = stream::repeat_with(here).take(10).then(|id| async {
            yield_once().await;
            (id, here())
        });
        ids.in_context(context(name))
    };
    let all = stream::select(Box::pin(ids("a")), Box::pin(ids("b")));
    let seen = finish(context("outer").scope(all.collect::<Vec<_>>()));
    let count =
        |name: &str| seen.iter().filter(|(made, awaited)| made == name && awaited == name).count();
    assert_eq!((count("a"), count("b"), seen.len()), (10, 10, 20));
}

#[test]
fn it_is_in_exactly_the_context_given_which_stays_readable() {
    let given = RequestContext::new();
    let stream = stream::empty::<()>().in_context(given.clone());
    assert_eq!(stream.context().request_id(), given.request_id());
}
