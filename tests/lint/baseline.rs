//! The findings that a project has accepted for now.

use crate::project::Project;
use std::fs;

fn project() -> Project {
    Project::main("static mut A: u64 = 0;\nfn f() { static mut A: u64 = 0; }\n")
}

#[test]
fn what_the_baseline_knows_is_not_reported_and_stays_known_when_lines_move() {
    let project = project();
    let path = project.path().join("known");
    let updated = project.check().baseline(&path).update_baseline(false).unwrap();
    assert_eq!((updated.findings().len(), updated.in_baseline()), (0, 2));
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["S001 app::A u64", "S001 app::A u64 #2"]);

    let moved = "\n\n// moved\nfn f() { static mut A: u64 = 0; }\nstatic mut A: u64 = 0;\nstatic mut B: u64 = 0;\n";
    let project = project.file("src/main.rs", moved);
    let checked = project.check().baseline(&path).run().unwrap();
    assert_eq!(crate::project::found(&checked), ["S001 src/main.rs:6"]);
    assert_eq!(checked.in_baseline(), 2);
}

#[test]
fn what_is_gone_is_named_and_an_update_takes_it_out() {
    let project = project();
    let path = project.path().join("known");
    project.check().baseline(&path).update_baseline(false).unwrap();
    let project = project.file("src/main.rs", "static mut A: u64 = 0;\n");
    let checked = project.check().baseline(&path).run().unwrap();
    assert_eq!(checked.stale_in_baseline(), ["S001 app::A u64 #2"]);
    project.check().baseline(&path).update_baseline(true).unwrap();
    assert!(project.check().baseline(&path).run().unwrap().stale_in_baseline().is_empty());
}

#[test]
fn in_ci_it_may_only_shrink() {
    let project = project();
    let path = project.path().join("known");
    fs::write(&path, "S001 app::A u64\nS001 app::GONE u64\n").unwrap();
    let error = project.check().baseline(&path).update_baseline(true).unwrap_err();
    assert!(error.is_baseline());
    assert!(error.to_string().contains("may only shrink"), "{error}");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["S001 app::A u64"]);
}

#[test]
fn a_fingerprint_holds_no_line_number() {
    let checked = project().run();
    let fingerprints: Vec<_> =
        checked.findings().iter().map(request_context::lint::Finding::fingerprint).collect();
    assert_eq!(fingerprints, ["S001 app::A u64", "S001 app::A u64 #2"]);
}
