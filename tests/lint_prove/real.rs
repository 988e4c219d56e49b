//! A real server, built and run.

use crate::package::Package;
use crate::package::root;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Exit status, standard output, standard error.
type Ran = (i32, String, String);

/// What was found in the server as it is.
static RAN: LazyLock<Ran> = LazyLock::new(|| check(&["--format", "json"]));
/// One build at a time, of one copy of the server.
static SERVER: LazyLock<Mutex<Package>> = LazyLock::new(|| {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let manifest = read("tests/lint_prove/fixture/manifest.toml");
    let manifest = manifest.replace("\"..\"", &format!("{:?}", root()));
    let package = Package::new("notes")
        .file("Cargo.toml", &manifest)
        .file("src/lib.rs", &read("tests/lint_prove/fixture/src/lib.rs"))
        // Where cargo is told no package, it takes this one.
        .file("other/Cargo.toml", "[package]\nname = \"other\"\nedition = \"2024\"\n")
        .file("other/src/lib.rs", "")
        // The same versions as here, which are there without a network.
        .file("Cargo.lock", &read("Cargo.lock"));
    Mutex::new(package)
});

fn ran(command: &mut Command, package: &Package) -> Ran {
    let out = command
        .current_dir(package.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint_prove/target"))
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("RUSTFLAGS")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn check(args: &[&str]) -> Ran {
    check_in(&SERVER.lock().unwrap_or_else(PoisonError::into_inner), args)
}

fn check_in(package: &Package, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-request-context"));
    ran(command.args(["request-context", "check", "--prove", "--offline"]).args(args), package)
}

fn report() -> Value {
    serde_json::from_str(&RAN.1).unwrap_or_else(|error| panic!("{error}: {RAN:?}"))
}

fn finding(report: &Value, state: &str) -> Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    let is_it = |finding: &&Value| {
        finding["fingerprint"].as_str().unwrap().contains(&format!(" notes::{state} "))
    };
    findings.find(is_it).unwrap_or_else(|| panic!("{report:#}")).clone()
}

#[test]
fn a_registry_that_leaks_is_proved_with_a_seed_and_replays() {
    let notes = finding(&report(), "NOTES");
    let verdict = &notes["verdict"];
    assert_eq!((&verdict["kind"], &notes["level"]), (&"proved".into(), &"error".into()));
    assert!(verdict["seed"].is_u64());
    let story = verdict["report"].as_str().unwrap();
    assert!(story.contains("session 1 saw `text` of session 0"), "{story}");
    assert!(story.contains("session 0 passes the point a note is kept"), "{story}");
    let replay = verdict["replay"].as_str().unwrap();
    let package = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    // Another test may have had other tests written.
    check_in(&package, &["--prove-seeds", "2"]);
    let (status, out, err) = ran(Command::new("sh").args(["-c", replay]), &package);
    assert_ne!(status, 0, "{out}{err}");
    assert!(out.contains("session 1 saw `text` of session 0"), "{replay}\n{out}{err}");
}

#[test]
fn a_leak_between_two_points_of_the_writer_is_proved_by_the_schedule_for_them() {
    let verdict = &finding(&report(), "UPLOADS")["verdict"];
    assert_eq!(verdict["kind"], "proved", "{verdict}");
    // The directed schedules are the first tenth of the seeds.
    assert!(verdict["seed"].as_u64().unwrap() < 20, "{verdict}");
    let story = verdict["report"].as_str().unwrap();
    assert!(story.contains("session 0 passes the point an upload is begun"), "{story}");
}

#[test]
fn where_one_route_shows_nothing_the_next_is_tried() {
    let verdict = &finding(&report(), "MEMOS")["verdict"];
    assert_eq!(verdict["kind"], "proved", "{verdict:#}");
    let replay = verdict["replay"].as_str().unwrap();
    assert!(replay.contains("s004_notes_memos_ "), "{replay}");
}

#[test]
fn its_corrected_twin_is_not_reproduced() {
    let drafts = finding(&report(), "DRAFTS");
    let verdict = &drafts["verdict"];
    assert_eq!(verdict["kind"], "not_reproduced", "{verdict}");
    assert_eq!(
        (&verdict["seeds"], &verdict["vacuous"]),
        (&200.into(), &Value::Null),
        "{verdict:#}"
    );
    assert_eq!(drafts["level"], "review");
}

#[test]
fn a_test_in_which_nobody_sees_itself_is_told_to_say_nothing() {
    let verdict = &finding(&report(), "MESSAGES")["verdict"];
    assert_eq!(verdict["kind"], "not_reproduced", "{verdict}");
    let vacuous = verdict["vacuous"].as_str().unwrap();
    assert!(vacuous.starts_with("sessions never saw their own data; there was "), "{vacuous}");
}

#[test]
fn what_no_test_can_reach_says_why() {
    for (state, why) in [
        ("ROOMS", "the path of `POST /rooms/{room}`, which leads to `say`, needs `room`"),
        ("ORDERS", "the path of `put_order` is not written out"),
        ("JOBS", "no route that was found leads to a function that uses it"),
    ] {
        let verdict = &finding(&report(), state)["verdict"];
        assert_eq!(verdict["kind"], "not_reachable", "{state}");
        assert!(verdict["why"].as_str().unwrap().starts_with(why), "{verdict}");
    }
}

#[test]
fn what_is_proved_ends_it_as_an_error_does_and_it_says_before_that_it_builds_and_runs() {
    let (status, _, err) = &*RAN;
    assert_eq!(*status, 13, "{err}");
    assert!(
        err.starts_with("note: `--prove` writes tests/request_context_leaks.rs, and builds"),
        "{err}"
    );
}

#[test]
fn each_form_of_the_report_has_the_verdicts() {
    LazyLock::force(&RAN);
    let few = ["--prove-seeds", "20", "--format"];
    let (status, text, err) = check(&[&few[..], &["text"]].concat());
    assert_eq!(status, 13, "{text}{err}");
    for part in [
        "error[S004]: the entries of `NOTES`",
        "= note: proved with seed 0",
        "note: what the leak test saw",
        "replay: LEAK_REPLAY='",
        " cargo test --package notes --test request_context_leaks s004_notes_notes -- --exact\n",
        "review[S003]: `DRAFTS`",
        "schedules of 20 seeds",
        "vacuous, since sessions never saw their own data",
        "= note: not reachable by a test: no route",
        "3 errors, 0 warnings, 5 to review",
    ] {
        assert!(text.contains(part), "{part}\n{text}{err}");
    }
    let (status, sarif, _) = check(&[&few[..], &["sarif"]].concat());
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let first = &sarif["runs"][0]["results"][0];
    assert_eq!((status, &first["level"]), (0, &"error".into()));
    assert_eq!(first["properties"]["verdict"]["kind"], "proved");
    assert!(first["message"]["text"].as_str().unwrap().ends_with("proved with seed 0"));
    let (status, github, _) = check(&[&few[..], &["github"]].concat());
    assert_eq!(status, 13);
    assert!(github.starts_with("::error file=src/lib.rs,line="), "{github}");
    assert!(github.contains("%0Aproved with seed 0%0A"), "{github}");
}

/// With another `app`: what becomes of the first finding.
fn check_with(app: &str) -> (i32, Value, String) {
    LazyLock::force(&RAN);
    let package = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let manifest = package.read("Cargo.toml");
    let ours = manifest.replace("notes::app().await", app);
    fs::write(package.path().join("Cargo.toml"), ours).unwrap();
    let (status, out, err) = check_in(&package, &["--prove-seeds", "20", "--format", "json"]);
    fs::write(package.path().join("Cargo.toml"), manifest).unwrap();
    let report = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"));
    (status, finding(&report, "NOTES")["verdict"].clone(), err)
}

#[test]
fn a_program_that_fails_or_cannot_be_built_is_told_with_its_words_and_is_no_success() {
    for (app, words) in [
        ("notes::broken()", "there is no database to ask"),
        ("notes::nothing()", "cannot find function `nothing` in crate `notes`"),
    ] {
        let (status, verdict, err) = check_with(app);
        assert_eq!((status, &verdict["kind"]), (1, &"not_run".into()), "{verdict}\n{err}");
        let why = verdict["why"].as_str().unwrap();
        assert!(why.contains(words) && !why.contains("stack backtrace"), "{verdict:#}");
    }
}

#[test]
fn a_time_limit_ends_the_tests() {
    LazyLock::force(&RAN);
    let (_, out, err) = check(&["--prove-seeds", "20", "--prove-timeout", "0", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"));
    // The first may have been quicker than the first look at the clock.
    let verdict = &finding(&report, "MESSAGES")["verdict"];
    assert_eq!(verdict["kind"], "not_run", "{verdict}");
    assert_eq!(verdict["why"], "the time limit of 0 s was over");
}
