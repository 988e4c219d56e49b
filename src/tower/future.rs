//! [`RequestContextFuture`]: first perhaps the authentication, then the inner service.

use super::authenticate::Authentication;
use super::authenticate::Identify;
use super::body::RequestContextBody;
use super::end_hook::EndReason;
use super::end_hook::Ending;
use super::end_hook::OnEnd;
use super::service::Exchange;
use crate::scope::Emptied;
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
    /// Dropped early, it drops in the context whatever it holds, and the hook is told.
    ///
    /// # Panics
    /// `poll` panics when the inner future does, and after completion.
    #[must_use = "futures do nothing unless polled"]
    pub struct RequestContextFuture<S, B, A, H>
    where
        S: Service<Request<B>>,
        A: Identify,
        H: OnEnd,
    {
        #[pin]
        state: Option<State<S, B, A>>,
        // `Some` until the response is there.
        exchange: Option<Exchange<H>>,
    }

    impl<S, B, A, H> PinnedDrop for RequestContextFuture<S, B, A, H>
    where
        S: Service<Request<B>>,
        A: Identify,
        H: OnEnd,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(exchange) = this.exchange {
                exchange.ending.drop_in(Emptied(this.state));
            }
        }
    }
}

pin_project! {
    /// In order: waiting, then running; or refused. What is in an `Option` is there until it is taken.
    #[project = StateProjection]
    enum State<S, B, A>
    where
        S: Service<Request<B>>,
        A: Identify,
    {
        Waiting {
            #[pin]
            answer: Option<A::Future>,
            request: Option<Request<B>>,
            service: Option<S>,
        },
        Running {
            #[pin]
            response: Option<S::Future>,
        },
        Refused {
            response: Option<Response<()>>,
        },
    }
}

impl<S, B, A, H> RequestContextFuture<S, B, A, H>
where
    S: Service<Request<B>>,
    A: Identify,
    H: OnEnd,
{
    #[inline]
    pub(super) fn new(exchange: Exchange<H>) -> Self {
        Self { state: None, exchange: Some(exchange) }
    }

    /// Calls `service`, or not.
    #[inline]
    pub(super) fn go_on(&mut self, answer: Authentication, service: &mut S, request: Request<B>) {
        if let Some(exchange) = &mut self.exchange {
            let call = |request| service.call(request);
            go_on(exchange, answer, &mut Some(request), call, |state| self.state = Some(state));
        }
    }

    /// Waits for the answer before it calls `service`.
    #[inline]
    pub(super) fn wait(&mut self, answer: A::Future, request: Request<B>, service: S) {
        let (answer, request, service) = (Some(answer), Some(request), Some(service));
        self.state = Some(State::Waiting { answer, request, service });
    }
}

/// Calls the service in the context that the answer makes; or makes a refusal of it, and drops in
/// the context what is not called.
#[inline]
fn go_on<S, B, A, H>(
    exchange: &mut Exchange<H>,
    answer: Authentication,
    // Taken inside the scope, where it would else be moved to by several steps.
    request: &mut Option<Request<B>>,
    call: impl FnOnce(Request<B>) -> S::Future,
    put: impl FnOnce(State<S, B, A>),
) where
    S: Service<Request<B>>,
    A: Identify,
    H: OnEnd,
{
    if let Some(refused) = exchange.admit(answer) {
        let request = request.take().map(Request::into_parts);
        put(State::Refused { response: request.as_ref().map(|(head, _)| refused.respond(head)) });
        exchange.ending.enter(|| drop((request, call)));
        return;
    }
    let ending = &exchange.ending;
    if let Some(request) = request {
        request.extensions_mut().insert(ending.capture.context.clone());
    }
    ending.enter(|| {
        if let Some(request) = request.take() {
            put(State::Running { response: Some(call(request)) });
        }
    });
}

impl<S, B, A, H, ResponseBody> Future for RequestContextFuture<S, B, A, H>
where
    S: Service<Request<B>, Response = Response<ResponseBody>>,
    A: Identify,
    H: OnEnd,
    ResponseBody: Body,
{
    type Output = Result<Response<RequestContextBody<ResponseBody, H>>, S::Error>;

    #[expect(clippy::expect_used, reason = "a future may panic when polled after completion")]
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut state = this.state;
        let ending = &mut this.exchange.as_mut().expect(TAKEN).ending;
        ending.polled();
        loop {
            let exchange = this.exchange.as_mut().expect(TAKEN);
            let result = match state.as_mut().as_pin_mut().expect(TAKEN).project() {
                StateProjection::Waiting { answer, request, service } => {
                    let answer = ready!(poll_in(&exchange.ending, answer, cx));
                    let (mut request, mut service) = (request.take(), service.take().expect(TAKEN));
                    let call = move |request| service.call(request);
                    let mut polled = None;
                    let put = |next| {
                        state.set(Some(next));
                        let state = state.as_mut().as_pin_mut().map(State::project);
                        // In the scope that it was called in, and not in one more.
                        if let Some(StateProjection::Running { response }) = state {
                            polled = Some(poll_slot(response, cx));
                        }
                    };
                    go_on(exchange, answer, &mut request, call, put);
                    match polled {
                        Some(polled) => ready!(polled),
                        None => continue,
                    }
                }
                StateProjection::Running { response } => {
                    ready!(poll_in(&exchange.ending, response, cx))
                }
                StateProjection::Refused { response } => {
                    let response = response.take().expect(TAKEN);
                    let exchange = this.exchange.take().expect(TAKEN);
                    return Poll::Ready(Ok(exchange.respond_itself(response)));
                }
            };
            let mut exchange = this.exchange.take().expect(TAKEN);
            return Poll::Ready(match result {
                Ok(response) => Ok(exchange.respond(response)),
                Err(error) => {
                    exchange.ending.end(EndReason::ServiceError);
                    Err(error)
                }
            });
        }
    }
}

const TAKEN: &str = "polled after completion";

/// Polls in the context what is in `slot`, and drops it there when it is ready.
#[inline]
fn poll_in<F: Future, H: OnEnd>(
    ending: &Ending<H>,
    slot: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<F::Output> {
    // Not returned out of the scope, which would move it twice.
    let mut polled = Poll::Pending;
    ending.enter(|| polled = poll_slot(slot, cx));
    polled
}

#[expect(clippy::expect_used, reason = "a future may panic when polled after completion")]
#[inline]
fn poll_slot<F: Future>(mut slot: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let polled = slot.as_mut().as_pin_mut().expect(TAKEN).poll(cx);
    if polled.is_ready() {
        slot.set(None);
    }
    polled
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
