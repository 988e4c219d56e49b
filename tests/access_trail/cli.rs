//! `cargo request-context trail verify`.

use crate::support::Folder;
use crate::support::builder;
use crate::support::write_trail;
use request_context::access::trail::ChainKey;
use std::ffi::OsStr;
use std::fs;
use std::process::Command;

/// Exit status, standard output, standard error.
fn run<S: AsRef<OsStr>>(args: &[S]) -> (i32, String, String) {
    let out =
        Command::new(env!("CARGO_BIN_EXE_cargo-request-context")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn verify(folder: &Folder, options: &[&str]) -> (i32, String, String) {
    let mut args: Vec<_> = ["request-context", "trail", "verify"].map(OsStr::new).to_vec();
    let files = folder.files();
    args.extend(files.iter().map(|file| file.as_os_str()));
    args.extend(options.iter().map(OsStr::new));
    run(&args)
}

#[test]
fn a_whole_trail_is_0_and_its_head_is_printed() {
    let folder = Folder::new("cli");
    write_trail(builder(), folder.sink().max_bytes(2000), 10);
    let head = folder.verify().unwrap().head().to_string();
    let expected = (0, format!("12 records verify; the head is {head}\n"), String::new());
    assert_eq!(verify(&folder, &[]), expected);
    assert_eq!(verify(&folder, &["--head", &head]), expected);
}

#[test]
fn a_fault_is_1_and_named() {
    let folder = Folder::new("cli");
    write_trail(builder(), folder.sink(), 10);
    let file = folder.files().remove(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("c-3", "c-4", 1)).unwrap();
    let (status, out, err) = verify(&folder, &[]);
    assert_eq!((status, &*out), (1, ""));
    assert!(err.contains(&format!("{}:5: record 5 was edited", file.display())), "{err}");
}

#[test]
fn a_trail_without_a_record_is_3_and_proves_nothing_unless_that_is_allowed() {
    let folder = Folder::new("cli");
    write_trail(builder(), folder.sink(), 10);
    let head = folder.verify().unwrap().head().to_string();
    fs::write(folder.files().remove(0), "").unwrap();
    let (status, out, err) = verify(&folder, &[]);
    assert_eq!((status, &*out), (3, ""));
    assert!(err.contains("no record") && err.contains("--head"), "{err}");
    assert_eq!(verify(&folder, &["--after", &head]).0, 3);
    let (status, out, err) = verify(&folder, &["--allow-empty"]);
    assert_eq!((status, &*err), (0, ""));
    assert!(out.contains("no record") && out.contains("proves nothing"), "{out}");
    // What is known to be there is missed all the same.
    assert_eq!(verify(&folder, &["--allow-empty", "--head", &head]).0, 1);
}

#[test]
fn a_key_is_read_from_a_file() {
    let folder = Folder::new("cli");
    write_trail(builder().key(ChainKey::new([0xA7; 32])), folder.sink(), 10);
    let key = folder.path().join("key");
    fs::write(&key, "a7".repeat(32) + "\n").unwrap();
    let key = key.to_str().unwrap();
    assert_eq!(verify(&folder, &["--key-file", key]).0, 0);
    assert_eq!(verify(&folder, &[]).0, 1);
    fs::write(key, "too short").unwrap();
    let (status, _, err) = verify(&folder, &["--key-file", key]);
    assert_eq!(status, 3);
    assert!(err.contains("64 hexadecimal digits"), "{err}");
}

#[test]
fn what_was_archived_is_gone_on_from() {
    let folder = Folder::new("cli");
    write_trail(builder(), folder.sink(), 1);
    let head = folder.verify().unwrap().head().to_string();
    let archived = folder.files().remove(0);
    write_trail(builder(), folder.sink().max_bytes(1), 1);
    fs::remove_file(archived).unwrap();
    assert_eq!(verify(&folder, &["--after", &head]).0, 0);
    assert_eq!(verify(&folder, &[]).0, 1);
}

#[test]
fn a_command_line_that_is_wrong_is_2_and_a_file_that_cannot_be_read_3() {
    assert_eq!(run(&["trail", "verify"]).0, 2);
    assert_eq!(run(&["trail", "verify", "x", "--head", "7"]).0, 2);
    let (status, _, err) = run(&["trail", "verify", "/nowhere/trail.jsonl"]);
    assert_eq!(status, 3);
    assert!(err.contains("/nowhere/trail.jsonl"), "{err}");
}

#[test]
fn the_help_names_each_exit_status() {
    let (status, out, _) = run(&["--help"]);
    assert_eq!(status, 0);
    for code in ["0 all is well", "1 a trail", "2 the command line", "3 a trail"] {
        assert!(out.contains(code), "{code}: {out}");
    }
}
