//! [`ContextWebSocketUpgrade`]: a WebSocket that stays in the context of its request.

use super::rejection::ContextWebSocketUpgradeRejection;
use super::request_context::context_of;
use crate::context::RequestContext;
use crate::scope::Capture;
use crate::scope::Carried;
use crate::scope::carry;
use crate::scope::carry_mut;
use axum::extract::ws::DefaultOnFailedUpgrade;
use axum::extract::ws::OnFailedUpgrade;
use axum::extract::ws::WebSocket;
use axum::extract::ws::WebSocketUpgrade;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::HeaderValue;
use http::Request;
use http::request::Parts;
use std::borrow::Cow;
use std::fmt;

/// axum's [`WebSocketUpgrade`], whose callbacks run in the context and span of the request.
///
/// axum runs them in a plain `tokio::spawn`, which loses both. Here the callback, the future that it
/// returns and all that they own are called, polled **and dropped** in the context, and so is the
/// callback for a failed upgrade; either also if it never runs.
///
/// ```
/// use axum::Router;
/// use axum::extract::ws::WebSocket;
/// use axum::response::Response;
/// use axum::routing::any;
/// use request_context::RequestContext;
/// use request_context::axum::ContextWebSocketUpgrade;
/// use request_context::tower::RequestContextLayer;
/// use tower::Layer;
///
/// async fn chat(upgrade: ContextWebSocketUpgrade) -> Response {
///     upgrade.on_upgrade(echo)
/// }
///
/// async fn echo(mut socket: WebSocket) {
///     while let Some(Ok(message)) = socket.recv().await {
///         tracing::info!("for {:?}", RequestContext::current().user());
///         let _ = socket.send(message).await;
///     }
/// }
///
/// let app = RequestContextLayer::new().layer(Router::new().route("/chat", any(chat)));
/// # let _: request_context::tower::RequestContextService<Router> = app;
/// ```
///
/// The request is over when the upgrade is answered: that is when the [hook at the
/// end](crate::tower::OnEnd) is told, and [`has_ended`](RequestContext::has_ended) is true in the
/// callback.
#[must_use = "to set up the WebSocket connection, call `on_upgrade` and return its response"]
pub struct ContextWebSocketUpgrade<F = DefaultOnFailedUpgrade> {
    upgrade: WebSocketUpgrade,
    /// `None` as long as it is the default, which only axum can make.
    on_failed_upgrade: Option<F>,
    /// What the callbacks run in if `on_upgrade` is called outside every scope.
    capture: Capture,
    /// As much of the request as it takes to find its context again.
    request: Parts,
}

impl<S: Send + Sync> FromRequestParts<S> for ContextWebSocketUpgrade {
    type Rejection = ContextWebSocketUpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let context = context_of(parts)?;
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await?;
        let (mut request, ()) = Request::new(()).into_parts();
        request.method = parts.method.clone();
        request.uri = parts.uri.clone();
        request.extensions.insert(context.clone());
        let capture = context.sync_scope(Capture::current);
        Ok(Self { upgrade, on_failed_upgrade: None, capture, request })
    }
}

impl<F> ContextWebSocketUpgrade<F> {
    /// As [`WebSocketUpgrade::read_buffer_size`].
    pub fn read_buffer_size(self, size: usize) -> Self {
        self.map(|upgrade| upgrade.read_buffer_size(size))
    }

    /// As [`WebSocketUpgrade::write_buffer_size`].
    pub fn write_buffer_size(self, size: usize) -> Self {
        self.map(|upgrade| upgrade.write_buffer_size(size))
    }

    /// As [`WebSocketUpgrade::max_write_buffer_size`].
    pub fn max_write_buffer_size(self, max: usize) -> Self {
        self.map(|upgrade| upgrade.max_write_buffer_size(max))
    }

    /// As [`WebSocketUpgrade::max_message_size`].
    pub fn max_message_size(self, max: usize) -> Self {
        self.map(|upgrade| upgrade.max_message_size(max))
    }

    /// As [`WebSocketUpgrade::max_frame_size`].
    pub fn max_frame_size(self, max: usize) -> Self {
        self.map(|upgrade| upgrade.max_frame_size(max))
    }

    /// As [`WebSocketUpgrade::accept_unmasked_frames`].
    pub fn accept_unmasked_frames(self, accept: bool) -> Self {
        self.map(|upgrade| upgrade.accept_unmasked_frames(accept))
    }

    /// As [`WebSocketUpgrade::protocols`].
    pub fn protocols<I>(self, protocols: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Cow<'static, str>>,
    {
        self.map(|upgrade| upgrade.protocols(protocols))
    }

    /// As [`WebSocketUpgrade::requested_protocols`].
    pub fn requested_protocols(&self) -> impl Iterator<Item = &HeaderValue> {
        self.upgrade.requested_protocols()
    }

    /// As [`WebSocketUpgrade::set_selected_protocol`].
    pub fn set_selected_protocol(&mut self, protocol: HeaderValue) {
        self.upgrade.set_selected_protocol(protocol);
    }

    /// As [`WebSocketUpgrade::selected_protocol`].
    #[must_use]
    pub fn selected_protocol(&self) -> Option<&HeaderValue> {
        self.upgrade.selected_protocol()
    }

    /// As [`WebSocketUpgrade::on_failed_upgrade`]; `callback` runs and is dropped in the context.
    pub fn on_failed_upgrade<C: OnFailedUpgrade>(self, callback: C) -> ContextWebSocketUpgrade<C> {
        let Self { upgrade, capture, request, .. } = self;
        ContextWebSocketUpgrade { upgrade, on_failed_upgrade: Some(callback), capture, request }
    }

    /// As [`WebSocketUpgrade::on_upgrade`]; the callbacks run in the context and span that are
    /// current **at this call**: after a [sign-in](RequestContext::sign_in), the user's. Outside
    /// every scope, in those of the extraction.
    ///
    /// In the context of **another** request nothing is upgraded: the response is 500, and the log
    /// names the fault.
    ///
    /// # Panics
    /// Outside a tokio runtime, where axum can start no task.
    ///
    /// # Cancel safety
    /// The upgrade goes on without whoever called, on a task that nothing aborts: a graceful shutdown
    /// of `axum::serve` does not wait for it.
    #[must_use = "to set up the WebSocket connection, this response must be returned"]
    pub fn on_upgrade<C, Fut>(self, callback: C) -> Response
    where
        C: FnOnce(WebSocket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
        F: OnFailedUpgrade,
    {
        let Self { upgrade, mut on_failed_upgrade, capture, request } = self;
        let capture = match context_of(&request) {
            Ok(_) => Capture::try_current().unwrap_or(capture),
            Err(rejection) => return rejection.into_response(),
        };
        let (callback, on_failed_upgrade) = capture.enter(|| {
            // Carried without its argument, so that it is dropped in the context if it never runs.
            let callback = carry(move || callback);
            let on_failed_upgrade = carry_mut(move |error| {
                if let Some(callback) = on_failed_upgrade.take() {
                    callback.call(error);
                }
            });
            (callback, on_failed_upgrade)
        });
        let upgrade = upgrade.on_failed_upgrade(on_failed_upgrade);
        outside(|| {
            upgrade.on_upgrade(move |socket| {
                let callback = callback();
                Carried::new(capture, async move { callback(socket).await })
            })
        })
    }

    /// The context of the request, as it was at the extraction.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        &self.capture.context
    }

    fn map(self, f: impl FnOnce(WebSocketUpgrade) -> WebSocketUpgrade) -> Self {
        Self { upgrade: f(self.upgrade), ..self }
    }
}

impl<F> fmt::Debug for ContextWebSocketUpgrade<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextWebSocketUpgrade")
            .field("upgrade", &self.upgrade)
            .field("context", self.context())
            .finish_non_exhaustive()
    }
}

/// Runs `f` in no context. axum's task enters one only after its first poll, for which the
/// `PlainSpawnDetector` would report it.
#[cfg(all(tokio_unstable, feature = "spawn"))]
fn outside<R>(f: impl FnOnce() -> R) -> R {
    use crate::scope::Outside;
    use std::pin::pin;
    use std::task::Context;
    use std::task::Poll;
    use std::task::Waker;

    let future = pin!(Outside::new(async { f() }));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("`f` awaits nothing"),
    }
}

#[cfg(not(all(tokio_unstable, feature = "spawn")))]
fn outside<R>(f: impl FnOnce() -> R) -> R {
    f()
}
