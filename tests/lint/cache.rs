//! What is kept for the next run.

use crate::project::Project;
use std::fs;

#[test]
fn a_run_with_a_cache_finds_what_one_without_finds_and_sees_each_change() {
    let project = Project::main("mod a;\nmod b;\nstatic mut A: u64 = 0;\n")
        .file("src/a.rs", "static mut B: u64 = 0;\n")
        .file("src/b.rs", "fn f() {}\n");
    let path = project.path().join("facts");
    let check = request_context::lint::Check::paths([project.path()]).cache(&path);
    let first = check.run().unwrap();
    assert!(path.is_file());
    let second = check.run().unwrap();
    assert_eq!(first.to_json(), second.to_json());
    fs::write(project.path().join("src/b.rs"), "static mut C: u64 = 0;\n").unwrap();
    assert_eq!(check.run().unwrap().findings().len(), 3);
}

#[test]
fn a_cache_that_is_damaged_or_of_another_version_is_read_as_none() {
    let project = Project::main("static mut A: u64 = 0;\n");
    let path = project.path().join("facts");
    let check = request_context::lint::Check::paths([project.path()]).cache(&path);
    check.run().unwrap();
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 0xff;
    for odd in [&b"something else"[..], &whole[..whole.len() - 3], &whole[..30], &flipped] {
        fs::write(&path, odd).unwrap();
        assert_eq!(check.run().unwrap().findings().len(), 1);
    }
}
