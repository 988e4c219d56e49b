//! The body of a call runs in its context, on whichever task the client polls it.

use crate::support::Server;
use crate::support::hyper;
use crate::support::reqwest;
use bytes::Bytes;
use http::Request;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use http_body_util::Empty;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use request_context::ContextValue;
use request_context::Reach;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::spawn_outside;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientLayer;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Context;
use std::task::Poll;
use tokio::sync::oneshot;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

/// Where the body was used: what was called, in which context, on which task.
type Uses = Arc<Mutex<Vec<(&'static str, Option<RequestId>, Option<tokio::task::Id>)>>>;

/// Three frames and a trailer, each noted.
struct Probe {
    uses: Uses,
    frames_left: usize,
    dropped: Option<oneshot::Sender<()>>,
}

impl Probe {
    fn new(uses: &Uses) -> (Self, oneshot::Receiver<()>) {
        let (dropped, was_dropped) = oneshot::channel();
        (Self { uses: Arc::clone(uses), frames_left: 3, dropped: Some(dropped) }, was_dropped)
    }

    fn note(&self, what: &'static str) {
        let id = RequestContext::try_with(|context| context.request_id().clone()).ok();
        self.uses.lock().unwrap().push((what, id, tokio::task::try_id()));
    }
}

impl Body for Probe {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.note("poll_frame");
        if self.frames_left == 0 {
            return Poll::Ready(None);
        }
        self.frames_left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"frame ")))))
    }

    fn is_end_stream(&self) -> bool {
        self.note("is_end_stream");
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.note("size_hint");
        SizeHint::default()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.note("drop");
        let _ = self.dropped.take().unwrap().send(());
    }
}

/// All uses were in `context`, and the frames were made on another task than the caller's.
fn check(uses: &Uses, context: &RequestContext, caller: tokio::task::Id) {
    let uses = uses.lock().unwrap();
    for (what, id, _) in &*uses {
        assert_eq!(id.as_ref(), Some(context.request_id()), "{what}");
    }
    for what in ["poll_frame", "drop"] {
        let (.., task) = uses.iter().find(|(known, ..)| *known == what).unwrap();
        assert_ne!(*task, Some(caller), "{what}");
    }
    for what in ["is_end_stream", "size_hint"] {
        assert!(uses.iter().any(|(known, ..)| *known == what), "{what}");
    }
}

/// Calls on a task of its own, by `send`, with a body that notes where the client uses it.
async fn check_call<F, R, E>(server: &Server, send: impl FnOnce(Probe) -> F)
where
    F: Future<Output = Result<R, E>> + Send + 'static,
    E: fmt::Debug + Send + 'static,
{
    let (uses, context) = (Uses::default(), RequestContext::new());
    let (probe, was_dropped) = Probe::new(&uses);
    let call = context.clone().scope(send(probe));
    let task = spawn_outside(async move { call.await.map(|_| tokio::task::id()) });
    let caller = task.await.unwrap().unwrap();
    was_dropped.await.unwrap();
    check(&uses, &context, caller);
    assert_eq!(server.take_one().body, "frame frame frame ");
}

#[tokio::test]
async fn hyper_polls_and_drops_it_in_the_context_of_the_caller() {
    let server = Server::start().await;
    for is_http_2 in [false, true] {
        let mut client = Client::builder(TokioExecutor::new());
        let client = client.http2_only(is_http_2).build_http::<ClientBody<Probe>>();
        let client = ClientLayer::new().layer(client);
        let request = Request::post(&server.url);
        check_call(&server, |probe| client.oneshot(request.body(probe).unwrap())).await;
    }
}

#[tokio::test]
async fn reqwest_polls_and_drops_it_in_the_context_of_the_caller() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(reqwest());
    let request = Request::post(&server.url);
    let send = |probe| client.oneshot(request.body(reqwest::Body::wrap(probe)).unwrap());
    check_call(&server, send).await;
}

#[tokio::test]
async fn what_must_stay_in_its_scope_does_not_go_with_the_body() {
    struct Transaction;
    impl ContextValue for Transaction {
        const REACH: Reach = Reach::Scope;
    }
    let echo = service_fn(async |request: Request<_>| Ok::<_, Infallible>(request));
    let client = ClientLayer::new().layer(echo);
    let context = RequestContext::builder().insert(Transaction).build();
    let call = client.oneshot(Request::new(Full::<Bytes>::default()));
    let body = context.scope(call).await.unwrap().into_body();
    assert!(body.context().unwrap().get::<Transaction>().is_none());
}

#[tokio::test]
async fn a_body_sent_from_outside_every_scope_has_no_context() {
    let server = Server::start().await;
    let client = ClientLayer::new().anonymous().layer(hyper());
    let uses = Uses::default();
    let (probe, was_dropped) = Probe::new(&uses);
    client.oneshot(Request::post(&server.url).body(probe).unwrap()).await.unwrap();
    was_dropped.await.unwrap();
    assert_eq!(server.take_one().body, "frame frame frame ");
    assert!(uses.lock().unwrap().iter().all(|(_, id, _)| id.is_none()));
}

#[tokio::test]
async fn a_known_length_stays_known() {
    let server = Server::start().await;
    let client = ClientLayer::new().layer(hyper());
    let request = Request::post(&server.url).body(Full::new(Bytes::from("hello"))).unwrap();
    RequestContext::new().scope(client.oneshot(request)).await.unwrap();
    let seen = server.take_one();
    assert_eq!(seen.header("content-length"), Some("5"));
    assert_eq!(seen.header("transfer-encoding"), None);

    let client = ClientLayer::new().anonymous().layer(hyper());
    let request = Request::get(&server.url).body(Empty::<Bytes>::new()).unwrap();
    client.oneshot(request).await.unwrap();
    assert_eq!(server.take_one().header("transfer-encoding"), None);
}

#[test]
fn the_inner_body_can_be_had_back() {
    let echo = service_fn(async |request: Request<_>| Ok::<_, Infallible>(request));
    let bodies = ["in", "out"].map(|place| {
        let call = ClientLayer::new().anonymous().layer(echo);
        let call = call.oneshot(Request::new(Full::new(Bytes::from(place))));
        let request = match place {
            "in" => pollster::block_on(RequestContext::new().scope(call)),
            _ => pollster::block_on(call),
        };
        request.unwrap().into_body()
    });
    for (mut body, place) in bodies.into_iter().zip(["in", "out"]) {
        assert_eq!(body.context().is_some(), place == "in");
        assert_eq!(body.get_ref().size_hint().exact(), Some(place.len() as u64));
        *body.get_mut() = Full::new(Bytes::from("other"));
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(5), false));
        assert_eq!(body.into_inner().size_hint().exact(), Some(5));
    }
    assert!(ClientBody::<Full<Bytes>>::default().context().is_none());
    let inside = RequestContext::new().sync_scope(ClientBody::<Full<Bytes>>::default);
    assert!(inside.context().is_some() && inside.is_end_stream());
}
