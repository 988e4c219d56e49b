//! `Subject`: what can be tested.

use super::any_body::AnyBody;
use super::reply::Reply;
use super::request_body::RequestBody;
use super::visitor::Visitor;
use bytes::Buf;
use http::Request;
use http::Response;
use http_body::Body;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use tower_service::Service;

/// What a service or a body fails with.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;
pub(super) type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What can be tested: a closure that makes a tower service, an async fn of a [`Visitor`], or a
/// [`url`](super::url).
///
/// The type parameter tells these apart; it is inferred. A service has to be `Clone`, as each visitor
/// has a connection of its own, and its requests have a [`RequestBody`]; axum's routers and tonic's
/// take any body.
pub trait Subject<Kind>: Send + 'static {
    #[doc(hidden)]
    fn into_program(self) -> Program;
}

/// Tells a closure that makes a service.
#[derive(Debug)]
pub enum OfService {}

/// Tells an async fn.
#[derive(Debug)]
pub enum OfFunction {}

/// Tells a URL.
#[derive(Debug)]
pub enum OfUrl {}

/// A subject, of whichever kind.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "it is made of closures, and nobody holds it")]
pub struct Program {
    pub(super) kind: ProgramKind,
    /// Whether it runs elsewhere, so that nothing of it is scheduled.
    pub(super) is_remote: bool,
}

pub(super) enum ProgramKind {
    /// Called once for each run.
    Service(Box<dyn Fn() -> Rc<dyn Served> + Send>),
    Function(Box<dyn Fn(Visitor) -> LocalFuture<'static, Reply> + Send>),
}

/// A program that answers requests.
pub(super) trait Served {
    /// As a client connects to it.
    fn connect(&self) -> Box<dyn Connection>;
}

pub(super) trait Connection {
    fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> LocalFuture<'_, Result<Response<AnyBody>, BoxError>>;
}

impl<F, S, B> Subject<(OfService, B)> for F
where
    F: Fn() -> S + Send + 'static,
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + 'static,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Data: Buf,
    B::Error: Into<BoxError>,
{
    fn into_program(self) -> Program {
        let make = move || Rc::new(OneService(self())) as Rc<dyn Served>;
        Program { kind: ProgramKind::Service(Box::new(make)), is_remote: false }
    }
}

struct OneService<S>(S);

impl<S, B> Served for OneService<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + 'static,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    fn connect(&self) -> Box<dyn Connection> {
        Box::new(Self(self.0.clone()))
    }
}

impl<S, B> Connection for OneService<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + 'static,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> LocalFuture<'_, Result<Response<AnyBody>, BoxError>> {
        Box::pin(async move {
            poll_fn(|cx| self.0.poll_ready(cx)).await.map_err(Into::into)?;
            let response = self.0.call(request).await.map_err(Into::into)?;
            Ok(response.map(AnyBody::new))
        })
    }
}

impl<F, A> Subject<(OfFunction, A)> for F
where
    F: Fn(Visitor) -> A + Send + 'static,
    A: Future<Output: Into<Reply>> + 'static,
{
    fn into_program(self) -> Program {
        let call = move |visitor| -> LocalFuture<'static, Reply> {
            let answer = self(visitor);
            Box::pin(async move { answer.await.into() })
        };
        Program { kind: ProgramKind::Function(Box::new(call)), is_remote: false }
    }
}
