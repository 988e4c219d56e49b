//! [`SessionLayer`]: which sessions, by which transport, and what of a token that is dead.

use super::policy::Policy;
use super::service::SessionService;
use super::transport::Transport;
use crate::session::Sessions;
use std::sync::Arc;
use std::sync::Once;
use tower_layer::Layer;

/// Gives each request its session: [`Session::current`](crate::session::Session::current).
///
/// See the [module docs](super) for what it does. Put it inside a
/// [`RequestContextLayer`](crate::tower::RequestContextLayer), around the **finished** service.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct SessionLayer {
    config: Arc<Config>,
}

/// What the layer, its services and their futures share.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) sessions: Sessions,
    pub(super) transport: Transport,
    pub(super) policy: Policy,
    /// The log was told of the insecure cookie.
    pub(super) is_warned: Once,
}

impl SessionLayer {
    /// These sessions, their tokens on this transport, dead tokens by this policy.
    pub fn new(sessions: Sessions, transport: impl Into<Transport>, policy: Policy) -> Self {
        let transport = transport.into();
        let is_warned = Once::new();
        Self { config: Arc::new(Config { sessions, transport, policy, is_warned }) }
    }

    /// The sessions that the layer was given.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.config.sessions
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, Arc::clone(&self.config))
    }
}
