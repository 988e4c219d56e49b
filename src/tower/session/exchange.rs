//! What the layer keeps of a request until its response has come.

use super::body::SessionBody;
use super::layer::Config;
use super::refusal;
use super::refusal::Refusal;
use super::refusal::log_dead_token;
use super::transport::Client;
use crate::context::RequestContext;
use crate::scope::Capture;
use crate::scope::CarriedSpan;
use crate::session::Opened;
use crate::session::Outbox;
use crate::session::Outgoing;
use crate::session::SessionError;
use crate::tower::rejection::Protocol;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::header::CACHE_CONTROL;
use http_body::Body;
use std::sync::Arc;

/// A request on its way through the layer.
pub(super) struct Exchange {
    pub(super) config: Arc<Config>,
    pub(super) capture: Capture,
    client: Client,
    /// The token that the client holds is of no session.
    holds_dead_token: bool,
    outbox: ClosedOnDrop,
}

/// Of a request that is given up, as of one that is answered, the client learns no more tokens.
struct ClosedOnDrop(Outbox);

impl Drop for ClosedOnDrop {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

impl Exchange {
    pub(super) fn new(config: Arc<Config>, context: RequestContext, client: Client) -> Self {
        let capture = Capture::new(context, CarriedSpan::current());
        let outbox = ClosedOnDrop(Outbox::new());
        Self { config, capture, client, holds_dead_token: false, outbox }
    }

    /// Goes on without a session until one is made.
    pub(super) fn admit_without(&mut self) -> Result<(), Refusal> {
        self.enter(None)
    }

    /// Goes on as the policy has it for a token of no session.
    pub(super) fn admit_dead(&mut self) -> Result<(), Refusal> {
        if !self.config.policy.goes_on() {
            return Err(Refusal::NotFound);
        }
        log_dead_token();
        self.holds_dead_token = true;
        self.enter(None)
    }

    /// Goes on by the store's answer to the token.
    pub(super) fn admit(
        &mut self,
        answer: Result<Option<Opened>, SessionError>,
    ) -> Result<(), Refusal> {
        match answer {
            Ok(Some(opened)) if self.is_begun_before_authentication(&opened) => {
                if self.config.policy.goes_on() {
                    // The first write renews the token: until then the client keeps the old one.
                    self.enter(None)
                } else {
                    Err(Refusal::OfNobody)
                }
            }
            Ok(Some(opened)) => match self.enter(Some(opened)) {
                Err(of_another) if self.config.policy.goes_on() => {
                    self.capture.enter(|| refusal::log(&of_another, None));
                    self.enter(None)
                }
                entered => entered,
            },
            Ok(None) => self.admit_dead(),
            Err(error) => Err(Refusal::Unavailable(error)),
        }
    }

    /// The answer to a request that is not let in. Of a dead cookie the client is rid: a page cannot
    /// leave it out, and would be refused for ever.
    pub(super) fn refuse(&self, refusal: Refusal, protocol: Protocol) -> Response<Bytes> {
        let is_dead = matches!(refusal, Refusal::NotFound);
        self.capture.enter(|| refusal::log(&refusal, None));
        let mut response = refusal.respond(protocol, Some(&self.capture.context));
        if is_dead {
            self.config.transport.forget(response.headers_mut(), self.client);
        }
        response
    }

    /// Whether the session is nobody's, and the request somebody's.
    fn is_begun_before_authentication(&self, opened: &Opened) -> bool {
        self.capture.context.user().is_some() && opened.owner().user_id().is_none()
    }

    fn enter(&mut self, opened: Option<Opened>) -> Result<(), Refusal> {
        let context = &self.capture.context;
        if opened.is_none() && self.config.sessions.are_in(context) {
            // The handle of a layer further out: another one beside it would begin another session,
            // also after the end of this one.
            return Ok(());
        }
        let entered = self.config.sessions.enter(context, opened, &self.outbox.0);
        // The only way to fail is that the session is somebody else's.
        let entered = entered.map_err(|_| Refusal::OfAnother)?;
        self.capture.context = entered;
        Ok(())
    }

    /// Finishes a response: what the client has to learn of its session on it, its body in the
    /// context.
    pub(super) fn respond<B: Body>(self, response: Response<B>) -> Response<SessionBody<B>> {
        let (mut parts, body) = response.into_parts();
        let Capture { context, span } = &self.capture;
        let latest = Capture::new(context.since_sign_in(), span.clone());
        let headers = &mut parts.headers;
        let Config { transport, .. } = &*self.config;
        let is_told = match self.outbox.0.close() {
            Some(Outgoing::Token(token)) => {
                transport.give(&token, headers, self.client);
                true
            }
            Some(Outgoing::Forget) => transport.forget(headers, self.client),
            None => self.holds_dead_token && transport.forget(headers, self.client),
        };
        if is_told {
            forbid_caching(headers);
        } else if latest.context.session().is_some() && !parts.status.is_informational() {
            let private = HeaderValue::from_static("private");
            headers.entry(CACHE_CONTROL).or_insert(private);
        }
        Response::from_parts(parts, SessionBody::new(latest, body))
    }
}

/// Has no cache keep the response (OWASP ASVS 5.0, 14.3.2), whatever the handler has told caches of
/// some kind apart: for them that would come before `Cache-Control` (RFC 9213, 2.2).
fn forbid_caching(headers: &mut HeaderMap) {
    let is_for_some = |name: &&HeaderName| {
        let name = name.as_str();
        name.ends_with("-cache-control")
            || matches!(name, "surrogate-control" | "x-accel-expires" | "expires")
    };
    let for_some: Vec<_> = headers.keys().filter(is_for_some).cloned().collect();
    for name in for_some {
        headers.remove(name);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
