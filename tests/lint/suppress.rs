//! Comments that silence a rule.

use crate::project::Project;
use crate::project::codes;

const FAULT: &str = "static mut COUNT: u64 = 0;";

#[test]
fn a_comment_with_a_reason_silences_the_line_below_or_its_own() {
    let silence = "// request-context: allow(S001, reason = \"set before the first thread\")";
    for text in [
        format!("{silence}\n{FAULT}\n"),
        format!("{FAULT} {silence}\n"),
        format!("{silence}\n#[rustfmt::skip]\n{FAULT}\n"),
        format!("/* request-context: allow(static_mut, reason = \"why\") */\n{FAULT}\n"),
    ] {
        let checked = Project::main(&text).run();
        assert!(checked.findings().is_empty(), "{}", checked.to_text(false));
        assert_eq!(checked.suppressed(), 1);
    }
}

#[test]
fn one_comment_may_name_several_rules() {
    let text = format!("// request-context: allow(S001, C001, reason = \"why\")\n{FAULT}\n");
    assert!(codes(&text).is_empty());
}

#[test]
fn a_comment_without_a_reason_silences_nothing_and_is_reported() {
    for said in [
        "allow(S001)",
        "allow(S001, reason = \"\")",
        "allow(reason = \"why\")",
        "allow S001",
        "allow(S001, reason)",
    ] {
        let text = format!("// request-context: {said}\n{FAULT}\n");
        assert_eq!(codes(&text), ["A002", "S001"], "{said}");
    }
}

#[test]
fn a_comment_that_has_nothing_to_silence_is_reported() {
    let text = "// request-context: allow(S001, reason = \"why\")\nstatic COUNT: u64 = 0;\n";
    assert_eq!(codes(text), ["A001"]);
    let text = format!("// request-context: allow(S002, reason = \"why\")\n{FAULT}\n");
    assert_eq!(codes(&text), ["A001", "S001"]);
}

#[test]
fn a_comment_reaches_no_further_than_the_next_line_with_code() {
    let text = format!("// request-context: allow(S001, reason = \"why\")\nfn f() {{}}\n{FAULT}\n");
    assert_eq!(codes(&text), ["A001", "S001"]);
}

#[test]
fn prose_and_strings_with_the_mark_are_no_comments_of_that_kind() {
    let text = "/// // request-context: allow(S001)\nfn f() -> &'static str { \"// request-context: allow(S001)\" }\n\
                // Write `request-context: allow(..)` above.\n";
    assert!(codes(text).is_empty());
}
