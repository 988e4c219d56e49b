//! Layer, service, future and body are as `Send`, `Sync`, `Unpin` and `Clone` as what is in them, no
//! more and no less.

use crate::ambiguous::AmbiguousIfSend;
use crate::ambiguous::AmbiguousIfSync;
use crate::ambiguous::AmbiguousIfUnpin;
use bytes::Bytes;
use http::Request;
use http::Response;
use http::request::Parts;
use http_body::Body;
use http_body::Frame;
use http_body_util::Full;
use request_context::tower::Anonymous;
use request_context::tower::Authenticate;
use request_context::tower::AuthenticateWith;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::NoHook;
use request_context::tower::OnEnd;
use request_context::tower::RequestContextBody;
use request_context::tower::RequestContextFuture;
use request_context::tower::RequestContextLayer;
use request_context::tower::RequestContextService;
use std::cell::Cell;
use std::convert::Infallible;
use std::future::Ready;
use std::future::ready;
use std::marker::PhantomData;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::sync::MutexGuard;
use std::task::Context;
use std::task::Poll;
use tower::Service;

/// As the ones for the auto traits, for `Clone`.
trait AmbiguousIfClone<A> {}
impl<T: ?Sized> AmbiguousIfClone<()> for T {}
impl<T: Clone> AmbiguousIfClone<u8> for T {}

fn is_send<T: Send>() {}
fn is_not_send<T: AmbiguousIfSend<A>, A>() {}
fn is_sync<T: Sync>() {}
fn is_not_sync<T: AmbiguousIfSync<A>, A>() {}
fn is_unpin<T: Unpin>() {}
fn is_not_unpin<T: AmbiguousIfUnpin<A>, A>() {}
fn is_clone<T: Clone>() {}
fn is_not_clone<T: AmbiguousIfClone<A>, A>() {}

/// Everything at once: a service, its future, a body, a hook, an authenticator; as `M` is.
struct Of<M>(PhantomData<M>);

type SendOnly = Cell<u8>;
type SyncOnly = MutexGuard<'static, u8>;
type Neither = *const u8;

impl<M> Future for Of<M> {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

/// A service with such a future.
#[derive(Clone)]
struct Calling<M>(PhantomData<fn() -> M>);

impl<M> Service<Request<()>> for Calling<M> {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Of<M>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Of<M> {
        Of(PhantomData)
    }
}

impl<M> Body for Of<M> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

impl<M> OnEnd for Of<M> {
    fn on_end(&self, _: &EndOfRequest) {}
}

struct Asking<M>(PhantomData<M>);

impl<M> Authenticate for Asking<M> {
    type Future = Ready<Authentication>;

    fn authenticate(&self, _: &Parts) -> Self::Future {
        ready(Authentication::Anonymous)
    }
}

type BodyOf<M> = RequestContextBody<Of<M>>;
type ServiceOf<M> = RequestContextService<Of<M>>;
type FutureOf<M> = RequestContextFuture<Calling<M>, (), Anonymous, NoHook>;
type LayerOf<M> = RequestContextLayer<AuthenticateWith<Asking<M>>, NoHook>;

#[test]
fn the_body_is_as_the_inner_body() {
    is_send::<BodyOf<u8>>();
    is_sync::<BodyOf<u8>>();
    is_unpin::<BodyOf<u8>>();
    is_send::<BodyOf<SendOnly>>();
    is_not_sync::<BodyOf<SendOnly>, _>();
    is_sync::<BodyOf<SyncOnly>>();
    is_not_send::<BodyOf<SyncOnly>, _>();
    is_not_unpin::<BodyOf<PhantomPinned>, _>();
}

#[test]
fn the_service_is_as_the_inner_service() {
    is_send::<ServiceOf<u8>>();
    is_sync::<ServiceOf<u8>>();
    is_unpin::<ServiceOf<u8>>();
    is_send::<ServiceOf<SendOnly>>();
    is_not_sync::<ServiceOf<SendOnly>, _>();
    is_sync::<ServiceOf<SyncOnly>>();
    is_not_send::<ServiceOf<SyncOnly>, _>();
    is_not_unpin::<ServiceOf<PhantomPinned>, _>();
    is_clone::<RequestContextService<Calling<Neither>>>();
    is_not_clone::<ServiceOf<u8>, _>();
}

#[test]
fn the_future_is_as_the_inner_future() {
    is_send::<FutureOf<u8>>();
    is_sync::<FutureOf<u8>>();
    is_send::<FutureOf<SendOnly>>();
    is_not_sync::<FutureOf<SendOnly>, _>();
    is_sync::<FutureOf<SyncOnly>>();
    is_not_send::<FutureOf<SyncOnly>, _>();
    is_unpin::<FutureOf<u8>>();
    is_not_unpin::<FutureOf<PhantomPinned>, _>();
}

#[test]
fn the_future_is_as_the_request_body_and_the_answer_of_authentication_too() {
    type WithBody<B> = RequestContextFuture<AnyBody, B, AuthenticateWith<Asking<u8>>, NoHook>;
    is_send::<WithBody<u8>>();
    is_not_send::<WithBody<Neither>, _>();
    is_sync::<WithBody<u8>>();
    is_not_sync::<WithBody<SendOnly>, _>();
}

#[derive(Clone)]
struct AnyBody;

impl<B> Service<Request<B>> for AnyBody {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

#[test]
fn the_layer_is_shared_between_threads_if_what_the_user_gave_it_can_be() {
    is_send::<RequestContextLayer>();
    is_sync::<RequestContextLayer>();
    is_clone::<RequestContextLayer>();
    is_send::<LayerOf<u8>>();
    is_sync::<LayerOf<u8>>();
    is_clone::<LayerOf<Neither>>();
    is_not_send::<LayerOf<SendOnly>, _>();
    is_not_sync::<LayerOf<SendOnly>, _>();
    is_not_send::<RequestContextLayer<Anonymous, Of<SendOnly>>, _>();
    is_clone::<RequestContextLayer<Anonymous, Of<Neither>>>();
}

#[test]
fn a_hook_that_is_not_shared_between_threads_keeps_body_and_service_on_theirs() {
    is_send::<RequestContextBody<Of<u8>, Of<u8>>>();
    is_not_send::<RequestContextBody<Of<u8>, Of<SendOnly>>, _>();
    is_not_send::<RequestContextService<Of<u8>, Anonymous, Of<SendOnly>>, _>();
    // A service on one thread needs none of it.
    let layer = RequestContextLayer::new().on_end(Of::<Neither>(PhantomData));
    let _service = tower::Layer::layer(&layer, Calling::<Neither>(PhantomData));
}

#[test]
fn everything_can_be_printed_and_prints_no_ids() {
    let layer = RequestContextLayer::new().trust_request_id(|_| true);
    let mut service = tower::Layer::layer(
        &layer,
        tower::service_fn(|_: Request<()>| {
            ready(Ok::<_, Infallible>(Response::<Full<Bytes>>::default()))
        }),
    );
    let request = Request::get("/").header("x-request-id", "secret").body(()).unwrap();
    let future = service.call(request);
    let printed = format!("{layer:?} {future:?}");
    assert!(printed.contains("RequestContextLayer") && printed.contains("RequestContextFuture"));
    assert!(!printed.contains("secret"), "{printed}");
    assert!(
        format!("{:?}", RequestContextBody::<Full<Bytes>>::default())
            .starts_with("RequestContextBody")
    );
}
