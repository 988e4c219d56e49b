//! Where there is no room, no access goes on, nothing is half written, and it recovers.
#![cfg(target_os = "linux")]

use crate::delivery::recording;
use crate::support::Folder;
use crate::support::builder;
use crate::support::files_in;
use crate::support::read;
use pollster::block_on;
use request_context::access::trail::Expected;
use request_context::access::trail::FileSink;
use request_context::access::trail::verify;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::UNIX_EPOCH;

const CHILD: &str = "TRAIL_FULL_CHILD";

/// Runs the test of this name in a process of its own, begun by `script`.
fn in_child(name: &str, wrapper: &[&str], script: &str, folder: &Path) -> io::Result<Output> {
    let exe = env::current_exe().unwrap();
    let mut command = match wrapper {
        [] => Command::new("sh"),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg("sh");
            command
        }
    };
    let test = [name, "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    command.args(["-c", script, "sh"]).arg(folder).arg(exe).args(test).env(CHILD, folder);
    command.output()
}

#[track_caller]
fn assert_passed(out: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out_text, err) = (text(&out.stdout), text(&out.stderr));
    assert!(out.status.success() && out_text.contains("1 passed"), "{out_text}{err}");
}

#[test]
fn on_a_full_disk_accesses_fail_closed_and_recover_when_there_is_room() {
    let folder = Folder::new("full");
    let mount = r#"mount -t tmpfs -o size=256k trail "$1" && echo mounted && shift && exec "$@""#;
    // As root without more, else in a user namespace.
    let wrappers: [&[&str]; 2] = [&["unshare", "-m"], &["unshare", "-Urm"]];
    let mut said = String::new();
    for wrapper in wrappers {
        match in_child("disk_full::child_on_a_small_disk", wrapper, mount, folder.path()) {
            Ok(out) if out.stdout.starts_with(b"mounted") => return assert_passed(&out),
            Ok(out) => said += &format!("{wrapper:?}: {}", String::from_utf8_lossy(&out.stderr)),
            Err(error) => said += &format!("{wrapper:?}: {error}\n"),
        }
    }
    panic!(
        "a small disk cannot be mounted here:\n{said}\
         run the tests as root with CAP_SYS_ADMIN (in a container: `--cap-add SYS_ADMIN` and \
         `--security-opt apparmor=unconfined`), or allow user namespaces \
         (`sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`), \
         and install util-linux for `unshare` and `mount`"
    );
}

#[test]
#[ignore = "what the test above runs where it has mounted a small disk"]
fn child_on_a_small_disk() {
    let Ok(path) = env::var(CHILD).map(PathBuf::from) else { return };
    let ballast = path.join("ballast");
    fs::write(&ballast, vec![0; 64 << 10]).unwrap();
    let days = Arc::new(AtomicU64::new(20_000));
    let clock = Arc::clone(&days);
    let clock = move || UNIX_EPOCH + Duration::from_secs(86_400 * clock.load(Ordering::Relaxed));
    let trail = builder().clock(clock).open(FileSink::in_dir(&path)).unwrap();
    let mut there = Vec::new();
    let mut refused = 0;
    while refused < 100 {
        let id = format!("c-{}-{refused}", there.len());
        assert!(there.len() < 10_000, "the disk takes everything");
        match block_on(read(&trail, &id)) {
            Ok(()) => there.push(id),
            Err(error) => {
                let source = std::error::Error::source(&error).unwrap();
                let source = source.downcast_ref::<io::Error>().unwrap();
                assert_eq!(source.kind(), io::ErrorKind::StorageFull, "{source}");
                refused += 1;
                if refused == 50 {
                    // From now on it is a new file that has no room for its first line.
                    days.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
    assert_eq!(files_in(&path).len(), 2);
    // Many at once need more room still.
    let many: Vec<_> = (0..64).map(|nth| recording(&trail, &format!("many-{nth}"))).collect();
    let many = block_on(futures::future::join_all(many));
    assert!(many.iter().all(Result::is_err));
    let whole = verify(&files_in(&path), &Expected::default()).unwrap();
    assert_eq!(whole.records(), there.len() as u64 + 1, "open, and those that went on");
    assert_eq!(whole.head(), &trail.head());
    let locked = builder().open(FileSink::in_dir(&path)).unwrap_err();
    assert!(locked.is_locked());

    fs::remove_file(&ballast).unwrap();
    for nth in 0..10 {
        let id = format!("after-{nth}");
        block_on(read(&trail, &id)).unwrap();
        there.push(id);
    }
    block_on(trail.close()).unwrap();
    let whole = verify(&files_in(&path), &Expected::default()).unwrap();
    assert_eq!(whole.records(), there.len() as u64 + 3, "open, lose, close");
    let text: String = files_in(&path).iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    for id in &there {
        assert!(text.contains(&format!("\"resource.id\":\"{id}\"")), "{id}");
    }
    assert!(!text.contains("\"many-"), "what was refused is not there");
    assert!(
        text.contains("\"action\":\"lose\",\"resource.type\":\"trail\",\"count\":164,"),
        "{text}"
    );

    // A trail that has no room for its first record is not opened, and is once there is.
    fs::write(&ballast, vec![0; 256 << 10]).unwrap_err();
    let mut opened = 0;
    let error = loop {
        opened += 1;
        assert!(opened < 100, "the disk takes everything");
        // Some still fit into the last page of the file.
        match builder().open(FileSink::in_dir(&path)) {
            Ok(trail) => drop(block_on(trail.close())),
            Err(error) => break error,
        }
    };
    assert!(error.is_io(), "{error}");
    let whole = verify(&files_in(&path), &Expected::default()).unwrap();
    fs::remove_file(&ballast).unwrap();
    let trail = builder().open(FileSink::in_dir(&path)).unwrap();
    assert_eq!(trail.head().sequence(), whole.head().sequence() + 1);
}

#[test]
fn at_the_limit_of_a_file_what_did_not_fit_is_not_half_there_and_the_next_file_goes_on() {
    let folder = Folder::new("full");
    // 512-byte blocks; the signal would end the process.
    let limit = r#"trap "" XFSZ; ulimit -S -f 40 && shift && exec "$@""#;
    let out = in_child("disk_full::child_with_a_limit", &[], limit, folder.path()).unwrap();
    assert_passed(&out);
}

#[test]
#[ignore = "what the test above runs where no file may be larger than 20 KiB"]
fn child_with_a_limit() {
    let Ok(path) = env::var(CHILD).map(PathBuf::from) else { return };
    let days = Arc::new(AtomicU64::new(20_000));
    let clock = Arc::clone(&days);
    let clock = move || UNIX_EPOCH + Duration::from_secs(86_400 * clock.load(Ordering::Relaxed));
    let trail = builder().clock(clock).open(FileSink::in_dir(&path)).unwrap();
    let mut went_on = 0;
    let error = loop {
        assert!(went_on < 10_000, "the file takes everything");
        match block_on(read(&trail, "c-1")) {
            Ok(()) => went_on += 1,
            Err(error) => break error,
        }
    };
    assert!(error.is_io());
    assert!(went_on > 20, "{went_on}");
    let whole = verify(&files_in(&path), &Expected::default()).unwrap();
    assert_eq!(whole.records(), went_on + 1);
    // The next day has a file of its own.
    days.fetch_add(1, Ordering::Relaxed);
    block_on(read(&trail, "c-2")).unwrap();
    block_on(trail.close()).unwrap();
    assert_eq!(files_in(&path).len(), 2);
    let whole = verify(&files_in(&path), &Expected::default()).unwrap();
    assert_eq!(whole.records(), went_on + 4, "open, lose, c-2, close");
}
