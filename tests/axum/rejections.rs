//! The texts of the rejections, for whoever handles them in code.

use crate::support::eve;
use axum::extract::FromRequestParts;
use axum::extract::OptionalFromRequestParts;
use http::Request;
use http::request::Parts;
use request_context::RequestContext;
use request_context::RequestId;
use request_context::axum::ContextWebSocketUpgrade;
use request_context::axum::CurrentSession;
use request_context::axum::CurrentUser;
use std::error::Error;

fn parts() -> Parts {
    Request::new(()).into_parts().0
}

async fn rejection<T: FromRequestParts<()>>(mut parts: Parts) -> T::Rejection {
    T::from_request_parts(&mut parts, &()).await.err().unwrap()
}

/// Lower case, no period, and a remedy behind the semicolon.
fn assert_helps(error: &dyn Error) {
    let text = error.to_string();
    let is_lower = !text.starts_with(|first: char| first.is_uppercase());
    assert!(is_lower && !text.ends_with('.') && text.contains("; "), "{text}");
}

#[tokio::test]
async fn each_fault_tells_the_remedy_and_has_a_source() {
    let missing = rejection::<RequestContext>(parts()).await;
    assert!(missing.is_missing() && !missing.is_mismatch());
    let mut of_another = parts();
    of_another.extensions.insert(RequestContext::new());
    let mismatch = eve().scope(rejection::<RequestId>(of_another)).await;
    assert!(mismatch.is_mismatch() && !mismatch.is_missing());
    for rejection in [&missing, &mismatch] {
        assert_helps(rejection);
        assert_helps(rejection.source().unwrap());
    }

    let user = rejection::<CurrentUser>(parts()).await;
    assert_eq!(user.to_string(), missing.to_string());
    assert!(user.source().is_some() && user.missing_identity().is_none());
    let upgrade = rejection::<ContextWebSocketUpgrade>(parts()).await;
    assert_eq!(upgrade.to_string(), missing.to_string());
    assert!(upgrade.source().is_some() && upgrade.upgrade_rejection().is_none());
}

#[tokio::test]
async fn a_missing_identity_says_which() {
    let context = RequestContext::new();
    let user = context.clone().scope(rejection::<CurrentUser>(parts())).await;
    assert_helps(&user);
    assert!(user.missing_identity().unwrap().is_user());
    let session = context.scope(rejection::<CurrentSession>(parts())).await;
    assert_helps(&session);
    assert!(session.missing_identity().unwrap().is_session());
}

#[tokio::test]
async fn a_request_that_is_no_handshake_says_so_in_the_words_of_axum() {
    let context = RequestContext::new();
    let rejection = context.scope(rejection::<ContextWebSocketUpgrade>(parts())).await;
    assert_eq!(rejection.to_string(), rejection.upgrade_rejection().unwrap().to_string());
}

#[tokio::test]
async fn a_context_that_was_entered_by_hand_is_found_without_a_layer() {
    let mut parts = parts();
    let user = <CurrentUser as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &());
    assert_eq!(eve().scope(user).await.unwrap().unwrap().as_str(), "eve");
}
