//! The forms of a report.

use crate::project::Project;
use request_context::lint::Rule;
use serde_json::Value;
use std::collections::HashSet;

fn project() -> Project {
    Project::main(
        "static mut COUNT: u64 = 0;\nfn next() -> u64 { unsafe { COUNT } }\nfn f() { static mut Ä: u64 = 0; }\n\
         tokio::task_local! { static A: u8; }\n",
    )
}

/// A report without the folder of the project, which is nobody's current one here.
fn near(project: &Project, text: &str) -> String {
    text.replace(&format!("{}/", project.path().display()), "")
}

#[test]
fn the_text_points_to_the_places_and_tells_story_mend_and_test() {
    let project = project();
    let text = near(&project, &project.run().to_text(false));
    for part in [
        "error[S001]: `static mut COUNT` is shared by all requests",
        "--> src/main.rs:1:12",
        "1 | static mut COUNT: u64 = 0;",
        "^^^^^ one `u64` for the whole process",
        "----- `next` uses it",
        "note: one request writes it while another reads it",
        "help: keep one value per session",
        "help: this leak test would show it",
        "LeakTest::new",
        "warning[C003]",
        "2 errors, 1 warning, 0 to review in 1 file (4 lines) of 1 package",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    assert!(project.run().to_text(true).contains('\u{1b}'));
}

#[test]
fn the_json_has_a_version_and_each_part_of_a_finding() {
    let report: Value = serde_json::from_str(&project().run().to_json()).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "S001");
    assert_eq!(finding["level"], "error");
    let place = &finding["place"];
    assert_eq!(
        (&place["line"], &place["column"], &place["end_column"]),
        (&1.into(), &12.into(), &17.into())
    );
    assert_eq!(finding["other_places"][0]["line"], 2);
    assert_eq!(finding["fingerprint"], "S001 app::COUNT u64");
}

/// What the schema of SARIF 2.1.0 requires of each object that is written, and the values that it allows.
#[test]
fn the_sarif_has_what_its_schema_requires() {
    let report: Value = serde_json::from_str(&project().run().to_sarif()).unwrap();
    assert_eq!(report["version"], "2.1.0");
    let only = |object: &Value, keys: &[&str]| {
        for key in object.as_object().unwrap().keys() {
            assert!(keys.contains(&&**key), "{key} is not in the schema");
        }
    };
    only(&report, &["$schema", "version", "runs"]);
    let run = &report["runs"][0];
    only(run, &["tool", "columnKind", "invocations", "originalUriBaseIds", "results"]);
    let base = run["originalUriBaseIds"]["SRCROOT"]["uri"].as_str().unwrap();
    assert!(base.starts_with("file:///") && base.ends_with('/'), "{base}");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), Rule::all().len());
    let ids: HashSet<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        only(rule, &["id", "name", "shortDescription", "help", "defaultConfiguration"]);
        assert!(rule["shortDescription"]["text"].is_string());
        assert!(
            ["none", "note", "warning", "error"]
                .contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        only(
            result,
            &[
                "ruleId",
                "ruleIndex",
                "level",
                "message",
                "locations",
                "relatedLocations",
                "partialFingerprints",
            ],
        );
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
        let related = result["relatedLocations"].as_array().unwrap();
        for location in result["locations"].as_array().unwrap().iter().chain(related) {
            only(location, &["id", "message", "physicalLocation"]);
            let artifact = &location["physicalLocation"]["artifactLocation"];
            assert_eq!(artifact["uriBaseId"], "SRCROOT");
            let uri = artifact["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.starts_with('/') && !uri.contains('\\'), "{uri}");
            let region = &location["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region[key].as_u64().unwrap() >= 1);
            }
        }
    }
}

#[test]
fn the_commands_for_github_are_one_line_each_and_the_weightiest_come_first() {
    let project = project();
    let text = near(&project, &project.run().to_github());
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let first = "::error file=src/main.rs,line=1,endLine=1,col=12,title=S001 static_mut::`static mut COUNT`";
    assert!(lines[0].starts_with(first), "{}", lines[0]);
    assert!(lines[2].starts_with("::warning "), "{}", lines[2]);
    assert!(lines[0].contains("%0A"));
}

#[test]
fn a_path_with_blanks_is_a_valid_uri() {
    let project = Project::main("#[path = \"a b%ü.rs\"]\nmod a;\n")
        .file("src/a b%ü.rs", "static mut A: u8 = 0;\n");
    let report: Value = serde_json::from_str(&project.run().to_sarif()).unwrap();
    let uri = &report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        ["uri"];
    assert_eq!(uri, "src/a%20b%25%C3%BC.rs");
}

#[test]
fn what_could_not_be_read_is_in_each_form() {
    let project = Project::main("mod odd;\n").file("src/odd.rs", "fn (");
    let checked = project.run();
    assert!(
        near(&project, &checked.to_text(false))
            .contains("note: src/odd.rs:1: cannot be read as Rust")
    );
    assert!(checked.to_json().contains("cannot be read as Rust"));
    assert!(checked.to_sarif().contains("toolExecutionNotifications"));
    assert!(
        near(&project, &checked.to_github()).starts_with("::notice file=src/odd.rs,line=1::cannot")
    );
}

/// A name in a source, of a file, or in a baseline may be anything.
#[test]
fn no_report_passes_on_what_a_terminal_or_a_code_host_obeys() {
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}\r\n::error::not ours";
    let source = "#[path = \"EVIL.rs\"] mod a;\nstatic mut COUNT: u64 = 0;\nfn f() { unsafe { COUNT = 1; } }\n\
                  // request-context: allow(\u{1b}[2J, reason = \"none\")\nfn g() {}\n";
    let project = Project::main(&source.replace("EVIL", &evil.escape_default().to_string()))
        .file("known", format!("S001 {} u64\n", evil.replace("\r\n", " ")));
    let checked = project.check().baseline(project.path().join("known")).run().unwrap();
    assert_eq!((checked.notes().len(), checked.stale_in_baseline().len()), (1, 1));
    for report in [checked.to_text(false), checked.to_github(), checked.to_sarif()] {
        let obeyed = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!report.contains("\n::error::not ours"), "{report}");
        let is_json = report.starts_with('{');
        assert!(is_json || !report.contains(obeyed), "{report:?}");
        assert!(is_json || report.contains("the baseline knows what is gone: S001"), "{report}");
    }
}
