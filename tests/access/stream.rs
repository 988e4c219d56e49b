//! A stream ends with its permit.

use crate::support::Chart;
use crate::support::Lines;
use crate::support::chart;
use crate::support::of;
use crate::support::portal;
use crate::support::request;
use crate::support::user;
use futures::FutureExt;
use futures::Stream;
use futures::StreamExt;
use futures::stream;
use request_context::ContextStreamExt;
use request_context::RequestContext;
use request_context::SessionId;
use request_context::access;
use request_context::access::AccessError;
use request_context::access::Action;
use request_context::access::PermittedStream;
use request_context::access::policy::Policy;
use request_context::access::policy::Question;
use request_context::access::policy::Verdict;
use request_context::owner::Owner;
use request_context::session::MemoryStore;
use request_context::session::Outbox;
use request_context::session::Session;
use request_context::session::Sessions;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::advance;
use tokio_test::assert_pending;
use tokio_test::assert_ready;
use tokio_test::task;

const MINUTE: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);

/// The policy while the flag is true.
fn while_allowed(flag: &Arc<AtomicBool>) -> Policy {
    let flag = Arc::clone(flag);
    Policy::new(move |_: &Question<'_>| match flag.load(Ordering::Relaxed) {
        true => Verdict::allow(),
        false => Verdict::deny("no longer"),
    })
}

async fn guarded<S: Stream>(context: &RequestContext, inner: S) -> PermittedStream<S, Chart> {
    let asked = async { access::authorize(Action::Read, &chart()).await };
    context.clone().scope(asked).await.unwrap().guard(inner)
}

/// The items until the first error, which is also the last.
async fn drain(
    stream: impl Stream<Item = Result<u32, AccessError>>,
) -> (Vec<u32>, Option<AccessError>) {
    let mut stream = Box::pin(stream);
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(item) => items.push(item),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the end");
                return (items, Some(error));
            }
        }
    }
    assert!(stream.next().await.is_none());
    (items, None)
}

#[tokio::test]
async fn while_the_permit_holds_every_item_comes_and_no_other_record() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let stream = guarded(&context, stream::iter(0..5)).await.in_context(context);
    let (items, error) = drain(stream).await;
    assert_eq!(items, [0, 1, 2, 3, 4]);
    assert!(error.is_none());
    assert_eq!(lines.records().len(), 1);
}

/// A session of pat's, its ID, and a context in it.
async fn in_session() -> (Sessions, SessionId, RequestContext) {
    let sessions = Sessions::new(MemoryStore::default());
    let (_, opened) = sessions.create(&Owner::user(user("pat"))).await.unwrap();
    let id = opened.id().clone();
    let context = of("pat", "", &Lines::default()).to_builder().session(id.clone()).build();
    let context = sessions.enter(&context, Some(opened), &Outbox::default()).unwrap();
    (sessions, id, context)
}

#[tokio::test]
async fn it_ends_with_an_error_when_the_session_is_over_and_asks_for_no_more_items() {
    let (sessions, id, context) = in_session().await;
    let polled = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&polled);
    let inner = stream::iter(0..).inspect(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let mut stream = Box::pin(guarded(&context, inner).await.in_context(context));
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    sessions.delete(&id).await.unwrap();
    assert!(stream.next().await.unwrap().unwrap_err().is_revoked());
    assert!(stream.next().await.is_none());
    assert_eq!(polled.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_the_inner_stream_gives_when_the_session_ends_meanwhile_is_not_given_out() {
    let (sessions, id, context) = in_session().await;
    let inner = stream::once(async move {
        sessions.delete(&id).await.unwrap();
        7
    });
    let (items, error) = drain(guarded(&context, inner).await.in_context(context)).await;
    assert!(items.is_empty() && error.unwrap().is_revoked());
}

#[tokio::test]
async fn a_stream_that_waits_for_its_next_item_is_woken_when_the_session_ends() {
    let (sessions, id, context) = in_session().await;
    let inner = stream::iter(0..1).chain(stream::pending());
    let stream = guarded(&context, inner).await.in_context(context);
    let mut stream = task::spawn(stream);
    assert_eq!(assert_ready!(stream.poll_next()).unwrap().unwrap(), 0);
    assert_pending!(stream.poll_next());
    assert!(!stream.is_woken());
    sessions.delete(&id).await.unwrap();
    assert!(stream.is_woken());
    assert!(assert_ready!(stream.poll_next()).unwrap().unwrap_err().is_revoked());
    assert!(assert_ready!(stream.poll_next()).is_none());
}

/// Under a clock that stands still nobody waits for a trail: time would go on to the next timer.
async fn in_session_off_record() -> RequestContext {
    let sessions = Sessions::new(MemoryStore::default());
    let (_, opened) = sessions.create(&Owner::user(user("pat"))).await.unwrap();
    let context = RequestContext::builder().insert(Policy::new(portal()).without_trail());
    let context = context.user(user("pat")).session(opened.id().clone()).build();
    sessions.enter(&context, Some(opened), &Outbox::default()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_for_its_next_item_is_woken_when_the_session_expires() {
    let context = in_session_off_record().await;
    let inner = stream::iter(0..1).chain(stream::pending());
    let stream = guarded(&context, inner).await.in_context(context.clone());
    let mut stream = task::spawn(stream);
    assert_eq!(assert_ready!(stream.poll_next()).unwrap().unwrap(), 0);
    assert_pending!(stream.poll_next());
    advance(20 * MINUTE).await;
    context.scope(async { Session::current().touch().await }).await.unwrap();
    advance(15 * MINUTE).await;
    if stream.is_woken() {
        assert_pending!(stream.poll_next(), "it was used, and goes on");
    }
    advance(14 * MINUTE).await;
    assert!(!stream.is_woken(), "not before it expires");
    advance(MINUTE).await;
    assert!(stream.is_woken());
    assert!(assert_ready!(stream.poll_next()).unwrap().unwrap_err().is_revoked());
    assert!(assert_ready!(stream.poll_next()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_for_its_next_item_asks_the_policy_anew_after_each_interval() {
    let flag = Arc::new(AtomicBool::new(true));
    let policy = while_allowed(&flag).without_trail();
    let context = RequestContext::builder().insert(policy).user(user("pat")).build();
    let stream = guarded(&context, stream::pending::<u32>()).await.recheck_after(MINUTE);
    let mut stream = task::spawn(stream.in_context(context));
    for _ in 0..3 {
        assert_pending!(stream.poll_next());
        advance(MINUTE - MILLISECOND).await;
        assert!(!stream.is_woken());
        advance(2 * MILLISECOND).await;
        assert!(stream.is_woken());
    }
    assert_pending!(stream.poll_next(), "it is still allowed");
    flag.store(false, Ordering::Relaxed);
    advance(MINUTE + MILLISECOND).await;
    assert!(stream.is_woken());
    assert!(assert_ready!(stream.poll_next()).unwrap().unwrap_err().is_denied());
    assert!(assert_ready!(stream.poll_next()).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_interval_of_nothing_asks_for_every_item_and_does_not_turn_while_there_is_none() {
    let flag = Arc::new(AtomicBool::new(true));
    let policy = while_allowed(&flag).without_trail();
    let context = RequestContext::builder().insert(policy).user(user("pat")).build();
    let inner = stream::iter(0..2).chain(stream::pending());
    let stream = guarded(&context, inner).await.recheck_after(Duration::ZERO);
    let mut stream = task::spawn(stream.in_context(context));
    assert_eq!(assert_ready!(stream.poll_next()).unwrap().unwrap(), 0);
    assert_eq!(assert_ready!(stream.poll_next()).unwrap().unwrap(), 1);
    assert_pending!(stream.poll_next());
    assert!(!stream.is_woken());
}

#[test]
fn outside_every_runtime_an_idle_stream_waits_for_its_next_item_alone() {
    let policy = Policy::new(portal()).without_trail();
    let context = RequestContext::builder().insert(policy).user(user("pat")).build();
    let stream = pollster::block_on(guarded(&context, stream::pending::<u32>()));
    let stream = stream.recheck_after(MINUTE).in_context(context);
    assert_pending!(task::spawn(stream).poll_next());
}

#[tokio::test]
async fn outside_its_context_nothing_comes_out() {
    let lines = Lines::default();
    let stream = guarded(&of("pat", "", &lines), stream::iter(0..5)).await;
    let (items, error) = drain(stream).await;
    assert!(items.is_empty() && error.unwrap().as_permit_error().unwrap().is_outside());
    let stream = guarded(&of("pat", "", &lines), stream::iter(0..5)).await;
    let (items, error) = drain(stream.in_context(of("eve", "", &lines))).await;
    assert!(items.is_empty() && error.unwrap().as_permit_error().unwrap().is_other_owner());
}

#[tokio::test]
async fn the_policy_is_asked_anew_after_each_so_many_items_each_time_on_record() {
    let lines = Lines::default();
    let flag = Arc::new(AtomicBool::new(true));
    let context = request(while_allowed(&flag), &lines).user(user("pat")).build();
    let forbid = Arc::clone(&flag);
    let inner = stream::iter(0..100).inspect(move |n| forbid.store(*n < 5, Ordering::Relaxed));
    let stream = guarded(&context, inner).await.recheck_every(2).in_context(context.clone());
    let (items, error) = drain(stream).await;
    assert_eq!(items, [0, 1, 2, 3, 4, 5], "the sixth was not asked about");
    assert!(error.unwrap().is_denied());
    let outcomes: Vec<_> = lines.records().iter().map(|r| r["outcome"].clone()).collect();
    assert_eq!(outcomes, ["allowed", "allowed", "allowed", "denied"]);
}

#[tokio::test(start_paused = true)]
async fn the_policy_is_asked_anew_for_the_first_item_after_each_interval() {
    let lines = Lines::default();
    let flag = Arc::new(AtomicBool::new(true));
    let context = request(while_allowed(&flag), &lines).user(user("pat")).build();
    let stream = guarded(&context, stream::iter(0..)).await.recheck_after(MINUTE);
    let mut stream = Box::pin(stream.in_context(context));
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    advance(MINUTE - Duration::from_nanos(1)).await;
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    assert_eq!(lines.records().len(), 1, "not a nanosecond too early");
    advance(Duration::from_nanos(1)).await;
    assert_eq!(stream.next().await.unwrap().unwrap(), 2);
    assert_eq!(stream.next().await.unwrap().unwrap(), 3);
    assert_eq!(lines.records().len(), 2);
    flag.store(false, Ordering::Relaxed);
    assert_eq!(stream.next().await.unwrap().unwrap(), 4);
    advance(MINUTE).await;
    assert!(stream.next().await.unwrap().unwrap_err().is_denied());
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_item_waits_for_the_answer_and_is_not_lost() {
    use request_context::access::policy::Decide;
    use request_context::access::policy::Decided;
    use tokio::sync::Semaphore;

    struct AfterSignal(Arc<Semaphore>);
    impl Decide for AfterSignal {
        fn decide(&self, _: &Question<'_>) -> Decided {
            let signal = Arc::clone(&self.0);
            Decided::later(async move {
                signal.acquire().await.unwrap().forget();
                Verdict::allow()
            })
        }
    }

    let (lines, signal) = (Lines::default(), Arc::new(Semaphore::new(1)));
    let policy = Policy::new(AfterSignal(Arc::clone(&signal)));
    let context = request(policy, &lines).user(user("pat")).build();
    let stream = guarded(&context, stream::iter(0..3)).await.recheck_every(1);
    let mut stream = Box::pin(stream.in_context(context));
    assert_eq!(stream.next().await.unwrap().unwrap(), 0);
    assert!(stream.next().now_or_never().is_none(), "the item waits");
    assert!(stream.next().now_or_never().is_none());
    signal.add_permits(2);
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    assert_eq!(stream.next().await.unwrap().unwrap(), 2);
    assert!(stream.next().await.is_none());
    assert_eq!(lines.records().len(), 3);
}

#[tokio::test]
async fn a_recheck_that_cannot_be_put_on_record_ends_it() {
    let lines = Lines::default();
    let context = of("pat", "", &lines);
    let stream = guarded(&context, stream::iter(0..3)).await.recheck_every(1);
    let trail: access::trail::Trail = context.get::<access::trail::Trail>().unwrap().clone();
    trail.close().await.unwrap();
    let (items, error) = drain(stream.in_context(context)).await;
    assert_eq!(items, [0]);
    assert!(error.unwrap().is_trail_failed());
}
