//! Our layer, at its least and at its most.

use http::request::Parts;
use request_context::tower::Authenticate;
use request_context::tower::AuthenticateWith;
use request_context::tower::Authentication;
use request_context::tower::EndOfRequest;
use request_context::tower::Identity;
use request_context::tower::OnEnd;
use request_context::tower::RequestContextLayer;
use request_context::tower::bearer_token;
use std::future::Ready;
use std::future::ready;
use std::hint::black_box;

/// Request ID, scope and echo.
pub fn ours() -> RequestContextLayer {
    RequestContextLayer::new().without_span()
}

/// Besides, authentication, the span and the hook at the end.
pub fn ours_with_everything()
-> RequestContextLayer<AuthenticateWith<impl Authenticate<Future: 'static>>, impl OnEnd> {
    RequestContextLayer::new().authenticate(by_bearer_token).on_end(|end: &EndOfRequest| {
        black_box(end);
    })
}

/// The token is the name of the user.
fn by_bearer_token(parts: &Parts) -> Ready<Authentication> {
    ready(match bearer_token(&parts.headers) {
        Ok(None) => Authentication::Anonymous,
        Ok(Some(token)) => match token.parse() {
            Ok(user) => Authentication::Identified(Identity::new(user)),
            Err(_) => Authentication::rejected(),
        },
        Err(_) => Authentication::rejected(),
    })
}
