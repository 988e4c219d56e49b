//! `metadata.request-context` in `Cargo.toml`.

use crate::project::Project;
use request_context::lint::Level;

fn with(settings: &str, source: &str) -> Project {
    Project::main(source).file(
        "Cargo.toml",
        format!("[package]\nname = \"app\"\n[package.metadata.request-context]\n{settings}\n"),
    )
}

const FAULT: &str = "static mut COUNT: u64 = 0;\n";

#[test]
fn a_rule_is_turned_off_by_code_or_name() {
    assert!(with("allow = [\"S001\"]", FAULT).found().is_empty());
    assert!(with("allow = [\"static_mut\"]", FAULT).found().is_empty());
    assert_eq!(with("allow = [\"S002\"]", FAULT).found().len(), 1);
}

#[test]
fn paths_are_left_out() {
    let project = with("exclude = [\"src/made\"]", "mod made;\n").file("src/made/mod.rs", FAULT);
    assert!(project.found().is_empty());
}

#[test]
fn more_words_more_handlers() {
    let source = "#[my_route]\nfn handle() {\n    std::thread::spawn(|| ());\n}\n\
                  static DOGS: std::sync::LazyLock<dashmap::DashMap<String, Dog>> = std::sync::LazyLock::new(make);\n\
                  static CELL: std::sync::OnceLock<u64> = std::sync::OnceLock::new();\n\
                  #[my_route]\n\
                  fn first(kennel: u64) -> u64 { *CELL.get_or_init(|| count(kennel)) }\n";
    assert!(with("", source).found().is_empty());
    let settings = "handlers = [\"my_route\"]\nuser-data = [\"dog\"]\nidentity = [\"kennel\"]";
    let expected = ["C001 src/main.rs:3", "S003 src/main.rs:5", "K001 src/main.rs:8"];
    assert_eq!(with(settings, source).found(), expected);
}

#[test]
fn a_word_of_the_settings_may_be_several_words_in_any_style() {
    let source = "static PAGES: std::sync::LazyLock<dashmap::DashMap<String, String>> = std::sync::LazyLock::new(make);\n\
                  fn page(url: &str, care_home: CareHome) -> String {\n\
                  PAGES.entry(url.to_owned()).or_insert_with(|| render(url, care_home)).clone() }\n";
    assert!(with("", source).found().is_empty());
    for word in ["care_home", "CareHome", "Care-Home", "HOME"] {
        let settings = format!("identity = [\"{word}\"]");
        assert_eq!(with(&settings, source).found(), ["K001 src/main.rs:3"], "{word}");
    }
    assert!(with("identity = [\"home_care\"]", source).found().is_empty());
}

#[test]
fn the_level_that_is_denied() {
    let source = "tokio::task_local! { static A: u8; }\n";
    assert_eq!(with("", source).run().denied(), None);
    let project = with("deny = \"warning\"", source);
    assert_eq!(project.run().denied(), Some(Level::Warning));
    assert_eq!(project.check().deny(Level::Error).run().unwrap().denied(), None);
}

#[test]
fn the_baseline() {
    let project = with("baseline = \"known\"", FAULT).file("known", "S001 app::COUNT u64\n");
    assert!(project.found().is_empty());
}

#[test]
fn what_is_no_setting_is_an_error() {
    for settings in
        ["alow = []", "allow = [\"Z999\"]", "deny = \"all\"", "identity = \"user\"", "baseline = 1"]
    {
        let error = with(settings, FAULT).check().run().unwrap_err();
        assert!(error.is_settings(), "{settings}: {error}");
    }
}
