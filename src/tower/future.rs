//! [`RequestContextFuture`]: first perhaps the authentication, then the inner service.

use super::authenticate::Identify;
use super::body::RequestContextBody;
use super::end_hook::EndReason;
use super::end_hook::OnEnd;
use super::service::Exchange;
use crate::scope::Carried;
use http::Request;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tower_service::Service;

pin_project! {
    /// The response to come, in the context of its request.
    ///
    /// Dropped early, it drops the inner future in the context, and the hook is told.
    #[must_use = "futures do nothing unless polled"]
    pub struct RequestContextFuture<S, B, A, H>
    where
        S: Service<Request<B>>,
        A: Identify,
        H: OnEnd,
    {
        #[pin]
        state: State<S, B, A, H>,
    }
}

pin_project! {
    /// In order: waiting, then running; or refused. What is not pinned is `Some` until it is taken
    /// for the next step, which the same poll takes.
    #[project = StateProjection]
    enum State<S, B, A, H>
    where
        S: Service<Request<B>>,
        A: Identify,
        H: OnEnd,
    {
        Waiting {
            #[pin]
            answer: Carried<A::Future>,
            waiting: Option<Waiting<S, B, A, H>>,
        },
        Running {
            #[pin]
            response: Carried<S::Future>,
            exchange: Option<Exchange<A, H>>,
        },
        Refused {
            refused: Option<(Exchange<A, H>, Response<()>)>,
        },
    }
}

/// What goes on once the answer is there.
pub(super) struct Waiting<S, B, A, H: OnEnd> {
    pub(super) exchange: Exchange<A, H>,
    pub(super) service: S,
    pub(super) request: Request<B>,
}

impl<S, B, A, H> RequestContextFuture<S, B, A, H>
where
    S: Service<Request<B>>,
    A: Identify,
    H: OnEnd,
{
    pub(super) fn run(exchange: Exchange<A, H>, service: &mut S, request: Request<B>) -> Self {
        Self { state: State::run(exchange, service, request) }
    }

    pub(super) fn refuse(exchange: Exchange<A, H>, response: Response<()>) -> Self {
        Self { state: State::Refused { refused: Some((exchange, response)) } }
    }

    pub(super) fn wait(answer: A::Future, waiting: Waiting<S, B, A, H>) -> Self {
        let answer = Carried::new(waiting.exchange.capture.clone(), answer);
        Self { state: State::Waiting { answer, waiting: Some(waiting) } }
    }
}

impl<S, B, A, H> State<S, B, A, H>
where
    S: Service<Request<B>>,
    A: Identify,
    H: OnEnd,
{
    fn run(exchange: Exchange<A, H>, service: &mut S, mut request: Request<B>) -> Self {
        let capture = exchange.capture.clone();
        request.extensions_mut().insert(capture.context.clone());
        let response = capture.enter(|| service.call(request));
        Self::Running { response: Carried::new(capture, response), exchange: Some(exchange) }
    }
}

const TAKEN: &str = "polled after completion";

impl<S, B, A, H, ResponseBody> Future for RequestContextFuture<S, B, A, H>
where
    S: Service<Request<B>, Response = Response<ResponseBody>>,
    A: Identify,
    H: OnEnd,
    ResponseBody: Body,
{
    type Output = Result<Response<RequestContextBody<ResponseBody, H>>, S::Error>;

    #[expect(clippy::expect_used, reason = "a future may panic when polled after completion")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Waiting { answer, waiting } => {
                    waiting.as_mut().expect(TAKEN).exchange.ending.polled();
                    let answer = ready!(answer.poll(cx));
                    let Waiting { mut exchange, mut service, request } =
                        waiting.take().expect(TAKEN);
                    match exchange.admit(answer) {
                        None => State::run(exchange, &mut service, request),
                        Some(refusal) => State::Refused { refused: Some((exchange, refusal)) },
                    }
                }
                StateProjection::Running { response, exchange } => {
                    exchange.as_mut().expect(TAKEN).ending.polled();
                    let result = ready!(response.poll(cx));
                    let mut exchange = exchange.take().expect(TAKEN);
                    return Poll::Ready(match result {
                        Ok(response) => Ok(exchange.respond(response.map(Some))),
                        Err(error) => {
                            exchange.ending.end(EndReason::ServiceError);
                            Err(error)
                        }
                    });
                }
                StateProjection::Refused { refused } => {
                    let (exchange, response) = refused.take().expect(TAKEN);
                    return Poll::Ready(Ok(exchange.respond(response.map(|()| None))));
                }
            };
            state.set(next);
        }
    }
}

impl<S, B, A, H> fmt::Debug for RequestContextFuture<S, B, A, H>
where
    S: Service<Request<B>>,
    A: Identify,
    H: OnEnd,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContextFuture").finish_non_exhaustive()
    }
}
