//! Where a subscriber sees the span of a request: in its context, and no longer than it lasts.

use crate::support::Script;
use crate::support::Step;
use crate::support::by_token;
use crate::support::here;
use crate::support::trusting;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use request_context::RequestContext;
use std::convert::Infallible;
use std::future::pending;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Poll;
use tokio_test::task;
use tower::Layer;
use tower::Service;

type Log = Arc<Mutex<Vec<String>>>;

fn take(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

struct Sees(Log);
impl<S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>>
    tracing_subscriber::Layer<S> for Sees
{
    fn on_new_span(
        &self,
        a: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.0.lock().unwrap().push(format!("new {} in {}", a.metadata().name(), here()));
    }
    fn on_record(
        &self,
        _: &tracing::span::Id,
        _: &tracing::span::Record<'_>,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.0.lock().unwrap().push(format!("record in {}", here()));
    }
    fn on_close(&self, id: tracing::span::Id, c: tracing_subscriber::layer::Context<'_, S>) {
        let name = c.span(&id).map(|s| s.name().to_owned());
        self.0.lock().unwrap().push(format!("close {} in {}", name.unwrap_or_default(), here()));
    }
}
fn seeing() -> (Log, tracing::subscriber::DefaultGuard) {
    use tracing_subscriber::layer::SubscriberExt;
    let log = Log::default();
    let guard = tracing::subscriber::set_default(
        tracing_subscriber::registry().with(Sees(Arc::clone(&log))),
    );
    (log, guard)
}

fn ada() -> Request {
    let request = Request::get("/").header("x-request-id", "r");
    request.header("authorization", "Bearer ada").body(Body::empty()).unwrap()
}

#[test]
fn it_is_seen_in_the_context_of_a_request_that_is_complete() {
    let (log, _guard) = seeing();
    let service = tower::service_fn(|_: Request| {
        ready(Ok::<_, Infallible>(Response::new(Script::new([Step::Data("x")]).telling_its_end())))
    });
    let mut call = task::spawn(trusting().authenticate(by_token).layer(service).call(ada()));
    let Poll::Ready(Ok(response)) = call.poll() else { panic!("no response") };
    let mut body = task::spawn(response.into_body());
    let b = body.enter(|cx, b| {
        use http_body::Body;
        b.poll_frame(cx)
    });
    assert!(b.is_ready());
    drop(body);
    drop(call);
    assert_eq!(take(&log), ["new request in r", "record in r", "close request in r"]);
}

#[test]
fn it_is_seen_in_the_context_of_a_request_that_is_dropped() {
    let (log, _guard) = seeing();
    let service = tower::service_fn(|_: Request| pending::<Result<Response<Body>, Infallible>>());
    let mut call = task::spawn(trusting().authenticate(by_token).layer(service).call(ada()));
    assert!(call.poll().is_pending());
    drop(call);
    assert_eq!(take(&log), ["new request in r", "record in r", "close request in r"]);
}

#[test]
fn it_is_seen_in_the_context_of_a_request_that_fails() {
    let (log, _guard) = seeing();
    let service = tower::service_fn(|_: Request| ready(Err::<Response<Body>, _>("failed")));
    let mut call = task::spawn(trusting().authenticate(by_token).layer(service).call(ada()));
    assert!(call.poll().is_ready());
    drop(call);
    assert_eq!(take(&log), ["new request in r", "record in r", "close request in r"]);
}

#[test]
fn it_is_seen_in_its_own_context_within_another_request() {
    let (log, _guard) = seeing();
    let other = RequestContext::builder().request_id("other".parse().unwrap()).build();
    let service = tower::service_fn(|_: Request| pending::<Result<Response<Body>, Infallible>>());
    other.sync_scope(|| {
        let mut call = task::spawn(trusting().authenticate(by_token).layer(service).call(ada()));
        assert!(call.poll().is_pending());
    });
    assert_eq!(take(&log), ["new request in r", "record in r", "close request in r"]);
}

#[test]
fn that_of_a_layer_further_in_closes_with_its_part() {
    let (log, _guard) = seeing();
    let app =
        tower::service_fn(|_: Request| ready(Ok::<_, Infallible>(Response::new(Body::empty()))));
    let inner = trusting().make_span(|_, _| tracing::info_span!("inner")).layer(app);
    let seen = Arc::clone(&log);
    let outer = tower::service_fn(move |request: Request| {
        let mut inner = inner.clone();
        let seen = Arc::clone(&seen);
        async move {
            let context = request.extensions().get::<RequestContext>().unwrap().clone();
            for _ in 0..3 {
                let mut again = Request::new(Body::empty());
                again.extensions_mut().insert(context.clone());
                drop(inner.call(again).await.unwrap());
            }
            seen.lock().unwrap().push("outer goes on".into());
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let request = Request::get("/").header("x-request-id", "r").body(Body::empty()).unwrap();
    let mut call = task::spawn(trusting().layer(outer).call(request));
    assert!(call.poll().is_ready());
    drop(call);
    let all = take(&log);
    let at = all.iter().position(|l| l == "outer goes on").unwrap();
    assert_eq!(all[..at].iter().filter(|l| l.starts_with("close inner")).count(), 3, "{all:#?}");
}

#[test]
fn that_of_a_part_after_the_end_closes_with_it() {
    let (log, _guard) = seeing();
    let app =
        tower::service_fn(|_: Request| ready(Ok::<_, Infallible>(Response::new(Body::empty()))));
    let mut inner = trusting().make_span(|_, _| tracing::info_span!("inner")).layer(app);
    let leaked = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&leaked);
    let outer = tower::service_fn(move |_: Request| {
        *keep.lock().unwrap() = Some(RequestContext::current());
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let mut call = task::spawn(trusting().layer(outer).call(ada()));
    assert!(call.poll().is_ready());
    drop(call);
    let context = leaked.lock().unwrap().take().unwrap();
    assert!(context.has_ended());
    take(&log);
    for _ in 0..3 {
        let mut again = Request::new(Body::empty());
        again.extensions_mut().insert(context.clone());
        let mut call = task::spawn(context.clone().sync_scope(|| inner.call(again)));
        context.clone().sync_scope(|| assert!(call.poll().is_ready()));
    }
    let all = take(&log);
    assert_eq!(all.iter().filter(|l| l.starts_with("close inner")).count(), 3, "{all:#?}");
}
