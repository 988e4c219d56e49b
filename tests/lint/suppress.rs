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
    let text = "// request-context: allow(C003, static_mut, reason = \"why\")\n\
                tokio::task_local! { static A: u8; } static mut B: u8 = 0;\n";
    assert_eq!(codes(text), [""; 0]);
}

#[test]
fn a_comment_without_a_reason_silences_nothing_and_is_reported() {
    for said in [
        "allow(S001)",
        "allow(S001, reason = \"\")",
        "allow(reason = \"why\")",
        "allow S001",
        "allow(S001, reason)",
        "allow(S001, reason = why)",
        "allow(S001, reason = \"why)",
        "alow(S001, reason = \"why\")",
        "allwo S001",
        "expect(S001, reason = \"why\")",
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

#[test]
fn a_mark_that_is_mistyped_is_reported_and_code_and_prose_are_not() {
    for said in ["request-context allow(S001, reason = \"why\")", "request_context: allow(S001)"] {
        assert_eq!(codes(&format!("// {said}\n{FAULT}\n")), ["A002", "S001"], "{said}");
    }
    for said in [
        "request_context::spawn(async {})",
        "request-context: the crate",
        "request-context is a crate",
        "request-context's allow(..)",
    ] {
        assert_eq!(codes(&format!("// {said}\n{FAULT}\n")), ["S001"], "{said}");
    }
}

#[test]
fn a_code_that_is_no_rule_is_told_so_and_the_others_of_the_comment_hold() {
    let text = format!("// request-context: allow(S999, S001, reason = \"why\")\n{FAULT}\n");
    let checked = Project::main(&text).run();
    assert_eq!(checked.suppressed(), 1);
    assert_eq!(checked.findings()[0].rule().code(), "A002");
    let message = checked.findings()[0].message();
    assert!(message.contains("`S999`, which is no rule"), "{message}");
    assert_eq!(checked.findings().len(), 1);
}

#[test]
fn each_code_that_silences_nothing_is_reported() {
    let text = format!("// request-context: allow(S002, S001, C001, reason = \"why\")\n{FAULT}\n");
    let checked = Project::main(&text).run();
    let fingerprints: Vec<_> =
        checked.findings().iter().map(request_context::lint::Finding::fingerprint).collect();
    assert_eq!(fingerprints, ["A001 app C001", "A001 app S002"]);
}

#[test]
fn a_comment_covers_a_statement_of_several_lines_and_no_more() {
    let silence = "// request-context: allow(C001, reason = \"why\")";
    let handler = |body: &str| {
        codes(&format!(
            "async fn f(p: axum::extract::Query<u8>) {{\n{}\n}}\n",
            body.replace("ALLOW", silence)
        ))
    };
    for body in [
        "ALLOW\nlet handle =\n    std::thread::Builder::new()\n        .name(n)\n        .spawn(move || {});",
        "ALLOW\nrun(\n    HashMap::<u8, u8>::new(),\n    // \"; }\n    tokio::spawn(async {}),\n);",
        "ALLOW\nlet a = match p {\n    _ => '}',\n    _ => tokio::spawn(async {}),\n};",
        "ALLOW\n#[cfg(\n    unix\n)]\nlet a =\n  tokio::spawn(async {});",
        "run(\n    ALLOW\n    Some(\n        tokio::spawn(async {}),\n    ),\n    1,\n);",
        "match p {\n    ALLOW\n    _ =>\n        tokio::spawn(async {}),\n    _ => a,\n}",
    ] {
        assert_eq!(handler(body), [""; 0], "{body}");
    }
    for body in [
        "ALLOW\nlet a = r#\"\n;\"\"#;\ntokio::spawn(async {});",
        "ALLOW\nif p {\n    tokio::spawn(async {});\n}",
        "run(\n    ALLOW\n    1,\n    tokio::spawn(async {}),\n);",
        "{\n  ALLOW\n}\ntokio::spawn(async {});",
    ] {
        assert_eq!(handler(body), ["A001", "C001"], "{body}");
    }
}

#[test]
fn comments_in_files_that_the_settings_exclude_are_not_judged() {
    let settings = "[package]\nname = \"app\"\n[package.metadata.request-context]\nexclude = [\"src/made.rs\"]\n";
    let text = format!("// request-context: allow(S001, reason = \"why\")\n{FAULT}\n");
    let project =
        Project::main("mod made;\n").file("src/made.rs", &text).file("Cargo.toml", settings);
    assert_eq!(project.found(), [""; 0]);
    let off = settings.replace("exclude = [\"src/made.rs\"]", "allow = [\"S001\"]");
    assert_eq!(project.file("Cargo.toml", off).found(), [""; 0]);
}
