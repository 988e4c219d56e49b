//! The panic report names the request. In a process of its own: a panic hook is for all threads,
//! and what it writes to standard error is read from outside.

use request_context::LogFields;
use request_context::RequestContext;
use std::env;
use std::panic;
use std::process::Command;

const ROLE: &str = "PANIC_HOOK_TEST_ROLE";

#[test]
fn a_panic_in_a_context_is_reported_with_its_request_and_one_outside_as_before() {
    if let Ok(role) = env::var(ROLE) {
        return panic_as(&role);
    }
    let inside = report_of("inside");
    let expected = " in request.id=r-1 session.id=s-1 user.id=\"a b\"\n";
    let (line, rest) = inside.split_at(inside.find('\n').map_or(0, |at| at + 1));
    let place = format!("panic at {}:", file!());
    assert!(line.starts_with(&place) && line.ends_with(expected), "{inside}");
    assert!(rest.contains("panicked at") && rest.contains("boom"), "{inside}");

    let outside = report_of("outside");
    assert!(!outside.contains("request.id"), "{outside}");
    assert!(outside.contains("panicked at") && outside.contains("boom"), "{outside}");

    let chosen = report_of("chosen");
    assert!(
        chosen.lines().next().is_some_and(|line| line.ends_with(" in request.id=r-1")),
        "{chosen}"
    );

    let none = report_of("none");
    assert!(!none.contains("panic at") && none.contains("panicked at"), "{none}");
}

fn report_of(role: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg("a_panic_in_a_context_is_reported_with_its_request_and_one_outside_as_before")
        .env(ROLE, role)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap().trim_start().to_owned()
}

fn panic_as(role: &str) {
    let fields = match role {
        "chosen" => LogFields::all().without_session_id().without_user_id(),
        "none" => LogFields::all().without_request_id().without_session_id().without_user_id(),
        _ => LogFields::all(),
    };
    request_context::install_panic_hook(fields);
    let context = RequestContext::builder()
        .request_id("r-1".parse().unwrap())
        .session("s-1".parse().unwrap())
        .user("a b".parse().unwrap())
        .build();
    let boom = || panic::catch_unwind(|| panic!("boom")).unwrap_err();
    if role == "outside" { drop(boom()) } else { drop(context.sync_scope(boom)) }
}
