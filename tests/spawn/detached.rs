//! Work that outlives its request: what it is told, and what it does not keep alive.

use crate::support::current_thread;
use crate::support::on_each_runtime;
use crate::support::user;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::spawn;
use request_context::spawn_detached;
use request_context::try_spawn_detached;
use std::future::pending;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::Weak;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::span;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

fn expect_detached_from(request: &RequestContext, detached: &RequestContext) {
    assert_eq!(detached.request_id(), request.request_id());
    assert_eq!(detached.session(), None);
    assert_eq!(detached.user(), None);
    assert_eq!(detached.on_behalf_of(), request.user());
    assert!(detached.require_session().unwrap_err().is_session());
    assert!(detached.require_user().unwrap_err().is_user());
}

#[test]
fn a_detached_context_keeps_the_request_and_names_the_user_and_leaves_authority_behind() {
    let request = user("ada");
    assert_eq!(request.on_behalf_of(), None);
    expect_detached_from(&request, &request.detach());
    assert_eq!(request.user().unwrap().as_str(), "ada");
}

#[test]
fn a_detached_task_keeps_the_request_and_names_the_user_and_leaves_authority_behind() {
    on_each_runtime(|| {
        user("ada").scope(async {
            let request = RequestContext::current();
            let task = spawn_detached(async { RequestContext::current() });
            expect_detached_from(&request, &task.await.unwrap());
            let task = try_spawn_detached(async { RequestContext::current() }).unwrap();
            expect_detached_from(&request, &task.await.unwrap());
            assert_eq!(RequestContext::current().user(), request.user());
        })
    });
}

#[test]
fn work_detached_from_detached_work_still_names_the_user() {
    on_each_runtime(|| {
        user("ada").scope(async {
            let request = RequestContext::current();
            let again = spawn_detached(async {
                let child = spawn(async { RequestContext::current().detach() });
                let detached = spawn_detached(async { RequestContext::current() });
                [child.await.unwrap(), detached.await.unwrap()]
            });
            for detached in again.await.unwrap() {
                expect_detached_from(&request, &detached);
            }
        })
    });
}

#[test]
fn work_detached_from_an_anonymous_request_names_nobody() {
    let request = RequestContext::new();
    expect_detached_from(&request, &request.detach());
}

/// Lives as long as the context that holds it.
struct Held(#[expect(dead_code, reason = "held to be counted")] Arc<()>);
impl ContextValue for Held {}

struct Farther;
impl ContextValue for Farther {
    const REACH: Reach = Reach::Beyond;
}

/// Ends a request while a task that it started is parked; what it held, if somebody still holds it.
async fn held_by(start: impl FnOnce(oneshot::Sender<()>) -> JoinHandle<()>) -> Weak<()> {
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    let request = user("ada").to_builder().insert(Held(held)).insert(Farther);
    let (parking, parked) = oneshot::channel();
    let task = request.build().sync_scope(|| start(parking));
    parked.await.unwrap();
    assert!(!task.is_finished());
    weak
}

async fn park(parking: oneshot::Sender<()>) {
    assert!(RequestContext::current().get::<Farther>().is_some());
    parking.send(()).unwrap();
    pending::<()>().await;
}

#[test]
fn a_parked_detached_task_keeps_nothing_of_the_request_alive() {
    on_each_runtime(async || {
        let weak = held_by(|parking| spawn_detached(park(parking))).await;
        assert!(weak.upgrade().is_none());
        let weak = held_by(|parking| try_spawn_detached(park(parking)).unwrap()).await;
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn a_parked_child_task_does_keep_its_request_alive() {
    on_each_runtime(async || {
        let weak = held_by(|parking| spawn(park(parking))).await;
        assert!(weak.upgrade().is_some());
    });
}

#[test]
fn a_detached_context_keeps_nothing_of_the_request_alive() {
    let held = Arc::new(());
    let request = user("ada").to_builder().insert(Held(Arc::clone(&held)));
    let request = request.insert(Farther).build();
    let detached = request.detach();
    drop(request);
    assert!(Arc::into_inner(held).is_some());
    assert!(detached.get::<Farther>().is_some());
}

/// What a layer is told of spans, by their names.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 += &format!(" {field}={value:?}");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Story {
    fn on_new_span(&self, span: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let name = span.metadata().name();
        let mut fields = Fields(String::new());
        span.record(&mut fields);
        let parent = context.span(id).unwrap().parent();
        let parent = parent.map_or("nothing", |parent| parent.name());
        self.add(format!("{name}{} under {parent}", fields.0));
    }

    fn on_follows_from(&self, id: &span::Id, cause: &span::Id, context: Context<'_, S>) {
        let name = |id| context.span(id).unwrap().name();
        self.add(format!("{} follows from {}", name(id), name(cause)));
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        self.add(format!("{} closes", context.span(&id).unwrap().name()));
    }
}

fn request() -> RequestContext {
    RequestContext::builder().request_id("r1".parse().unwrap()).build()
}

/// Runs all of a request that has a span.
fn in_span<R>(work: impl FnOnce() -> R) -> R {
    let span = tracing::info_span!("request");
    request().sync_scope(|| span.in_scope(work))
}

#[test]
fn the_span_of_a_detached_task_is_a_root_that_follows_from_the_current_one() {
    let story = Story::default();
    let subscriber = tracing_subscriber::registry().with(story.clone());
    let _default = tracing::subscriber::set_default(subscriber);
    current_thread().block_on(async {
        let (end, ended) = oneshot::channel();
        let task = in_span(|| {
            spawn_detached(async {
                ended.await.unwrap();
                tracing::info_span!("inner");
            })
        });
        let expected = [
            "request under nothing",
            "detached request.id=\"r1\" under nothing",
            "detached follows from request",
            "request closes",
        ];
        assert_eq!(story.take(), expected);

        end.send(()).unwrap();
        task.await.unwrap();
        let expected = ["inner under detached", "inner closes", "detached closes"];
        assert_eq!(story.take(), expected);
    });
}

#[test]
fn the_span_of_a_child_task_stays_open_until_the_child_ends() {
    let story = Story::default();
    let subscriber = tracing_subscriber::registry().with(story.clone());
    let _default = tracing::subscriber::set_default(subscriber);
    current_thread().block_on(async {
        let (end, ended) = oneshot::channel();
        let task = in_span(|| spawn(async { ended.await.unwrap() }));
        assert_eq!(story.take(), ["request under nothing"]);

        end.send(()).unwrap();
        task.await.unwrap();
        assert_eq!(story.take(), ["request closes"]);
    });
}

#[test]
fn detached_work_of_no_span_follows_from_nothing() {
    let story = Story::default();
    let subscriber = tracing_subscriber::registry().with(story.clone());
    let _default = tracing::subscriber::set_default(subscriber);
    let task = async { spawn_detached(async {}).await.unwrap() };
    current_thread().block_on(request().scope(task));
    let expected = ["detached request.id=\"r1\" under nothing", "detached closes"];
    assert_eq!(story.take(), expected);
}
