//! No value can forge a line, a field or an ID.

use crate::support::logged;
use crate::support::logged_by;
use proptest::prelude::*;
use request_context::LogLayer;
use request_context::RequestContext;
use serde_json::Value;
use tracing::info;
use tracing::info_span;

/// What a terminal or a log reader may take for an end of line, a command, or another order.
const HOSTILE: &str = "x\r\n{\"user.id\":\"root\"}\u{1b}[2J\u{9b}31m\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\0\u{7f}\t\"}],\\";

fn is_harmless(line: &str) -> bool {
    !line
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

fn log_everywhere(text: &str) {
    info_span!("s", text, debug = ?text, display = %text).in_scope(|| {
        info!(text, debug = ?text, display = %text, error = %text, "message {text}");
    });
}

#[test]
fn hostile_text_stays_in_its_json_value() {
    let lines = logged(|| log_everywhere(HOSTILE));
    assert!(is_harmless(lines.text().trim_end_matches('\n')), "{}", lines.text());
    let line = lines.only();
    assert_eq!(line["fields"]["text"], HOSTILE);
    assert_eq!(line["fields"]["display"], HOSTILE);
    assert_eq!(line["fields"]["message"], format!("message {HOSTILE}"));
    assert_eq!(line["spans"][0]["fields"]["text"], HOSTILE);
    assert!(line.get("user.id").is_none());
}

#[test]
fn hostile_text_stays_on_its_line_of_text_and_behind_the_ids() {
    let user = "root\" request.id=forged {x}";
    let context = RequestContext::builder()
        .request_id("r-1".parse().unwrap())
        .user(user.parse().unwrap())
        .build();
    let lines = logged_by(LogLayer::text().with_timer(()), || {
        context.sync_scope(|| log_everywhere(HOSTILE));
    });
    let text = lines.text();
    let line = text.strip_suffix('\n').unwrap();
    assert!(is_harmless(line), "{line}");
    assert!(
        line.starts_with(
            r#" INFO request.id=r-1 user.id="root\" request.id=forged {x}" s{text="x\r\n{\""#
        ),
        "{line}"
    );
}

#[test]
fn an_event_field_named_like_an_id_does_not_reach_the_top_level() {
    let line = logged(|| info!(request.id = "forged", level = "forged", "x")).only();
    assert!(line.get("request.id").is_none());
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["fields"]["request.id"], "forged");
}

#[test]
fn ids_with_quotes_and_beyond_ascii_come_back_as_they_were() {
    let user = "o\"brien\\ \u{2028}é";
    let context = RequestContext::builder().user(user.parse().unwrap()).build();
    let lines = logged(|| context.sync_scope(|| info!("x")));
    assert!(!lines.text().contains('\u{2028}'));
    assert_eq!(lines.only()["user.id"], user);
}

proptest! {
    #[test]
    fn any_text_comes_back_from_json_and_makes_one_harmless_line_in_both_styles(
        text in "(.|[\\x00-\\x1f\"\\\\\u{7f}-\u{9f}\u{2026}-\u{2030}\u{2065}-\u{206a}]){0,40}",
    ) {
        let lines = logged(|| log_everywhere(&text));
        prop_assert!(is_harmless(lines.text().strip_suffix('\n').unwrap()));
        let line: Value = lines.only();
        prop_assert_eq!(&line["fields"]["text"], &text);
        prop_assert_eq!(&line["fields"]["display"], &text);
        prop_assert_eq!(&line["spans"][0]["fields"]["display"], &text);
        let lines = logged_by(LogLayer::text(), || log_everywhere(&text));
        prop_assert!(is_harmless(lines.text().strip_suffix('\n').unwrap()));
    }
}

#[test]
fn a_field_of_a_span_cannot_take_the_place_of_its_name() {
    let line = logged(|| {
        info_span!("login", name = "transfer approved").in_scope(|| info!("x"));
    })
    .only();
    assert_eq!(line["spans"][0]["name"], "login");
    assert_eq!(line["spans"][0]["fields"]["name"], "transfer approved");
}

#[test]
fn in_text_a_message_that_could_pass_for_fields_or_spans_is_quoted() {
    let line = |message: &str| {
        let lines = logged_by(LogLayer::text().with_timer(()), || info!("{message}"));
        lines.text().trim_end().split_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(line("all is well"), "all is well");
    assert_eq!(line("ok user.id=root"), r#""ok user.id=root""#);
    assert_eq!(line("s{x}: y"), r#""s{x}: y""#);
    assert_eq!(line("two\nlines"), r#""two\nlines""#);
    assert_eq!(line(r"one\nline"), r#""one\\nline""#);
}

#[test]
fn in_text_the_message_of_a_span_is_a_field_like_any_other() {
    let lines = logged_by(LogLayer::text().with_timer(()), || {
        let span = info_span!("s", message = "x} a:b{c=1", b = 1);
        span.record("b", 2);
        span.in_scope(|| info!("m"));
    });
    let start = r#" INFO s{message="x} a:b{c=1" b=2}: "#;
    assert!(lines.text().starts_with(start), "{}", lines.text());
}

#[test]
fn of_all_characters_none_that_is_harmful_reaches_a_line_and_all_come_back() {
    let all: String = ('\0'..='\u{2100}').chain('\u{feff}'..='\u{ffff}').collect();
    let lines = logged(|| log_everywhere(&all));
    assert!(is_harmless(lines.text().strip_suffix('\n').unwrap()));
    assert_eq!(lines.only()["fields"]["text"], all);
    let lines = logged_by(LogLayer::text(), || log_everywhere(&all));
    assert!(is_harmless(lines.text().strip_suffix('\n').unwrap()));
}
