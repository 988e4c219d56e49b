//! The first record that is not as it was written is named.

use crate::support::Folder;
use crate::support::builder;
use crate::support::write_trail;
use request_context::access::trail::ChainKey;
use request_context::access::trail::Encoding;
use request_context::access::trail::Expected;
use request_context::access::trail::Fault;
use request_context::access::trail::Head;
use request_context::access::trail::verify;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A trail of three files with 4 records each.
fn trail() -> Folder {
    let folder = Folder::new("verify");
    let probe = Folder::new("verify");
    write_trail(builder(), probe.sink(), 10);
    let lines = probe.lines();
    for (nth, chunk) in lines.chunks(4).enumerate() {
        let name = format!("trail-{:020}-2026-11-22.jsonl", nth * 4 + 1);
        fs::write(folder.path().join(name), chunk.join("\n") + "\n").unwrap();
    }
    assert_eq!(folder.verify().unwrap().records(), 12);
    folder
}

/// Changes the lines of the nth file.
fn change(folder: &Folder, nth: usize, change: impl FnOnce(&mut Vec<String>)) -> PathBuf {
    let file = folder.files().remove(nth);
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    let text = if lines.is_empty() { String::new() } else { lines.join("\n") + "\n" };
    fs::write(&file, text).unwrap();
    file
}

fn fault(folder: &Folder) -> Fault {
    folder.verify().unwrap_err().as_fault().unwrap().clone()
}

#[track_caller]
fn assert_at(fault: &Fault, file: &Path, line: u64, sequence: u64) {
    assert_eq!((fault.file(), fault.line(), fault.sequence()), (file, line, sequence), "{fault}");
}

#[test]
fn an_edited_record_is_named() {
    let folder = trail();
    let file = change(&folder, 1, |lines| lines[1] = lines[1].replace("ada", "bob"));
    let fault = fault(&folder);
    assert!(fault.is_edited(), "{fault}");
    assert_at(&fault, &file, 2, 6);
    let expected = format!("{}:2: record 6 was edited, or sealed with another key", file.display());
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn a_line_longer_than_any_that_is_written_is_an_edited_one() {
    let folder = trail();
    let file = change(&folder, 1, |lines| lines[1].insert_str(1, &" ".repeat(2 << 20)));
    let fault = fault(&folder);
    assert!(fault.is_edited(), "{fault}");
    assert_at(&fault, &file, 2, 6);
}

#[test]
fn a_missing_record_is_named_wherever_it_was() {
    for (nth, line) in [(0, 0), (0, 1), (0, 3), (1, 0), (1, 2), (2, 0), (2, 2)] {
        let folder = trail();
        let file = change(&folder, nth, |lines| drop(lines.remove(line)));
        let fault = fault(&folder);
        assert!(fault.is_missing(), "{fault}");
        let sequence = (nth * 4 + line + 1) as u64;
        if line == 3 {
            // It is missed where the next one is.
            assert_at(&fault, &folder.files()[nth + 1], 1, sequence);
        } else {
            assert_at(&fault, &file, line as u64 + 1, sequence);
        }
    }
}

#[test]
fn a_missing_file_is_named_by_its_first_record() {
    for nth in [0, 1] {
        let folder = trail();
        fs::remove_file(&folder.files()[nth]).unwrap();
        let fault = fault(&folder);
        assert!(fault.is_missing(), "{fault}");
        assert_at(&fault, &folder.files()[nth], 1, nth as u64 * 4 + 1);
    }
}

#[test]
fn reordered_records_are_named() {
    let folder = trail();
    let file = change(&folder, 1, |lines| lines.swap(1, 2));
    let fault = fault(&folder);
    assert!(fault.is_reordered(), "{fault}");
    assert_at(&fault, &file, 2, 6);
}

#[test]
fn a_record_that_is_there_twice_is_named() {
    let folder = trail();
    let file = change(&folder, 1, |lines| lines.insert(3, lines[0].clone()));
    let fault = fault(&folder);
    assert!(fault.is_reordered(), "{fault}");
    assert_at(&fault, &file, 4, 5);
}

#[test]
fn files_in_another_order_are_named() {
    let folder = trail();
    let mut files = folder.files();
    files.swap(1, 2);
    let error = verify(&files, &Expected::default()).unwrap_err();
    let fault = error.as_fault().unwrap();
    assert!(fault.is_reordered(), "{fault}");
    assert_at(fault, &files[1], 1, 5);
}

#[test]
fn a_record_that_is_cut_in_two_is_named() {
    for nth in 0..3 {
        let folder = trail();
        let file = folder.files().remove(nth);
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() - 10]).unwrap();
        let fault = fault(&folder);
        assert!(fault.is_truncated(), "{fault}");
        assert_at(&fault, &file, 4, nth as u64 * 4 + 4);
    }
}

#[test]
fn records_cut_off_at_the_end_are_missed_by_the_head_alone() {
    let folder = trail();
    let head = folder.verify().unwrap().head().clone();
    let file = change(&folder, 2, |lines| lines.truncate(2));
    assert_eq!(folder.verify().unwrap().records(), 10, "what remains is a chain");
    let error = folder.verify_as(&Expected::default().head(head.clone())).unwrap_err();
    let fault = error.as_fault().unwrap();
    assert!(fault.is_truncated(), "{fault}");
    assert_at(fault, &file, 3, 11);

    let folder = trail();
    let other: Head = format!("12:{}", "0".repeat(64)).parse().unwrap();
    let error = folder.verify_as(&Expected::default().head(other)).unwrap_err();
    assert!(error.as_fault().unwrap().is_edited());
    assert_eq!(error.as_fault().unwrap().sequence(), 12);
}

#[test]
fn a_head_taken_earlier_is_met_on_the_way() {
    let folder = Folder::new("verify");
    write_trail(builder(), folder.sink(), 2);
    let head = folder.verify().unwrap().head().clone();
    write_trail(builder(), folder.sink(), 2);
    assert_eq!(folder.verify_as(&Expected::default().head(head)).unwrap().records(), 8);
}

#[test]
fn a_file_that_was_emptied_is_named_by_who_knows_the_head() {
    let folder = trail();
    let head = folder.verify().unwrap().head().clone();
    let emptied = change(&folder, 0, Vec::clear);
    let expected = Expected::default().head(head);
    let error = verify(&[&emptied], &expected).unwrap_err();
    let fault = error.as_fault().unwrap();
    assert!(fault.is_truncated(), "{fault}");
    assert_at(fault, &emptied, 1, 1);
}

#[test]
fn two_heads_of_one_record_that_differ_are_told() {
    let folder = trail();
    let files = folder.files();
    let archived = verify(&files[..1], &Expected::default()).unwrap().head().clone();
    let other: Head = format!("4:{}", "0a".repeat(32)).parse().unwrap();
    let expected = Expected::default().after(archived.clone());
    assert_eq!(verify(&files[1..], &expected.clone().head(archived)).unwrap().records(), 8);
    let error = verify(&files[1..], &expected.head(other)).unwrap_err();
    let fault = error.as_fault().unwrap();
    assert!(fault.is_edited() && fault.sequence() == 4, "{fault}");
}

#[test]
fn after_the_last_sequence_of_all_none_fits() {
    let folder = trail();
    let last: Head = format!("{}:{}", u64::MAX, "0a".repeat(32)).parse().unwrap();
    let error = folder.verify_as(&Expected::default().after(last)).unwrap_err();
    assert!(error.as_fault().unwrap().is_reordered(), "{error}");
}

#[test]
fn files_that_were_archived_are_gone_on_from_by_their_head() {
    let folder = trail();
    let files = folder.files();
    let archived = verify(&files[..1], &Expected::default()).unwrap();
    let expected = Expected::default().after(archived.head().clone());
    assert_eq!(verify(&files[1..], &expected).unwrap().records(), 8);
    let other: Head = format!("4:{}", "0".repeat(64)).parse().unwrap();
    let error = verify(&files[1..], &Expected::default().after(other)).unwrap_err();
    assert!(error.as_fault().unwrap().is_edited());
}

#[test]
fn an_edit_that_seals_its_own_line_anew_is_found_by_the_next() {
    // Without a key, whoever edits a line can compute its hash.
    let other = Folder::new("verify");
    write_trail(builder().instance("two"), other.sink(), 10);
    let folder = trail();
    let forged = other.lines().remove(0);
    let file = change(&folder, 0, |lines| lines[0] = forged);
    let fault = fault(&folder);
    assert!(fault.is_edited(), "{fault}");
    assert_at(&fault, &file, 1, 1);
}

#[test]
fn any_changed_byte_of_any_line_is_found() {
    for (key, encoding) in [(None, Encoding::Json), (Some(ChainKey::new([7; 32])), Encoding::Ocsf)]
    {
        let folder = Folder::new("verify");
        let builder = builder().encoding(encoding);
        let mut expected = Expected::default();
        let builder = match key {
            Some(key) => {
                expected = expected.key(key.clone());
                builder.key(key)
            }
            None => builder,
        };
        write_trail(builder, folder.sink(), 1);
        let head = folder.verify_as(&expected).unwrap().head().clone();
        expected = expected.head(head);
        let file = folder.files().remove(0);
        let bytes = fs::read(&file).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).unwrap();
            let error = folder.verify_as(&expected).unwrap_err();
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            assert!(error.as_fault().unwrap().line() <= line, "{error}, not {line}");
            changed.clone_from(&bytes);
            changed.remove(at);
            fs::write(&file, &changed).unwrap();
            folder.verify_as(&expected).unwrap_err();
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_no_fault_of_the_chain() {
    let error = verify(&[Path::new("/nowhere/trail.jsonl")], &Expected::default()).unwrap_err();
    assert!(error.is_io() && error.as_fault().is_none());
}

#[test]
fn nothing_verifies_as_nothing() {
    let none: [&Path; 0] = [];
    assert_eq!(verify(&none, &Expected::default()).unwrap().records(), 0);
}
