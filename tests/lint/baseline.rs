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

#[test]
fn a_check_of_a_part_judges_and_writes_the_entries_of_that_part_alone() {
    let project = Project::main("mod a;\nmod b;\n")
        .file("src/a.rs", "static mut A: u8 = 0;\n")
        .file("src/b.rs", "static mut B: u8 = 0;\n");
    let path = project.path().join("known");
    let written =
        || fs::read_to_string(&path).unwrap().lines().skip(1).collect::<Vec<_>>().join(", ");
    let part = |name: &str| {
        request_context::lint::Check::paths([project.path().join(name)]).no_cache().baseline(&path)
    };
    project.check().baseline(&path).update_baseline(false).unwrap();
    let checked = part("src/a.rs").run().unwrap();
    assert_eq!((checked.findings().len(), checked.in_baseline()), (0, 1));
    assert_eq!(checked.stale_in_baseline(), [""; 0]);
    part("src/a.rs").update_baseline(true).unwrap();
    assert_eq!(written(), "S001 app::a::A u8, S001 app::b::B u8");

    fs::write(project.path().join("src/a.rs"), "static mut C: u8 = 0;\n").unwrap();
    part("src/a.rs").update_baseline(false).unwrap();
    assert_eq!(written(), "S001 app::a::C u8, S001 app::b::B u8");
}

#[test]
fn entries_of_a_file_that_cannot_be_read_are_not_judged() {
    for odd in [&b"fn ("[..], &b"\xff"[..]] {
        let project = Project::main("mod a;\n").file("src/a.rs", "static mut A: u8 = 0;\n");
        let path = project.path().join("known");
        project.check().baseline(&path).update_baseline(false).unwrap();
        let project = project.file("src/a.rs", odd);
        let checked = project.check().baseline(&path).run().unwrap();
        assert_eq!(checked.stale_in_baseline(), [""; 0]);
        project.check().baseline(&path).update_baseline(true).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("S001 app::a::A u8"));
    }
}

#[test]
fn in_ci_what_the_baseline_lacks_is_denied_and_what_is_gone_fails() {
    let review = "static CHATS: LazyLock<DashMap<String, Chat>> = LazyLock::new(DashMap::new);\n";
    let project = Project::main(review);
    let path = project.path().join("known");
    let check = || project.check().baseline(&path).ci(true);
    assert_eq!(check().run().unwrap().denied(), Some(request_context::lint::Level::Review));
    let error = request_context::lint::Level::Error;
    assert_eq!(check().deny(error).run().unwrap().denied(), None);
    check().update_baseline(false).unwrap();
    check().assert_clean();
    fs::write(project.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    assert!(std::panic::catch_unwind(|| check().assert_clean()).is_err());
    assert!(project.check().ci(true).run().unwrap_err().is_settings());
}

#[test]
fn each_project_below_a_folder_has_its_own_baseline() {
    let manifest = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\n[package.metadata.request-context]\nbaseline = \"known\"\n"
        )
    };
    let project = Project::bare()
        .file("one/Cargo.toml", manifest("one"))
        .file("one/src/lib.rs", "static mut A: u8 = 0;\n")
        .file("two/Cargo.toml", manifest("two"))
        .file("two/src/lib.rs", "static mut A: u8 = 0;\n");
    assert_eq!(project.run().findings().len(), 2);
    assert_eq!(project.check().update_baseline(false).unwrap().in_baseline(), 2);
    for name in ["one", "two"] {
        let text = fs::read_to_string(project.path().join(name).join("known")).unwrap();
        assert_eq!(text.lines().nth(1).unwrap(), format!("S001 {name}::A u8"));
    }
    assert!(project.run().findings().is_empty());
}
