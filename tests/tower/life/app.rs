//! A service that notes each stage. The ID of a request is the name of its path.

#![expect(clippy::disallowed_methods, reason = "the test says what a plain spawn loses")]

use super::places::OnDrop;
use super::places::Places;
use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use axum::routing::post;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use http::request::Parts;
use http_body::Frame;
use http_body::SizeHint;
use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use tokio::task::JoinSet;
use tokio::task::yield_now;
use tower::Service;

/// A middleware that runs code in its `call`.
#[derive(Clone)]
pub(super) struct Below<S> {
    inner: S,
    places: Places,
}

impl<S> Below<S> {
    pub(super) fn new(inner: S, places: &Places) -> Self {
        Self { inner, places: places.clone() }
    }
}

impl<S: Service<http::Request<B>>, B> Service<http::Request<B>> for Below<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.places.note("poll_ready of a middleware below", "");
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> S::Future {
        let id = request.uri().path().trim_start_matches('/').to_owned();
        self.places.note("call of a middleware below", &id);
        self.inner.call(request)
    }
}

pub(super) fn router(places: &Places) -> Router {
    Router::new()
        .route("/plain", get(plain))
        .route("/slow", get(slow))
        .route("/upload", post(upload))
        .route("/body", get(|places| body(places, 2, "body", "drop of the body, ended")))
        .route(
            "/endless",
            get(|places| body(places, u32::MAX, "endless", "drop of the body, client gone")),
        )
        .route("/head", get(|places| body(places, 2, "head", "drop of the body, answer to HEAD")))
        .route(
            "/empty",
            get(|places| body(places, 0, "empty", "drop of the body, empty and never polled")),
        )
        .route("/sse", get(sse))
        .route("/sse-on-demand", get(sse_on_demand))
        .with_state(places.clone())
}

struct Extracted;

impl FromRequestParts<Places> for Extracted {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, places: &Places) -> Result<Self, Infallible> {
        places.note("extractor", "plain");
        Ok(Self)
    }
}

struct Done(Places);

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        self.0.note("conversion into a response", "plain");
        "done".into_response()
    }
}

async fn plain(State(places): State<Places>, _: Extracted) -> Done {
    let _locals = places.on_drop("drop of the handler's locals", "plain");
    let note = |stage| {
        let places = places.clone();
        move || places.note(stage, "plain")
    };
    let noting = |stage| {
        let note = note(stage);
        async move { note() }
    };
    note("handler's poll")();
    yield_now().await;
    note("handler's poll")();
    tokio::spawn(noting("plain tokio::spawn")).await.unwrap();
    tokio::task::spawn_blocking(note("plain spawn_blocking")).await.unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(noting("plain JoinSet::spawn"));
    tasks.join_next().await.unwrap().unwrap();
    std::thread::spawn(note("plain std::thread::spawn")).join().unwrap();
    request_context::spawn(noting("request_context::spawn")).await.unwrap();
    // No subscriber is set on the pool's threads, so only the context is to be seen there.
    let places_in_pool = places.clone();
    let id_in_pool = request_context::spawn_blocking(crate::support::here).await.unwrap();
    places_in_pool.note("request_context::spawn_blocking", &id_in_pool);
    Done(places)
}

async fn slow(State(places): State<Places>) {
    let _locals = places.on_drop("drop of the handler's locals, client gone", "slow");
    places.note("the slow handler", "slow");
    pending::<()>().await;
}

async fn upload(State(places): State<Places>, request: Request) -> String {
    let chunks = request.into_body().into_data_stream();
    let chunks = chunks.inspect(|_| places.note("chunk of the request body", "upload"));
    let length = chunks.fold(0, async |length, chunk| length + chunk.unwrap().len()).await;
    length.to_string()
}

async fn body(
    State(places): State<Places>,
    frames: u32,
    id: &'static str,
    drop_stage: &'static str,
) -> Response {
    let on_drop = places.on_drop(drop_stage, id);
    Response::new(Body::new(Frames { left: frames, is_empty: frames == 0, id, places, on_drop }))
}

struct Frames {
    left: u32,
    is_empty: bool,
    id: &'static str,
    places: Places,
    #[expect(dead_code, reason = "held to be dropped")]
    on_drop: OnDrop,
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.places.note("body's poll_frame", self.id);
        let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
        self.left = left;
        // Endless ones are large, so that the socket is soon full.
        let data: &[u8] = if left > 2 { &[0; 64 * 1024] } else { b"frame" };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(data)))))
    }

    fn is_end_stream(&self) -> bool {
        self.places.note("body's is_end_stream", self.id);
        self.is_empty
    }

    fn size_hint(&self) -> SizeHint {
        self.places.note("body's size_hint", self.id);
        SizeHint::default()
    }
}

type Events = Pin<Box<dyn futures::Stream<Item = Result<Event, Infallible>> + Send>>;

fn events(places: &Places, id: &'static str, on_demand: bool) -> Sse<Events> {
    let locals = places.on_drop("drop of a stream's locals", id);
    let places = places.clone();
    let events = stream::unfold((0, locals), move |(number, locals)| {
        let places = places.clone();
        async move {
            if on_demand {
                places.demanded().await;
            }
            yield_now().await;
            places.note("event of a stream", id);
            let event = Event::default().data(number.to_string());
            (number < 2).then_some((Ok(event), (number + 1, locals)))
        }
    });
    Sse::new(events.boxed())
}

async fn sse(State(places): State<Places>) -> Sse<Events> {
    events(&places, "sse", false)
}

async fn sse_on_demand(State(places): State<Places>) -> Sse<Events> {
    events(&places, "sse-on-demand", true)
}
