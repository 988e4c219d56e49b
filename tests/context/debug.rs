//! `Debug` shows IDs and type names, never what is in a value.

use futures::stream;
use request_context::BodyInContext;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::ContextValue;
use request_context::RequestContext;
use std::fmt;
use std::future::pending;

const CANARY: &str = "canary-5f1d";

#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ContextValue for Secret {}

fn request() -> RequestContext {
    RequestContext::builder()
        .request_id("request-1".parse().unwrap())
        .session("session-1".parse().unwrap())
        .user("ada".parse().unwrap())
        .insert(Secret(CANARY.into()))
        .build()
}

#[test]
fn a_context_shows_its_ids_and_the_type_names_of_its_values() {
    let expected = r#"RequestContext { request.id: "request-1", session.id: "session-1", user.id: "ada", values: ["context::debug::Secret"] }"#;
    assert_eq!(format!("{:?}", request()), expected);
}

#[test]
fn what_a_context_does_not_have_it_does_not_show() {
    let context = RequestContext::builder().request_id("request-1".parse().unwrap()).build();
    let expected = r#"RequestContext { request.id: "request-1", values: [] }"#;
    assert_eq!(format!("{context:?}"), expected);
}

#[test]
fn a_detached_context_shows_on_whose_behalf_it_is() {
    let expected = r#"RequestContext { request.id: "request-1", on_behalf_of: "ada", values: [] }"#;
    assert_eq!(format!("{:?}", request().detach()), expected);
}

#[test]
fn no_value_is_ever_shown_by_anything_that_holds_a_context() {
    fn shows(shown: &impl fmt::Debug) {
        for text in [format!("{shown:?}"), format!("{shown:#?}")] {
            assert!(!text.contains(CANARY), "{text}");
        }
    }
    shows(&request());
    shows(&RequestContext::builder().insert(Secret(CANARY.into())));
    shows(&request().to_builder());
    shows(&pending::<Secret>().in_context(request()));
    request().sync_scope(|| {
        shows(&pending::<Secret>().in_current_context());
        shows(&stream::empty::<()>().in_current_context());
        shows(&BodyInContext::<()>::default());
        shows(&RequestContext::try_current());
    });
}

#[test]
fn adapters_show_which_request_they_run_for() {
    request().sync_scope(|| {
        let shown = [
            format!("{:?}", pending::<()>().in_context(request())),
            format!("{:?}", pending::<()>().in_current_context()),
            format!("{:?}", stream::empty::<()>().in_current_context()),
            format!("{:?}", BodyInContext::<()>::default()),
        ];
        for text in shown {
            assert!(text.contains(r#"request.id: "request-1""#), "{text}");
        }
    });
}

#[test]
fn an_id_cannot_forge_a_field_or_a_line() {
    let user = r#"ada", admin: "yes"#.parse().unwrap();
    let context = RequestContext::builder().user(user).build();
    assert!(format!("{context:?}").contains(r#"user.id: "ada\", admin: \"yes""#));
}
