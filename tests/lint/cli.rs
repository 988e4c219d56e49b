//! `cargo request-context check`, `explain`, `rules` and `clippy`.

use crate::project::Project;
use request_context::lint::Rule;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

const ERROR: &str = "static mut COUNT: u64 = 0;\n";
const WARNING: &str = "tokio::task_local! { static A: u8; }\n";
const REVIEW: &str =
    "static CHATS: LazyLock<DashMap<String, Chat>> = LazyLock::new(DashMap::new);\n";

/// Exit status, standard output, standard error.
fn run(project: &Project, args: &[&str]) -> (i32, String, String) {
    run_in(project.path(), args)
}

fn run_in(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_cargo-request-context"))
        .arg("request-context")
        .args(args)
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn the_exit_status_is_the_highest_level_among_those_denied() {
    for (source, deny, expected) in [
        ("fn main() {}\n", "review", 0),
        (REVIEW, "error", 0),
        (REVIEW, "warning", 0),
        (REVIEW, "review", 11),
        (WARNING, "error", 0),
        (WARNING, "warning", 12),
        (WARNING, "review", 12),
        (ERROR, "error", 13),
        (ERROR, "review", 13),
    ] {
        let (status, out, err) = run(&Project::main(source), &["check", "--deny", deny]);
        assert_eq!(status, expected, "{source} {deny}: {out} {err}");
    }
    assert_eq!(run(&Project::main(WARNING), &["check"]).0, 0);
    assert_eq!(run(&Project::main(ERROR), &["check"]).0, 13);
}

#[test]
fn the_exit_statuses_in_the_documentation_are_those_of_the_code() {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::read_to_string(path).unwrap()
    };
    let (docs, code) =
        (read("src/lint/mod.rs"), read("src/bin/cargo-request-context/exit_code.rs"));
    let rows = docs
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.split(' ').next()?.parse().ok());
    let variants = code
        .lines()
        .filter_map(|line| line.trim().split_once(" = ")?.1.strip_suffix(',')?.parse().ok());
    assert_eq!(rows.collect::<Vec<u8>>(), variants.collect::<Vec<u8>>());
}

#[test]
fn arguments_that_are_wrong_are_2_and_nothing_to_read_is_3() {
    let project = Project::main(ERROR);
    assert_eq!(run(&project, &["check", "--format", "xml"]).0, 2);
    assert_eq!(run(&project, &["check", "--deny", "all"]).0, 2);
    assert_eq!(run(&project, &["check", "absent"]).0, 3);
    assert_eq!(run(&Project::bare(), &["check"]).0, 3);
    let wrong = "[package]\nname = \"app\"\n[package.metadata.request-context]\nx = 1\n";
    assert_eq!(run(&Project::main(ERROR).file("Cargo.toml", wrong), &["check"]).0, 2);
}

#[test]
fn a_failure_of_its_own_is_1() {
    let (status, _, err) = run(&Project::main(ERROR), &["check", "--baseline", "src"]);
    assert_eq!(status, 1, "{err}");
    assert!(err.starts_with("error: the baseline `src` could not be read"), "{err}");
}

#[test]
fn findings_as_sarif_end_it_by_0() {
    let (status, out, _) = run(&Project::main(ERROR), &["check", "--format", "sarif"]);
    assert_eq!(status, 0);
    assert!(out.contains("\"ruleId\": \"S001\""));
    assert_eq!(run(&Project::main(ERROR), &["check", "--format", "json"]).0, 13);
    assert_eq!(run(&Project::main(ERROR), &["check", "--format", "github"]).0, 13);
}

#[test]
fn there_is_neither_colour_nor_progress_outside_of_a_terminal() {
    let (_, out, err) = run(&Project::main(ERROR), &["check"]);
    assert!(!out.contains('\u{1b}'), "{out}");
    assert_eq!(err, "");
}

#[test]
fn the_workspace_around_the_folder_is_checked_and_paths_narrow_that() {
    let project = Project::main("mod a;\n").file("src/a/mod.rs", ERROR).file("one.rs", ERROR);
    let (status, out, _) = run(&project, &["check"]);
    assert_eq!(status, 13);
    assert!(out.contains("src/a/mod.rs:1:12"), "{out}");
    let (_, out, _) = run(&project, &["check", "one.rs"]);
    assert!(out.contains("--> one.rs:1:12"), "{out}");
}

#[test]
fn a_baseline_is_written_and_kept_to() {
    let project = Project::main(ERROR);
    assert_eq!(run(&project, &["check", "--baseline", "known", "--update-baseline"]).0, 0);
    assert_eq!(run(&project, &["check", "--baseline", "known"]).0, 0);
    let project = project.file("src/main.rs", ERROR.replace("COUNT", "OTHER"));
    let (status, out, err) =
        run(&project, &["check", "--baseline", "known", "--update-baseline", "--ci"]);
    assert_eq!(status, 1);
    assert!(
        out.contains("error[S001]: `static mut OTHER`") && err.contains("would grow"),
        "{out}{err}"
    );
    assert_eq!(run(&project, &["check", "--baseline", "known"]).0, 13);
}

#[test]
fn rules_are_listed_and_explained() {
    let project = Project::bare();
    let (status, out, _) = run(&project, &["rules"]);
    assert_eq!((status, out.lines().count()), (0, Rule::all().len()));
    for rule in Rule::all() {
        assert!(
            out.contains(&format!("{} {:7} {}", rule.code(), rule.level(), rule.name())),
            "{out}"
        );
        assert_eq!(
            run(&project, &["explain", rule.code()]),
            (0, rule.page().to_owned(), String::new())
        );
    }
    assert_eq!(run(&project, &["explain", "Z999"]).0, 2);
}

#[test]
fn the_block_for_clippy_is_written_and_checked() {
    let project = Project::bare().file("clippy.toml", "msrv = \"1.89\"\n");
    let (status, out, _) = run(&project, &["clippy", "--check"]);
    assert_eq!(status, 12);
    assert!(out.contains("tokio::task::spawn"), "{out}");
    assert_eq!(run(&project, &["clippy"]).0, 0);
    assert_eq!(run(&project, &["clippy", "--check"]).0, 0);
    let text = std::fs::read_to_string(project.path().join("clippy.toml")).unwrap();
    assert!(text.starts_with("msrv = \"1.89\"\n"), "{text}");
    let project = project.file("clippy.toml", "[");
    assert_eq!(run(&project, &["clippy"]).0, 3);
}

#[test]
fn a_test_of_a_project_fails_with_the_report() {
    let project = Project::main(ERROR);
    let check = project.check();
    let panic = std::panic::catch_unwind(|| check.assert_clean()).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("error[S001]"));
    Project::main("fn main() {}\n").check().assert_clean();
}

#[test]
fn in_ci_the_baseline_may_only_shrink() {
    let project = Project::main(REVIEW);
    let ci = ["check", "--baseline", "known", "--ci"];
    let (status, out, _) = run(&project, &ci);
    assert_eq!(status, 11);
    assert!(out.contains("review[S003]"), "{out}");
    assert_eq!(run(&project, &["check", "--baseline", "known", "--ci", "--deny", "error"]).0, 0);
    assert_eq!(run(&project, &["check", "--baseline", "known", "--update-baseline"]).0, 0);
    assert_eq!(run(&project, &ci), (0, run(&project, &ci).1, String::new()));
    let project = project.file("src/main.rs", "fn main() {}\n");
    let (status, out, err) = run(&project, &ci);
    assert_eq!(status, 1);
    assert!(out.contains("the baseline knows what is gone: S003 app::CHATS"), "{out}");
    assert!(err.contains("take them out by `--update-baseline`"), "{err}");
    assert_eq!(run(&project, &["check", "--ci"]).0, 2);
}

#[test]
fn paths_are_shown_from_the_current_folder_where_they_are_below_it() {
    let project = Project::bare()
        .file("deep/Cargo.toml", "[package]\nname = \"app\"\n")
        .file("deep/src/main.rs", "mod odd;\nstatic mut COUNT: u64 = 0;\n")
        .file("deep/src/odd.rs", "fn (")
        .file("deep/other/x", "");
    for (format, shown) in [
        ("text", "--> deep/src/main.rs:2:12"),
        ("text", "note: deep/src/odd.rs:1: "),
        ("json", "\"path\": \"deep/src/main.rs\""),
        ("github", "file=deep/src/main.rs,"),
        ("sarif", "\"uri\": \"deep/src/main.rs\""),
    ] {
        let (_, out, _) = run(&project, &["check", "deep", "--format", format]);
        assert!(out.contains(shown), "{format}: {out}");
    }
    let root = project.path().display();
    for (format, shown) in [
        ("text", format!("--> {root}/deep/src/main.rs:2:12")),
        ("github", format!("file={root}/deep/src/main.rs,")),
        ("sarif", format!("\"uri\": \"file://{root}/deep/\"")),
        ("sarif", "\"uri\": \"src/main.rs\"".to_owned()),
    ] {
        let (_, out, _) =
            run_in(&project.path().join("deep/other"), &["check", "..", "--format", format]);
        assert!(out.contains(&shown), "{format}: {out}");
    }
}

#[test]
fn of_two_files_the_block_goes_into_the_one_that_clippy_reads() {
    let project =
        Project::main("async fn f(p: axum::extract::Query<u8>) { tokio::spawn(async {}); }\n")
            .file(".clippy.toml", "msrv = \"1.89\"\n")
            .file("clippy.toml", request_context::lint::ClippyBlock::text());
    assert_eq!(run(&project, &["clippy", "--check"]).0, 12);
    assert_eq!(project.found(), ["C001 src/main.rs:1"]);
    assert_eq!(run(&project, &["clippy"]).0, 0);
    assert_eq!(project.found(), [""; 0]);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    for args in [&["rules"][..], &["explain", "G001"], &["check", "--deny", "review"]] {
        let project = Project::main("fn main() {}\n");
        let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-request-context"))
            .args(args)
            .current_dir(project.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), out.stderr), (Some(0), Vec::new()), "{args:?}");
    }
}
