//! [`SessionFuture`]: first perhaps the store, then the inner service.

use super::body::SessionBody;
use super::exchange::Exchange;
use super::refusal;
use super::refusal::Refusal;
use crate::scope::Carried;
use crate::session::Opened;
use crate::session::SessionError;
use crate::session::SessionToken;
use crate::tower::rejection::Protocol;
use bytes::Bytes;
use http::Request;
use http::Response;
use http::request::Parts;
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tower_service::Service;

/// As the store's own futures are: boxed. The inner service's is not.
type Opening = Pin<Box<dyn Future<Output = Result<Option<Opened>, SessionError>> + Send>>;

pin_project! {
    /// The response to come, in the context that has the session.
    ///
    /// Dropped early, it drops the inner future in the context.
    #[must_use = "futures do nothing unless polled"]
    pub struct SessionFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B>,
    }
}

pin_project! {
    /// In order: opening, then running; or refused. What is not pinned is `Some` until it is taken
    /// for the next step, which the same poll takes.
    #[project = StateProjection]
    enum State<S, B>
    where
        S: Service<Request<B>>,
    {
        Opening {
            #[pin]
            opening: Carried<Opening>,
            waiting: Option<Waiting<S, B>>,
        },
        Running {
            #[pin]
            response: Carried<S::Future>,
            exchange: Option<Exchange>,
        },
        Refused {
            refused: Option<Response<Bytes>>,
        },
    }
}

/// What goes on once the store has answered.
pub(super) struct Waiting<S, B> {
    pub(super) exchange: Exchange,
    pub(super) service: S,
    pub(super) request: Request<B>,
    pub(super) protocol: Protocol,
}

impl<S, B> SessionFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn open(token: SessionToken, waiting: Waiting<S, B>) -> Self {
        let sessions = waiting.exchange.config.sessions.clone();
        let opening: Opening = Box::pin(async move { sessions.open(&token).await });
        let opening = Carried::new(waiting.exchange.capture.clone(), opening);
        Self { state: State::Opening { opening, waiting: Some(waiting) } }
    }

    pub(super) fn run(exchange: Exchange, service: &mut S, request: Request<B>) -> Self {
        Self { state: State::run(exchange, service, request) }
    }

    /// Refuses a request, by what there is of it.
    pub(super) fn refuse(
        refusal: Refusal,
        protocol: Protocol,
        known: Result<&Exchange, &Parts>,
    ) -> Self {
        Self { state: State::refuse(refusal, protocol, known) }
    }
}

impl<S, B> State<S, B>
where
    S: Service<Request<B>>,
{
    fn run(exchange: Exchange, service: &mut S, mut request: Request<B>) -> Self {
        let capture = exchange.capture.clone();
        request.extensions_mut().insert(capture.context.clone());
        let response = capture.enter(|| service.call(request));
        Self::Running { response: Carried::new(capture, response), exchange: Some(exchange) }
    }

    fn refuse(refusal: Refusal, protocol: Protocol, known: Result<&Exchange, &Parts>) -> Self {
        let response = match known {
            Ok(exchange) => exchange.refuse(refusal, protocol),
            Err(parts) => {
                refusal::log(&refusal, Some(parts));
                refusal.respond(protocol, None)
            }
        };
        Self::Refused { refused: Some(response) }
    }
}

const TAKEN: &str = "polled after completion";

impl<S, B, ResponseBody> Future for SessionFuture<S, B>
where
    S: Service<Request<B>, Response = Response<ResponseBody>>,
    ResponseBody: Body,
{
    type Output = Result<Response<SessionBody<ResponseBody>>, S::Error>;

    #[expect(clippy::expect_used, reason = "a future may panic when polled after completion")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Opening { opening, waiting } => {
                    let answer = ready!(opening.poll(cx));
                    let Waiting { mut exchange, mut service, request, protocol } =
                        waiting.take().expect(TAKEN);
                    match exchange.admit(answer) {
                        Ok(()) => State::run(exchange, &mut service, request),
                        Err(refusal) => State::refuse(refusal, protocol, Ok(&exchange)),
                    }
                }
                StateProjection::Running { response, exchange } => {
                    let response = ready!(response.poll(cx))?;
                    let exchange = exchange.take().expect(TAKEN);
                    return Poll::Ready(Ok(exchange.respond(response)));
                }
                StateProjection::Refused { refused } => {
                    let response = refused.take().expect(TAKEN);
                    return Poll::Ready(Ok(response.map(SessionBody::refusal)));
                }
            };
            state.set(next);
        }
    }
}

impl<S, B> fmt::Debug for SessionFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").finish_non_exhaustive()
    }
}
