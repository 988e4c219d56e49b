//! Each rule: its page, the fault that it must find, and the mended code that it must not.

use crate::project::Project;
use request_context::lint::Mark;
use request_context::lint::Rule;
use request_context::testing::LeakTest;
use request_context::testing::TestRequest;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What stands in the first block of code below a heading.
fn sample(page: &str, heading: &str) -> Option<String> {
    let (_, below) = page.split_once(&format!("\n## {heading}\n\n```rust\n"))?;
    Some(below.split_once("```")?.0.to_owned())
}

#[test]
fn each_page_is_of_a_rule_and_says_its_name_and_level() {
    let pages = fs::read_dir(root().join("src/lint/rules/pages")).unwrap();
    let pages: BTreeSet<_> =
        pages.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let rules: BTreeSet<_> = Rule::all().iter().map(|rule| format!("{}.md", rule.code())).collect();
    assert_eq!(pages, rules);
    for rule in Rule::all() {
        let title = format!("# {}: {} ({})\n", rule.code(), rule.name(), rule.level());
        assert!(rule.page().starts_with(&title), "{title}");
    }
}

#[test]
fn the_table_of_rules_in_the_documentation_is_that_of_the_code() {
    let docs = fs::read_to_string(root().join("src/lint/mod.rs")).unwrap();
    let row = |rule: &Rule| {
        format!(
            "//! | {} | `{}` | {} | {} |",
            rule.code(),
            rule.name(),
            rule.level(),
            rule.summary()
        )
    };
    let expected: Vec<_> = Rule::all().iter().map(row).collect();
    let is_row = |line: &&str| line.starts_with("//! | ") && line.matches('|').count() == 5;
    let rows: Vec<_> =
        docs.lines().filter(is_row).filter(|row| !row.contains("what it finds")).collect();
    assert_eq!(rows, expected);
}

#[test]
fn rules_stand_in_the_order_of_their_codes_and_are_found_by_code_and_name() {
    let codes: Vec<_> = Rule::all().iter().map(Rule::code).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for rule in Rule::all() {
        assert_eq!(Rule::find(rule.name()).unwrap().code(), rule.code());
        assert_eq!(Rule::find(&rule.code().to_lowercase()).unwrap().code(), rule.code());
    }
    assert!(Rule::find("Z999").is_none());
}

#[test]
fn the_fault_on_each_page_is_found_and_the_mended_code_is_not() {
    for rule in Rule::all().iter().filter(|rule| !rule.code().starts_with('A')) {
        let code =
            |heading| sample(rule.page(), heading).unwrap_or_else(|| panic!("{}", rule.code()));
        let found = Project::main(&code("Fault")).found();
        assert_eq!(found.len(), 1, "{}: {found:?}", rule.code());
        assert!(found[0].starts_with(rule.code()), "{}: {found:?}", rule.code());
        let found = Project::main(&code("Mended")).found();
        assert!(found.is_empty(), "{}: {found:?}", rule.code());
    }
}

#[test]
fn each_fixture_is_found_where_it_says_and_nowhere_else() {
    let folder = root().join("tests/lint/fixtures");
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(entry.path()).unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut expected = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if let Some((_, codes)) = line.split_once("//~ ") {
                expected
                    .extend(codes.split(' ').map(|code| format!("{code} src/main.rs:{}", at + 1)));
            }
        }
        assert_eq!(Project::main(&text).found(), expected, "{name}");
        assert_eq!(name.ends_with("_fault.rs"), !expected.is_empty(), "{name}");
        seen.insert(name[..4].to_uppercase());
    }
    let rules = Rule::all().iter().filter(|rule| !rule.code().starts_with('A'));
    assert_eq!(seen, rules.map(|rule| rule.code().to_owned()).collect());
}

#[test]
fn a_channel_to_all_is_also_marked_where_it_is_made() {
    let text = "use tokio::sync::broadcast::{Sender, channel};\n\
                static HUB: LazyLock<Hub> = LazyLock::new(Hub::new);\n\
                struct Hub { events: Sender<Event> }\n\
                impl Hub {\n    fn new() -> Self {\n        let (events, _) = channel(8);\n        \
                Self { events }\n    }\n}\n\
                async fn listen(Path(id): Path<u64>) { HUB.events.subscribe(); }\n";
    let checked = Project::main(text).run();
    let finding = &checked.findings()[0];
    assert_eq!(finding.rule().code(), "S006");
    let lines: Vec<_> = finding.other_places().iter().map(Mark::line).collect();
    assert!(lines.contains(&6), "{lines:?}");
}

#[test]
fn each_finding_tells_the_story_the_mend_and_the_test_that_would_show_it() {
    for rule in Rule::all().iter().filter(|rule| !rule.code().starts_with('A')) {
        let project = Project::main(&sample(rule.page(), "Fault").unwrap());
        let checked = project.run();
        let finding = &checked.findings()[0];
        assert!(finding.story().len() > 20, "{}", rule.code());
        assert!(finding.mend().len() > 20, "{}", rule.code());
        let proof = finding.proof();
        assert!(proof.contains("LeakTest::new"), "{}", rule.code());
        let code: String = proof.lines().filter(|line| !line.trim().starts_with("//")).collect();
        assert_eq!(code.matches('(').count(), code.matches(')').count(), "{proof}");
        assert!(!code.contains("//"), "{proof}");
        assert!(COMPILED.contains(&call_of(proof)), "{proof}");
        assert_eq!(finding.level(), rule.level());
    }
}

/// The call of the request in a leak test.
fn call_of(proof: &str) -> &str {
    let line = proof.lines().find(|line| line.trim().starts_with(".request(")).unwrap();
    line.trim().strip_prefix(".request(|session, _, _| ").unwrap().strip_suffix(')').unwrap()
}

/// The requests that findings propose, by the words of the kit, which compiles them here.
macro_rules! compiled {
    (|$session:ident| $($call:expr),* $(,)?) => {
        const COMPILED: &[&str] = &[$(stringify!($call)),*];

        #[test]
        fn what_is_proposed_to_show_a_leak_is_a_request_of_the_kit() {
            $(let _test = LeakTest::new(axum::Router::new).request(|$session, _, _| {
                let _ = $session;
                $call
            });)*
        }
    };
}

compiled! {
    |session|
    TestRequest::get("/"),
    TestRequest::get("/by-the-id-of-the-other"),
    TestRequest::get("/events"),
    TestRequest::get("/the-same-for-all"),
    TestRequest::get("/").header("..", "the-same-for-all"),
    TestRequest::post("/").body(session.canary("secret")),
    TestRequest::post("/").body(session.canary("value")),
    TestRequest::post("/run").body(session.canary("global")),
}

#[test]
fn a_value_in_a_log_is_called_what_stands_in_the_source() {
    let source = "fn show(headers: &HeaderMap) {\n    for (name, value) in headers {\n        \
                  tracing::info!(\"{name}: {value:?}\");\n    }\n}\n";
    let checked = Project::main(source).run();
    assert_eq!(checked.findings()[0].message(), "`info!` writes `value` to the log");
}
