//! What our layer promises with everything, by hand: what that costs at least. One way to
//! authenticate, one span and one hook, fixed; no layer within a layer, no sign-in later, no trust in
//! anyone's request ID.

use super::floor::echo;
use super::floor::fresh;
use super::floor::replace;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::CONTENT_LENGTH;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::future::Ready;
use std::future::ready;
use std::hint::black_box;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;
use std::time::Instant;
use tower::Layer;
use tower::Service;
use tracing::Span;
use tracing::field::Empty;
use tracing::info_span;

/// The ID and the user in place, as they are in a usual context of ours.
#[derive(Clone)]
struct Record(Arc<Whose>);

struct Whose {
    id: [u8; 36],
    user: Option<User>,
}

#[derive(Clone, Copy)]
struct User {
    length: u8,
    bytes: [u8; 46],
}

tokio::task_local! {
    static RECORD: Record;
}

/// What the hook is told.
struct End {
    reason: Reason,
    status: Option<StatusCode>,
    duration: Duration,
    bytes: u64,
}

#[derive(Clone, Copy)]
enum Reason {
    NeverPolled,
    Dropped,
    Complete,
    Failed,
    Panicked,
}

fn hook(end: &End) {
    black_box((end.reason as u8, end.status, end.duration, end.bytes));
}

type Answer = Result<Option<User>, StatusCode>;

/// The token is the name of the user, as it is for ours.
fn authenticate(headers: &HeaderMap) -> Ready<Answer> {
    let Some(value) = headers.get(AUTHORIZATION) else { return ready(Ok(None)) };
    let is_repeated = headers.len() > headers.keys_len()
        && headers.get_all(AUTHORIZATION).iter().nth(1).is_some();
    ready(match value.as_bytes().split_first_chunk::<7>() {
        Some((scheme, token)) if !is_repeated && scheme.eq_ignore_ascii_case(b"bearer ") => {
            user(token).map(Some).ok_or(StatusCode::UNAUTHORIZED)
        }
        _ => Err(StatusCode::UNAUTHORIZED),
    })
}

fn user(token: &[u8]) -> Option<User> {
    let is_legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let mut bytes = [0; 46];
    bytes.get_mut(..token.len())?.copy_from_slice(token);
    let is_user = !token.is_empty() && token.iter().all(is_legal);
    is_user.then_some(User { length: token.len() as u8, bytes })
}

/// What is kept of a request until its end.
struct Exchange {
    record: Record,
    span: Span,
    began: Instant,
    has_no_body: bool,
    status: Option<StatusCode>,
    bytes: u64,
    length: Option<u64>,
    reason: Reason,
    is_inside: bool,
}

impl Exchange {
    fn enter<R>(&mut self, f: impl FnOnce() -> R) -> R {
        self.is_inside = true;
        let span = &self.span;
        let result = RECORD.sync_scope(self.record.clone(), || span.in_scope(f));
        self.is_inside = false;
        result
    }

    fn is_for(&mut self, user: Option<User>) {
        if let (Some(user), Some(whose)) = (user, Arc::get_mut(&mut self.record.0)) {
            whose.user = Some(user);
            let name = str::from_utf8(&user.bytes[..usize::from(user.length)]);
            self.span.record("user.id", name.unwrap_or_default());
        }
    }

    /// Drops what is left in the scope, and then tells the hook there, also after a panic.
    fn end<T>(self, rest: T) {
        let (record, span) = (self.record.clone(), self.span.clone());
        RECORD.sync_scope(record, || {
            span.in_scope(|| {
                let _told = Told(self);
                drop(rest);
            });
            drop(span);
        });
    }
}

struct Told(Exchange);

impl Drop for Told {
    fn drop(&mut self) {
        let Exchange { is_inside, reason, status, began, bytes, .. } = self.0;
        let reason = if is_inside { Reason::Panicked } else { reason };
        hook(&End { reason, status, duration: began.elapsed(), bytes });
    }
}

#[derive(Clone)]
pub struct FloorWithEverything;

#[derive(Clone)]
pub struct FloorService<S>(S);

impl<S> Layer<S> for FloorWithEverything {
    type Service = FloorService<S>;

    fn layer(&self, inner: S) -> FloorService<S> {
        FloorService(inner)
    }
}

impl<S, B, R> Service<Request<B>> for FloorService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Body,
{
    type Response = Response<FloorBody<R>>;
    type Error = S::Error;
    type Future = FloorFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let id = fresh();
        replace(request.headers_mut(), &id);
        let text = str::from_utf8(&id).unwrap_or_default();
        let span = info_span!("request", request.id = text, user.id = Empty);
        let mut exchange = Exchange {
            record: Record(Arc::new(Whose { id, user: None })),
            span,
            began: Instant::now(),
            has_no_body: request.method() == Method::HEAD,
            status: None,
            bytes: 0,
            length: None,
            reason: Reason::NeverPolled,
            is_inside: false,
        };
        let (answer, clone) = exchange.enter(|| (authenticate(request.headers()), self.0.clone()));
        let service = mem::replace(&mut self.0, clone);
        let state = State::Waiting { answer, called: Some((request, service)) };
        FloorFuture { state: Some(state), exchange: Some(exchange) }
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B>
    where
        S: Service<Request<B>>,
    {
        Waiting {
            #[pin]
            answer: Ready<Answer>,
            called: Option<(Request<B>, S)>,
        },
        Running {
            #[pin]
            response: S::Future,
        },
    }
}

pin_project! {
    pub struct FloorFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: Option<State<S, B>>,
        exchange: Option<Exchange>,
    }

    impl<S, B> PinnedDrop for FloorFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(exchange) = this.exchange.take() {
                exchange.end(Emptied(this.state));
            }
        }
    }
}

struct Emptied<'a, T>(Pin<&'a mut Option<T>>);

impl<T> Drop for Emptied<'_, T> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl<S, B, R> Future for FloorFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Output = Result<Response<FloorBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut state = this.state;
        let exchange = this.exchange.as_mut().expect("polled after completion");
        exchange.reason = Reason::Dropped;
        let mut called = None;
        if let Some(StateProjection::Waiting { answer, called: place }) =
            state.as_mut().as_pin_mut().map(State::project)
        {
            match ready!(exchange.enter(|| answer.poll(cx))) {
                Ok(user) => {
                    exchange.is_for(user);
                    called = place.take();
                    if let Some((request, _)) = &mut called {
                        request.extensions_mut().insert(exchange.record.clone());
                    }
                }
                Err(status) => {
                    exchange.enter(|| state.set(None));
                    let mut response = Response::new(None);
                    *response.status_mut() = status;
                    return Poll::Ready(Ok(respond(response, this.exchange.take())));
                }
            }
        }
        let mut polled = Poll::Pending;
        exchange.enter(|| {
            if let Some((request, mut service)) = called.take() {
                state.set(Some(State::Running { response: service.call(request) }));
            }
            if let Some(StateProjection::Running { response }) =
                state.as_mut().as_pin_mut().map(State::project)
            {
                polled = response.poll(cx);
            }
            if polled.is_ready() {
                state.set(None);
            }
        });
        match ready!(polled) {
            Ok(response) => Poll::Ready(Ok(respond(response.map(Some), this.exchange.take()))),
            Err(error) => {
                exchange.reason = Reason::Failed;
                Poll::Ready(Err(error))
            }
        }
    }
}

fn respond<R: Body>(
    mut response: Response<Option<R>>,
    mut exchange: Option<Exchange>,
) -> Response<FloorBody<R>> {
    if let Some(exchange) = &mut exchange {
        echo(response.headers_mut(), &exchange.record.0.id);
        let body = response.body().as_ref();
        let (length, is_at_end) = exchange.enter(|| match body {
            None => (Some(0), true),
            Some(body) => (body.size_hint().exact(), body.is_end_stream()),
        });
        let declared = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        exchange.length = length.or_else(declared);
        exchange.status = Some(response.status());
        exchange.has_no_body |= response.status() == StatusCode::NO_CONTENT;
        if exchange.has_no_body || exchange.length == Some(0) || is_at_end {
            exchange.reason = Reason::Complete;
        }
    }
    response.map(|inner| FloorBody { inner, exchange })
}

pin_project! {
    pub struct FloorBody<B> {
        #[pin]
        inner: Option<B>,
        exchange: Option<Exchange>,
    }

    impl<B> PinnedDrop for FloorBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(exchange) = this.exchange.take() {
                exchange.end(Emptied(this.inner));
            }
        }
    }
}

impl<B> FloorBody<B> {
    fn ask<R>(&self, ask: impl FnOnce(&B) -> R) -> Option<R> {
        let (inner, exchange) = (self.inner.as_ref()?, self.exchange.as_ref()?);
        let record = exchange.record.clone();
        Some(RECORD.sync_scope(record, || exchange.span.in_scope(|| ask(inner))))
    }
}

impl<B: Body> Body for FloorBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        use bytes::Buf as _;
        let this = self.project();
        let (Some(mut inner), Some(exchange)) = (this.inner.as_pin_mut(), this.exchange) else {
            return Poll::Ready(None);
        };
        let (frame, is_at_end) = ready!(exchange.enter(|| {
            let frame = ready!(inner.as_mut().poll_frame(cx));
            Poll::Ready((frame, inner.is_end_stream()))
        }));
        match &frame {
            None => exchange.reason = Reason::Complete,
            Some(Err(_)) => exchange.reason = Reason::Failed,
            Some(Ok(frame)) => {
                exchange.bytes += frame.data_ref().map_or(0, |data| data.remaining() as u64);
                if is_at_end || exchange.length == Some(exchange.bytes) {
                    exchange.reason = Reason::Complete;
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ask(B::is_end_stream).unwrap_or(true)
    }

    fn size_hint(&self) -> SizeHint {
        self.ask(B::size_hint).unwrap_or_else(|| SizeHint::with_exact(0))
    }
}
