//! The layer as a tower service: readiness, scopes, drops, auto traits.

use crate::support::Note;
use crate::support::Watched;
use crate::support::whose;
use bytes::Bytes;
use http::Request;
use http::Response;
use http_body::Body;
use http_body::Frame;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::owner::Owner;
use request_context::session::Session;
use request_context::session::Sessions;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionBody;
use request_context::tower::session::SessionFuture;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::SessionService;
use request_context::tower::session::Transport;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

type Calls = Arc<Mutex<Vec<String>>>;

/// Notes what is called, in whose session; panics when it is called unready.
struct Inner {
    calls: Calls,
    is_ready: bool,
    never_answers: bool,
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self { calls: Arc::clone(&self.calls), is_ready: false, ..*self }
    }
}

struct Noted(Calls, &'static str);

impl Noted {
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(format!("{} {what}: {}", self.1, whose()));
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.note("drop");
    }
}

struct Answer(Noted, bool);

impl Future for Answer {
    type Output = Result<Response<Frames>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.note("poll");
        if self.1 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(Response::new(Frames(Noted(Arc::clone(&self.0.0), "body")))))
    }
}

struct Frames(Noted);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.note("poll");
        Poll::Ready(None)
    }
}

impl Service<Request<()>> for Inner {
    type Response = Response<Frames>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Answer {
        assert!(std::mem::take(&mut self.is_ready), "called unready");
        let placed: &RequestContext = request.extensions().get().unwrap();
        let placed = placed.session().map_or("-", |session| session.as_str()).to_owned();
        let noted = Noted(Arc::clone(&self.calls), "future");
        noted.note(&format!("call with {placed}"));
        Answer(noted, self.never_answers)
    }
}

struct Set {
    calls: Calls,
    service: SessionService<Inner>,
    request: Request<()>,
    whose: String,
    id: String,
    store: Watched,
}

async fn set(has_token: bool, never_answers: bool) -> Set {
    let calls = Calls::default();
    let store = Watched::default();
    let sessions = Sessions::new(store.clone());
    let (token, opened) = sessions.create(&Owner::user("ada".parse().unwrap())).await.unwrap();
    let layer = SessionLayer::new(sessions, Transport::header(), Policy::api());
    let inner = Inner { calls: Arc::clone(&calls), is_ready: false, never_answers };
    let mut request = Request::builder().extension(RequestContext::new());
    if has_token {
        request = token.reveal(|text| request.header("x-session-id", text));
    }
    let id = if has_token { opened.id().to_string() } else { "-".to_owned() };
    let whose = if has_token { format!("ada {id}") } else { "nobody -".to_owned() };
    store.asked();
    Set { calls, service: layer.layer(inner), request: request.body(()).unwrap(), whose, id, store }
}

#[tokio::test]
async fn call_future_and_body_run_and_are_dropped_in_the_session() {
    for has_token in [true, false] {
        let Set { calls, mut service, request, whose, id, .. } = set(has_token, false).await;
        // On a task without a context, as behind a `Buffer`.
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        let mut body = Box::pin(response.into_body());
        let poll = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll, Poll::Ready(None)));
        drop(body);
        let expected = [
            format!("future call with {id}: {whose}"),
            format!("future poll: {whose}"),
            format!("future drop: {whose}"),
            format!("body poll: {whose}"),
            format!("body drop: {whose}"),
        ];
        assert_eq!(*calls.lock().unwrap(), expected);
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_is_called() {
    for has_token in [true, false] {
        let Set { mut service, request, .. } = set(has_token, false).await;
        let answer = service.ready().await.unwrap().call(request);
        // The next one is asked before the first one goes on; `Inner` panics if they are mixed up.
        let Set { request, .. } = set(false, false).await;
        let next = service.ready().await.unwrap().call(request);
        answer.await.unwrap();
        next.await.unwrap();
    }
}

#[tokio::test]
async fn a_future_that_is_never_polled_asks_nothing_and_calls_nothing() {
    let Set { calls, mut service, request, store, .. } = set(true, false).await;
    drop(service.ready().await.unwrap().call(request));
    assert_eq!(store.asked(), 0);
    assert_eq!(*calls.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn given_up_the_future_is_dropped_in_the_session() {
    let Set { calls, mut service, request, whose, .. } = set(true, true).await;
    let mut answer = Box::pin(service.ready().await.unwrap().call(request));
    let poll = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
    drop(answer);
    assert_eq!(calls.lock().unwrap().last(), Some(&format!("future drop: {whose}")));
}

#[tokio::test]
async fn a_task_of_a_request_that_is_given_up_can_make_no_session() {
    let sessions = Sessions::new(Watched::default());
    let layer = SessionLayer::new(sessions, Transport::header(), Policy::api());
    let left: Arc<Mutex<Option<(Session, RequestContext)>>> = Arc::default();
    let leave = Arc::clone(&left);
    let inner = tower::service_fn(move |_: Request<()>| {
        *leave.lock().unwrap() = Some((Session::current(), RequestContext::current()));
        std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>()
    });
    let request = Request::builder().extension(RequestContext::new()).body(()).unwrap();
    let mut answer = Box::pin(layer.layer(inner).oneshot(request));
    assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let (session, context) = left.lock().unwrap().take().unwrap();
    drop(answer);
    let write = async { session.update(|Note(text)| text.push('x')).await };
    assert!(context.scope(write).await.unwrap_err().is_too_late());
}

fn is_send_and_sync<T: Send + Sync>() {}
fn is_send<T: Send>() {}
fn is_clone<T: Clone>() {}

#[test]
fn layer_service_future_and_body_go_where_a_server_takes_them() {
    is_send_and_sync::<(SessionLayer, Transport, Policy)>();
    is_clone::<SessionLayer>();
    is_send_and_sync::<SessionService<Inner>>();
    is_clone::<SessionService<Inner>>();
    is_send::<SessionFuture<Inner, ()>>();
    is_send_and_sync::<SessionBody<Full<Bytes>>>();
}
