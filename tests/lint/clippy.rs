//! The part of `clippy.toml` that clippy enforces by type.

use crate::project::Project;
use request_context::lint::ClippyBlock;

const SOURCE: &str = "use axum::extract::State;\ntokio::task_local! { static A: u8; }\n\
    async fn handle(State(app): State<App>) {\n    tokio::spawn(async {});\n\
    let _guard = tracing::info_span!(\"a\").entered();\n    run().await;\n    let _scope = hub.push_scope();\n\
    run().await;\n}\n";

#[test]
fn what_clippy_reports_by_type_is_left_to_it() {
    let project = Project::main(SOURCE);
    assert_eq!(project.found().len(), 4);
    let project = project.file("clippy.toml", ClippyBlock::text());
    // Sentry's scopes are none of the block's.
    assert_eq!(project.found(), ["G001 src/main.rs:7"]);
}

#[test]
fn each_part_of_the_block_stands_for_its_own_rule() {
    let without_macros = ClippyBlock::text().replace("tokio::task_local", "tokio::other");
    let project = Project::main(SOURCE).file(".clippy.toml", without_macros);
    assert_eq!(project.found(), ["C003 src/main.rs:2", "G001 src/main.rs:7"]);
}

#[test]
fn the_block_is_merged_into_what_is_there_and_that_stays() {
    let mine = "# Ours.\nmsrv = \"1.89\"\ndisallowed-methods = [\n    \"tokio::task::spawn\", # known\n    \"a::b\",\n]\n";
    let merged = ClippyBlock::merged_into(mine).unwrap();
    assert!(ClippyBlock::missing_in(&merged).unwrap().is_empty(), "{merged}");
    for kept in ["# Ours.", "msrv = \"1.89\"", "\"tokio::task::spawn\", # known", "\"a::b\""] {
        assert_eq!(merged.matches(kept).count(), 1, "{merged}");
    }
    assert!(!merged.contains("path = \"tokio::task::spawn\""), "{merged}");
    assert_eq!(ClippyBlock::merged_into(&merged).unwrap(), merged);
}

#[test]
fn an_empty_file_becomes_the_block_and_the_block_lacks_nothing() {
    assert_eq!(ClippyBlock::merged_into("").unwrap(), ClippyBlock::text());
    assert!(ClippyBlock::missing_in(ClippyBlock::text()).unwrap().is_empty());
    assert!(ClippyBlock::missing_in("").unwrap().contains(&"std::thread::spawn".to_owned()));
}

#[test]
fn the_block_stands_before_the_first_table() {
    let merged = ClippyBlock::merged_into("msrv = \"1.89\"\n[table]\na = 1\n").unwrap();
    assert!(ClippyBlock::missing_in(&merged).unwrap().is_empty(), "{merged}");
    assert!(ClippyBlock::merged_into("[table\n").is_err());
}

#[test]
fn a_file_with_other_line_ends_or_none_at_the_last_line_gets_the_block_too() {
    for mine in ["msrv = \"1.89\"", "msrv=\"1.89\"\r\n[table]\r\na = 1\r\n", "# nothing"] {
        let merged = ClippyBlock::merged_into(mine).unwrap();
        assert!(ClippyBlock::missing_in(&merged).unwrap().is_empty(), "{merged}");
        assert!(merged.contains(mine.split('\r').next().unwrap()), "{merged}");
    }
}

#[test]
fn where_the_block_has_no_safe_place_the_file_stays_as_it_is() {
    let quoted = "\"disallowed-methods\" = [\"a\"]\n";
    let nested = "a = [\n[1],\n[2],\n]\n";
    let in_text = "a = \"\"\"\ndisallowed-methods = [\n\"\"\"\n";
    for mine in [quoted, nested, in_text] {
        let error = ClippyBlock::merged_into(mine).unwrap_err();
        assert!(error.has_no_place(), "{mine}: {error}");
    }
}

#[test]
fn what_the_block_does_not_name_is_still_reported() {
    let spawns = [
        "rayon::spawn(|| {});",
        "actix_web::rt::spawn(async {});",
        "async_std::task::spawn(async {});",
        "tracker.spawn(async {});",
        "self.tracker.spawn_blocking(|| {});",
        "pool.spawn(|| {});",
    ];
    let in_block = [
        "tokio::task::spawn_blocking(|| {});",
        "thread::spawn(|| {});",
        "set.spawn(async {});",
        "Handle::current().spawn(async {});",
        "thread::Builder::new().name(n).spawn(|| {});",
    ];
    for (statements, count) in [(&spawns[..], 1), (&in_block[..], 0)] {
        for statement in statements {
            let text = format!(
                "use std::thread;\nasync fn f(p: axum::extract::Query<u8>) {{ {statement} }}\n"
            );
            let project = Project::main(&text).file("clippy.toml", ClippyBlock::text());
            assert_eq!(project.found().len(), count, "{statement}");
        }
    }
}

#[test]
fn a_part_of_the_block_stands_for_that_part_alone() {
    let text = "async fn f(p: axum::extract::Query<u8>) {\n    tokio::spawn(async {});\n    std::thread::spawn(|| {});\n}\n";
    let project =
        Project::main(text).file("clippy.toml", "disallowed-methods = [\"tokio::task::spawn\"]\n");
    assert_eq!(project.found(), ["C001 src/main.rs:3"]);
}
