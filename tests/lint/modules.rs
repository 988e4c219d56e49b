//! Which files are read, and what belongs together across them.

use crate::project::Project;

const FAULT: &str = "static mut COUNT: u64 = 0;\n";

#[test]
fn modules_are_followed_into_files_folders_and_paths() {
    let project = Project::main(
        "mod a;\nmod b;\n#[path = \"other/place.rs\"]\nmod c;\nmod inner { mod d; }\n",
    )
    .file("src/a.rs", "mod deep;\n")
    .file("src/a/deep.rs", FAULT)
    .file("src/b/mod.rs", "mod deep;\n")
    .file("src/b/deep.rs", FAULT)
    .file("src/other/place.rs", "mod near;\n")
    .file("src/other/near.rs", FAULT)
    .file("src/inner/d.rs", FAULT);
    let expected = ["src/a/deep.rs", "src/b/deep.rs", "src/inner/d.rs", "src/other/near.rs"];
    assert_eq!(project.found(), expected.map(|path| format!("S001 {path}:1")));
}

#[test]
fn a_file_that_no_module_names_is_not_read_but_counted() {
    let project = Project::main("fn main() {}\n").file("src/left_over.rs", FAULT);
    let checked = project.run();
    assert!(checked.findings().is_empty());
    assert_eq!((checked.files(), checked.unnamed_files()), (1, 1));
}

#[test]
fn tests_are_left_out_whether_in_the_file_or_in_one_of_their_own() {
    let project = Project::main(
        "#[cfg(test)]\nmod tests;\n#[cfg(all(test, unix))]\nmod more {\n    static mut A: u8 = 0;\n}\n\
         #[cfg(not(test))]\nmod live {\n    static mut B: u8 = 0;\n}\n\
         #[cfg(any(test, feature = \"x\"))]\nstatic mut C: u8 = 0;\n",
    )
    .file("src/tests.rs", FAULT)
    .file("src/tests/more.rs", FAULT);
    assert_eq!(project.found(), ["S001 src/main.rs:9", "S001 src/main.rs:12"]);
    assert_eq!(project.run().unnamed_files(), 0);
}

#[test]
fn other_targets_are_read_only_when_asked_for() {
    let project = Project::main("fn main() {}\n")
        .file("build.rs", FAULT)
        .file("tests/it.rs", FAULT)
        .file("tests/more/main.rs", FAULT)
        .file("examples/show.rs", FAULT)
        .file("benches/speed.rs", FAULT)
        .file("src/bin/tool.rs", FAULT);
    assert_eq!(project.found(), ["S001 src/bin/tool.rs:1"]);
    let all = project.check().all_targets(true).run().unwrap();
    assert_eq!(all.findings().len(), 6);
}

#[test]
fn the_members_of_a_workspace_their_path_dependencies_and_what_it_excludes_are_read() {
    let package = |name: &str| format!("[package]\nname = \"{name}\"\n");
    let project = Project::bare()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n")
        .file(
            "crates/one/Cargo.toml",
            package("one") + "[dependencies]\nlib = { path = \"../../lib\" }\n",
        )
        .file("crates/one/src/lib.rs", FAULT)
        .file("crates/old/Cargo.toml", package("old"))
        .file("crates/old/src/lib.rs", FAULT)
        .file("lib/Cargo.toml", package("lib") + "[lib]\npath = \"code.rs\"\n")
        .file("lib/code.rs", FAULT)
        .file("fixture/Cargo.toml", package("fixture"))
        .file("fixture/src/lib.rs", FAULT);
    let checked = project.run();
    let expected =
        ["S001 crates/old/src/lib.rs:1", "S001 crates/one/src/lib.rs:1", "S001 lib/code.rs:1"];
    assert_eq!(crate::project::found(&checked), expected);
    assert_eq!(checked.packages(), 3);
    let notes: Vec<_> = checked.notes().iter().map(request_context::lint::Note::text).collect();
    assert_eq!(
        notes,
        [
            "fixture/Cargo.toml:1: `fixture` not read, as it is data of tests: name the path to check it"
        ]
    );
}

#[test]
fn a_folder_inside_a_package_narrows_what_is_reported() {
    let project =
        Project::main("mod a;\nmod b;\n").file("src/a/mod.rs", FAULT).file("src/b/mod.rs", FAULT);
    let checked = request_context::lint::Check::paths([project.path().join("src/b")]).no_cache();
    let checked = checked.run().unwrap();
    assert_eq!(crate::project::found(&checked), ["S001 src/b/mod.rs:1"]);
    assert_eq!(checked.files(), 3);
}

#[test]
fn a_call_is_followed_through_files_imports_and_renames() {
    let project = Project::main(
        "mod jobs;\nuse crate::jobs::start as begin;\n\
         async fn handle(axum::extract::State(app): axum::extract::State<App>) { begin(); }\n",
    )
    .file("src/jobs.rs", "pub fn start() { super::jobs::really(); }\npub fn really() {\n    tokio::spawn(async {});\n}\n");
    assert_eq!(project.found(), ["C001 src/jobs.rs:3"]);
}

#[test]
fn a_call_across_crates_of_a_workspace_is_followed() {
    let project = Project::bare()
        .file("Cargo.toml", "[workspace]\nmembers = [\"web\", \"core-jobs\"]\n")
        .file("web/Cargo.toml", "[package]\nname = \"web\"\n")
        .file(
            "web/src/main.rs",
            "use core_jobs::queue::push;\nasync fn handle(axum::Json(job): axum::Json<Job>) { push(job); }\n",
        )
        .file("core-jobs/Cargo.toml", "[package]\nname = \"core-jobs\"\n")
        .file("core-jobs/src/lib.rs", "pub mod queue;\n")
        .file("core-jobs/src/queue.rs", "pub fn push(job: Job) {\n    std::thread::spawn(move || job.run());\n}\n");
    assert_eq!(project.found(), ["C001 core-jobs/src/queue.rs:2"]);
}

#[test]
fn an_included_file_belongs_to_the_module_that_includes_it() {
    let project = Project::main("include!(\"part.in\");\n").file("src/part.in", FAULT);
    assert_eq!(project.found(), ["S001 src/part.in:1"]);
}

#[test]
fn a_path_under_a_condition_is_followed_as_well_as_the_other_file() {
    let project = Project::main(
        "#[cfg_attr(unix, path = \"unix.rs\")]\n#[cfg_attr(not(unix), allow(dead_code), path = \"other.rs\")]\n\
         mod system;\n#[cfg_attr(windows, path = \"win.rs\")]\nmod plain;\n",
    )
    .file("src/unix.rs", FAULT)
    .file("src/other.rs", FAULT)
    .file("src/plain.rs", FAULT);
    let checked = project.run();
    let expected = ["S001 src/other.rs:1", "S001 src/plain.rs:1", "S001 src/unix.rs:1"];
    assert_eq!(crate::project::found(&checked), expected);
    assert!(checked.notes().is_empty(), "{:?}", checked.notes());
}

#[test]
fn what_an_import_renames_is_found_under_its_new_name() {
    let project = Project::main(
        "use tokio::{\n    spawn as go,\n    task_local as per_task,\n};\nuse std::env::set_var as put;\n\
         async fn handle(axum::extract::State(app): axum::extract::State<App>) {\n    go(async {});\n}\n\
         per_task! { static A: u8; }\n\
         async fn other(axum::extract::State(app): axum::extract::State<App>) {\n    put(\"A\", app);\n}\n",
    );
    let expected = ["C001 src/main.rs:7", "C003 src/main.rs:9", "E001 src/main.rs:11"];
    assert_eq!(project.found(), expected);
}

fn package(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\n")
}

#[test]
fn a_workspace_inside_another_has_its_own_settings_and_clippy_toml() {
    let spawn = "async fn f(p: axum::extract::Query<u8>) { tokio::spawn(async {}); }\n";
    let project = Project::main(&format!("{FAULT}{spawn}"))
        .file("Cargo.toml", package("app") + "[workspace]\n[package.metadata.request-context]\nallow = [\"C001\"]\n")
        .file(
            "inner/Cargo.toml",
            "[workspace]\nmembers = [\"a\"]\n[workspace.metadata.request-context]\nallow = [\"S001\"]\n",
        )
        .file("inner/a/Cargo.toml", package("a"))
        .file("inner/a/src/lib.rs", format!("{FAULT}{spawn}"))
        .file("lone/Cargo.toml", package("lone"))
        .file("lone/src/main.rs", format!("{FAULT}{spawn}"))
        .file("lone/clippy.toml", request_context::lint::ClippyBlock::text());
    let expected = ["C001 inner/a/src/lib.rs:2", "S001 lone/src/main.rs:1", "S001 src/main.rs:1"];
    assert_eq!(project.found(), expected);
}

#[test]
fn a_folder_of_many_projects_is_read_as_what_they_are() {
    let project = Project::bare()
        .file("one/Cargo.toml", package("one"))
        .file("one/src/lib.rs", FAULT)
        .file("two/Cargo.toml", "[workspace]\nmembers = [\"web\"]\n")
        .file(
            "two/web/Cargo.toml",
            package("web") + "[dependencies]\ncore = { path = \"../../core\" }\n",
        )
        .file(
            "two/web/src/main.rs",
            "use core_jobs::Registry;\nstatic ALL: Registry = Registry::new();\n",
        )
        .file("core/Cargo.toml", package("core_jobs"))
        .file("core/src/lib.rs", "pub type Registry = LazyLock<DashMap<String, Chat>>;\n");
    // What the alias stands for is told by the package that another one depends on.
    assert_eq!(project.found(), ["S001 one/src/lib.rs:1", "S003 two/web/src/main.rs:2"]);
}

#[test]
fn what_was_built_copied_or_made_for_tests_is_left_out_and_named_unless_its_path_is_given() {
    let mut project = Project::main("fn main() {}\n");
    for path in [
        "tests/fixtures/a",
        "vendor/b",
        "target/package/c",
        "examples/d",
        "deps/e",
        "built/f",
        "src/target/g",
    ] {
        let name = path.rsplit('/').next().unwrap();
        project = project
            .file(&format!("{path}/Cargo.toml"), package(name))
            .file(&format!("{path}/src/lib.rs"), FAULT);
    }
    let project = project.file("deps/e/.cargo-checksum.json", "{}").file("built/CACHEDIR.TAG", "");
    let checked = project.run();
    assert_eq!(crate::project::found(&checked), [""; 0]);
    let notes: Vec<_> = checked.notes().iter().map(request_context::lint::Note::text).collect();
    for name in ["`a`", "`b`", "`c`", "`d`", "`e`", "`g`"] {
        assert!(notes.iter().any(|note| note.contains(name)), "{name}: {notes:?}");
    }
    let given = request_context::lint::Check::paths([project.path().join("tests/fixtures/a")]);
    let given = given.no_cache().run().unwrap();
    assert_eq!(crate::project::found(&given), ["S001 src/lib.rs:1"]);
    assert_eq!(given.root(), project.path().join("tests/fixtures/a"));
}

#[test]
fn a_package_that_the_settings_exclude_is_named() {
    let settings = "[workspace]\n[package.metadata.request-context]\nexclude = [\"old\"]\n";
    let project = Project::main("fn main() {}\n")
        .file("Cargo.toml", package("app") + settings)
        .file("old/Cargo.toml", package("old"))
        .file("old/src/lib.rs", FAULT);
    let checked = project.run();
    assert_eq!(crate::project::found(&checked), [""; 0]);
    let note = checked.notes()[0].text();
    assert!(
        note.starts_with("old/Cargo.toml:1: `old` not read, as the settings exclude it"),
        "{note}"
    );
}

#[test]
fn the_path_of_a_member_has_the_settings_the_names_and_the_clippy_toml_of_its_workspace() {
    let project = Project::bare()
        .file(
            "Cargo.toml",
            "[workspace]\nmembers = [\"web\", \"kinds\"]\n[workspace.metadata.request-context]\nallow = [\"S001\"]\n",
        )
        .file("clippy.toml", request_context::lint::ClippyBlock::text())
        .file("web/Cargo.toml", package("web") + "[dependencies]\nkinds = { path = \"../kinds\" }\n")
        .file(
            "web/src/main.rs",
            format!(
                "{FAULT}use kinds::Registry;\nstatic ALL: Registry = Registry::new();\n\
                 async fn f(p: axum::extract::Query<u8>) {{ tokio::spawn(async {{}}); }}\n"
            ),
        )
        .file("kinds/Cargo.toml", package("kinds"))
        .file("kinds/src/lib.rs", "pub type Registry = LazyLock<DashMap<String, Chat>>;\ntokio::task_local! { static A: u8; }\n");
    for path in ["web", "web/src", "web/src/main.rs"] {
        let checked = request_context::lint::Check::paths([project.path().join(path)]).no_cache();
        let found = crate::project::found(&checked.run().unwrap());
        assert_eq!(found, ["S003 web/src/main.rs:3"], "{path}");
    }
}

#[test]
fn a_constant_is_that_of_the_file_or_the_one_that_is_imported_and_none_of_several() {
    let reads = "use axum::http::HeaderMap;\n\
        struct App { answers: dashmap::DashMap<String, u64> }\n\
        async fn answer(State(app): State<App>, headers: HeaderMap) {\n\
            let by = headers.get(NAME).unwrap().to_str().unwrap();\n\
            app.answers.insert(by.to_owned(), 1);\n\
        }\n";
    let with = |before: &str| {
        Project::main("mod a;\nmod b;\nmod c;\n")
            .file("src/a.rs", "pub const NAME: &str = \"authorization\";\n")
            .file("src/b.rs", "pub const NAME: &str = \"x-device\";\n")
            .file("src/c.rs", format!("{before}{reads}"))
            .found()
    };
    assert_eq!(with("use crate::b::NAME;\n"), ["K004 src/c.rs:6"]);
    assert!(with("use crate::a::NAME;\n").is_empty());
    assert!(with("const NAME: &str = \"authorization\";\n").is_empty());
    assert_eq!(with("use crate::*;\n"), ["K004 src/c.rs:6"]);
}
