//! What our layer promises with request ID, scope and echo, and nothing else, by hand: what that
//! costs at least. No configuration, no span, no sign-in, no end.

use http::Extensions;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::header::Entry;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tower::Layer;
use tower::Service;
use uuid::Uuid;

/// A context by hand: as large as a small one of ours needs to be.
#[derive(Clone)]
pub struct Record(Arc<[u8; 36]>);

tokio::task_local! {
    static RECORD: Record;
}

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
pub struct Floor;

#[derive(Clone)]
pub struct FloorService<S>(S);

impl<S> Layer<S> for Floor {
    type Service = FloorService<S>;

    fn layer(&self, inner: S) -> FloorService<S> {
        FloorService(inner)
    }
}

impl<S, B, R> Service<Request<B>> for FloorService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<FloorBody<R>>;
    type Error = S::Error;
    type Future = FloorFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let record = Record(Arc::new(fresh()));
        replace(request.headers_mut(), &record.0);
        place(request.extensions_mut(), &record);
        let mut future = FloorFuture { future: None, record: Some(record.clone()) };
        RECORD.sync_scope(record, || future.future = Some(self.0.call(request)));
        future
    }
}

pub(super) fn fresh() -> [u8; 36] {
    let mut text = [0; 36];
    Uuid::new_v4().hyphenated().encode_lower(&mut text);
    text
}

/// No one is trusted.
pub(super) fn replace(headers: &mut HeaderMap, id: &[u8; 36]) {
    if headers.keys().any(|key| key == HEADER)
        && let Ok(value) = HeaderValue::from_bytes(id)
    {
        headers.insert(HEADER, value);
    }
}

/// A header that the handler set wins.
pub(super) fn echo(headers: &mut HeaderMap, id: &[u8; 36]) {
    if let Entry::Vacant(place) = headers.entry(HEADER)
        && let Ok(value) = HeaderValue::from_bytes(id)
    {
        place.insert(value);
    }
}

fn place(extensions: &mut Extensions, record: &Record) {
    extensions.insert(record.clone());
}

pin_project! {
    pub struct FloorFuture<F> {
        #[pin]
        future: Option<F>,
        record: Option<Record>,
    }

    impl<F> PinnedDrop for FloorFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(record) = this.record.take() {
                RECORD.sync_scope(record, || this.future.set(None));
            }
        }
    }
}

impl<F, R, E> Future for FloorFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<FloorBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let record = this.record.as_ref().expect("polled after completion").clone();
        let mut polled = Poll::Pending;
        RECORD.sync_scope(record, || {
            polled = this.future.as_mut().as_pin_mut().expect("there").poll(cx);
            if polled.is_ready() {
                this.future.set(None);
            }
        });
        let mut response = ready!(polled)?;
        let record = this.record.take().expect("polled after completion");
        echo(response.headers_mut(), &record.0);
        let record = Some(record);
        Poll::Ready(Ok(response.map(|inner| FloorBody { inner: Some(inner), record })))
    }
}

pin_project! {
    pub struct FloorBody<B> {
        #[pin]
        inner: Option<B>,
        record: Option<Record>,
    }

    impl<B> PinnedDrop for FloorBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(record) = this.record.take() {
                RECORD.sync_scope(record, || this.inner.set(None));
            }
        }
    }
}

impl<B> FloorBody<B> {
    fn enter<R>(record: Option<&Record>, f: impl FnOnce() -> R) -> R {
        RECORD.sync_scope(record.expect("until it is dropped").clone(), f)
    }
}

impl<B: Body> Body for FloorBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        Self::enter(this.record.as_ref(), || inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        let inner = self.inner.as_ref().expect("until it is dropped");
        Self::enter(self.record.as_ref(), || inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.as_ref().expect("until it is dropped");
        Self::enter(self.record.as_ref(), || inner.size_hint())
    }
}
