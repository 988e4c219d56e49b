//! The files: their names, when a new one is begun, who may have them.

use crate::support::Folder;
use crate::support::builder;
use crate::support::read;
use crate::support::write_trail;
use pollster::block_on;
use request_context::access::trail::ChainKey;
use request_context::access::trail::Expected;
use request_context::access::trail::Fault;
use request_context::access::trail::Head;
use request_context::access::trail::StartError;
use request_context::access::trail::SyncPolicy;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::UNIX_EPOCH;

const DAY: u64 = 86_400;

fn names(folder: &Folder) -> Vec<String> {
    folder.files().iter().map(|f| f.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_new_file_is_begun_rather_than_exceed_the_size_and_the_chain_goes_on() {
    let folder = Folder::new("files");
    write_trail(builder(), folder.sink().max_bytes(2000), 20);
    let files = folder.files();
    assert!(files.len() > 3, "{files:?}");
    for file in &files {
        assert!(fs::metadata(file).unwrap().len() <= 2000);
    }
    assert_eq!(folder.verify().unwrap().records(), 22);
    // A first line links to the last hash of the file before.
    let text = fs::read_to_string(&files[0]).unwrap();
    let last = text.lines().last().unwrap().split("\"hash\":\"").nth(1).unwrap();
    let next = fs::read_to_string(&files[1]).unwrap();
    assert!(next.lines().next().unwrap().contains(&format!("\"prev\":\"{}\"", &last[..64])));
}

#[test]
fn one_write_that_is_larger_than_a_file_may_be_stays_together() {
    let folder = Folder::new("files");
    write_trail(builder(), folder.sink().max_bytes(1), 3);
    assert_eq!(folder.files().len(), 5);
    assert_eq!(folder.verify().unwrap().records(), 5);
}

#[test]
fn a_new_file_is_begun_with_each_day_of_utc_and_none_if_the_clock_goes_back() {
    let folder = Folder::new("files");
    let now = Arc::new(AtomicU64::new(20_000 * DAY - 1));
    let clock = Arc::clone(&now);
    let clock = move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed));
    let trail = builder().clock(clock).open(folder.sink()).unwrap();
    let at = |second: u64| {
        now.store(second, Ordering::Relaxed);
        block_on(read(&trail, "c-1")).unwrap();
    };
    at(20_000 * DAY - 1);
    at(20_000 * DAY);
    at(20_000 * DAY - 1);
    at(20_000 * DAY + DAY - 1);
    at(20_000 * DAY + DAY);
    block_on(trail.close()).unwrap();
    let expected = [
        "trail-00000000000000000001-2024-10-03.jsonl",
        "trail-00000000000000000003-2024-10-04.jsonl",
        "trail-00000000000000000006-2024-10-05.jsonl",
    ];
    assert_eq!(names(&folder), expected);
    assert_eq!(folder.verify().unwrap().records(), 7);
}

/// What comes of it if somebody does this to the file that is being written.
#[track_caller]
fn assert_noticed(meddle: impl FnOnce(&std::path::Path), found: impl FnOnce(&Fault) -> bool) {
    let folder = Folder::new("files");
    let trail = builder().open(folder.sink()).unwrap();
    block_on(read(&trail, "c-1")).unwrap();
    meddle(&folder.files()[0]);
    let error = block_on(read(&trail, "c-2")).unwrap_err();
    assert!(error.is_io(), "{error}");
    block_on(read(&trail, "c-3")).unwrap();
    block_on(trail.close()).unwrap();
    assert!(folder.lines().iter().any(|line| line.contains("c-3")), "a new file goes on");
    let error = folder.verify().unwrap_err();
    assert!(found(error.as_fault().unwrap()), "{error}");
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_while_it_is_written_fails_the_next_access_and_a_new_one_goes_on() {
    assert_noticed(|file| fs::remove_file(file).unwrap(), Fault::is_missing);
}

#[test]
fn a_file_that_is_cut_off_while_it_is_written_fails_the_next_access_and_a_new_one_goes_on() {
    assert_noticed(|file| fs::write(file, "").unwrap(), Fault::is_missing);
}

#[test]
fn a_file_that_somebody_else_writes_to_fails_the_next_access_and_a_new_one_goes_on() {
    let append = |file: &std::path::Path| {
        let mut text = fs::read(file).unwrap();
        text.extend_from_slice(b"{}\n");
        fs::write(file, text).unwrap();
    };
    assert_noticed(append, Fault::is_edited);
}

#[test]
fn the_chain_goes_on_when_the_trail_is_opened_again() {
    let folder = Folder::new("files");
    for _ in 0..3 {
        write_trail(builder(), folder.sink(), 2);
    }
    assert_eq!(folder.files().len(), 1);
    assert_eq!(folder.verify().unwrap().records(), 12);
}

#[test]
fn the_head_of_the_handle_is_that_of_the_files() {
    let folder = Folder::new("files");
    let trail = builder().open(folder.sink()).unwrap();
    block_on(read(&trail, "c-1")).unwrap();
    let head = trail.head();
    assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    assert_eq!(*folder.verify().unwrap().head(), head);
}

#[test]
fn two_trails_cannot_write_to_one_folder() {
    let folder = Folder::new("files");
    let trail = builder().open(folder.sink()).unwrap();
    let error = builder().open(folder.sink()).unwrap_err();
    assert!(error.is_locked(), "{error}");
    block_on(trail.close()).unwrap();
    builder().open(folder.sink()).unwrap();
}

#[test]
fn a_trail_is_not_continued_under_another_key_or_none() {
    let folder = Folder::new("files");
    write_trail(builder().key(ChainKey::new([1; 32])), folder.sink(), 2);
    let before = folder.lines();
    for other in [builder(), builder().key(ChainKey::new([2; 32]))] {
        let error = other.open(folder.sink()).unwrap_err();
        assert!(error.is_broken(), "{error}");
    }
    assert_eq!(folder.lines(), before);
    let keyed = Expected::default().key(ChainKey::new([1; 32]));
    assert_eq!(folder.verify_as(&keyed).unwrap().records(), 4);
    for other in [Expected::default(), Expected::default().key(ChainKey::new([2; 32]))] {
        let error = folder.verify_as(&other).unwrap_err();
        assert!(error.as_fault().unwrap().is_edited());
    }
}

#[test]
fn a_trail_whose_last_record_was_edited_is_not_continued() {
    let folder = Folder::new("files");
    write_trail(builder(), folder.sink(), 2);
    let file = &folder.files()[0];
    let text = fs::read_to_string(file).unwrap().replace("\"close\"", "\"clove\"");
    fs::write(file, text).unwrap();
    assert!(builder().open(folder.sink()).unwrap_err().is_broken());
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let folder = Folder::new("files");
    for name in ["trail-x-2024-10-03.jsonl", "zzz.jsonl", "trail-1.jsonl"] {
        fs::write(folder.path().join(name), "not ours").unwrap();
    }
    write_trail(builder(), folder.sink(), 1);
    write_trail(builder(), folder.sink(), 1);
    assert_eq!(folder.files().len(), 4);
}

#[test]
fn a_folder_that_cannot_be_made_is_said_so() {
    let folder = Folder::new("files");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let sink = request_context::access::trail::FileSink::in_dir(file.join("below"));
    let error = builder().open(sink).unwrap_err();
    assert!(error.is_io(), "{error}");
    assert!(error.to_string().contains("below"), "{error}");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("files");
    write_trail(builder(), folder.sink(), 1);
    for file in folder.files() {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the processes belong to no request")]
fn it_can_be_opened_again_at_once_also_while_processes_are_started() {
    let folder = Folder::new("files");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                Command::new("true").status().unwrap();
            }
        });
        let opened: Vec<_> = (0..40)
            .map(|_| {
                let trail = builder().sync(SyncPolicy::Never).open(folder.sink())?;
                block_on(trail.close()).unwrap();
                Ok::<_, StartError>(())
            })
            .collect();
        is_over.store(true, Ordering::Relaxed);
        let failed = opened.into_iter().filter_map(Result::err).count();
        assert_eq!(failed, 0, "a lock outlived its trail");
    });
}
