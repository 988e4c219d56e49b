//! What the errors say, and when.

use request_context::ContextExt;
use request_context::MissingIdentity;
use request_context::NoContext;
use request_context::RequestContext;
use request_context::try_carry;
use std::error::Error;

/// The house style: one line that begins small, ends without a period, and says what to do.
fn is_in_house_style(error: &(impl Error + Clone + PartialEq + Send + Sync + 'static)) {
    let text = error.to_string();
    assert!(text.starts_with(|c: char| c.is_ascii_lowercase()), "{text}");
    assert!(!text.ends_with('.') && !text.contains('\n') && !text.contains("  "), "{text}");
    assert!(error.source().is_none());
    assert!(*error == error.clone());
}

#[test]
fn no_context_says_what_is_missing_and_names_the_remedies() {
    let error = RequestContext::try_current().unwrap_err();
    is_in_house_style(&error);
    let text = error.to_string();
    for word in ["RequestContext", "scope", "in_current_context", "carry", "spawn"] {
        assert!(text.contains(word), "{word} is not in: {text}");
    }
}

#[test]
fn every_try_twin_gives_the_same_error() {
    let error: NoContext = RequestContext::try_current().unwrap_err();
    assert_eq!(RequestContext::try_with(|_| ()).unwrap_err(), error);
    assert_eq!(try_carry(|| ()).err(), Some(error.clone()));
    assert_eq!(async {}.try_in_current_context().err(), Some(error));
}

#[test]
fn a_missing_session_and_a_missing_user_are_told_apart() {
    let context = RequestContext::new();
    let session: MissingIdentity = context.require_session().unwrap_err();
    let user = context.require_user().unwrap_err();
    assert!(session.is_session() && !session.is_user());
    assert!(user.is_user() && !user.is_session());
    assert_ne!(session, user);
    is_in_house_style(&session);
    is_in_house_style(&user);
    assert!(session.to_string().contains("no session"), "{session}");
    assert!(session.to_string().contains("`session()`"), "{session}");
    assert!(user.to_string().contains("no user"), "{user}");
    assert!(user.to_string().contains("`user()`"), "{user}");
}

#[test]
fn what_is_required_and_there_is_given() {
    let context = RequestContext::builder()
        .session("session-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .build();
    assert_eq!(context.require_session().ok(), context.session());
    assert_eq!(context.require_user().ok(), context.user());
    assert_eq!(context.require_user().unwrap().as_str(), "ada");
    let with_session = RequestContext::builder().session("session-1".parse().unwrap()).build();
    assert!(with_session.require_session().is_ok() && with_session.require_user().is_err());
}

#[test]
fn an_error_about_an_id_is_in_house_style() {
    is_in_house_style(&"".parse::<request_context::RequestId>().unwrap_err());
    is_in_house_style(&"x".repeat(300).parse::<request_context::UserId>().unwrap_err());
    is_in_house_style(&"\n".parse::<request_context::SessionId>().unwrap_err());
}
