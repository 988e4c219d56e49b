//! Killed at any point, what an access waited for is on record.

use crate::support::Folder;
use crate::support::builder;
use crate::support::read;
use crate::support::write_trail;
use request_context::access::trail::FileSink;
use request_context::access::trail::SyncPolicy;
use serde_json::Value;
use std::collections::BTreeSet;
use std::env;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

const TASKS: usize = 16;
/// So that files are begun while it is killed.
const FILE: u64 = 60_000;
const CHILD: &str = "TRAIL_CRASH_CHILD";

/// 200 points in all.
#[test]
fn killed_at_67_points_with_every_record_what_was_waited_for_is_there_and_the_chain_verifies() {
    kill_at_random_points(67, "every record", 0x7261_696C);
}

#[test]
fn killed_at_67_points_with_an_interval_what_was_waited_for_is_there_and_the_chain_verifies() {
    kill_at_random_points(67, "interval", 0x7472_6169);
}

#[test]
fn killed_at_66_points_with_never_what_was_waited_for_is_there_and_the_chain_verifies() {
    kill_at_random_points(66, "never", 0x696C_7472);
}

fn policy_of(name: &str) -> SyncPolicy {
    match name {
        "every record" => SyncPolicy::EveryRecord,
        "interval" => SyncPolicy::Interval(Duration::from_millis(2)),
        _ => SyncPolicy::Never,
    }
}

fn kill_at_random_points(kills: u64, policy: &str, seed: u64) {
    let folder = Folder::new("crash");
    let mut random = Random(seed);
    let mut acknowledged = BTreeSet::new();
    let mut torn = 0;
    for kill in 0..kills {
        let wanted = random.below(48);
        let pause = Duration::from_micros(random.below(1500));
        acknowledged.extend(run_and_kill(folder.path(), policy, kill, wanted, pause));
        if let Err(error) = folder.verify() {
            let fault = error.as_fault().unwrap();
            assert!(fault.is_truncated(), "killed {kill} times: {fault}");
            assert_eq!(fault.file(), folder.files().last().unwrap());
            torn += 1;
        }
    }
    write_trail(builder(), folder.sink(), 0);
    let verified = folder.verify().unwrap();
    let on_record: BTreeSet<_> = folder.lines().iter().filter_map(|line| id_of(line)).collect();
    let lost: Vec<_> = acknowledged.difference(&on_record).collect();
    assert!(lost.is_empty(), "{} of {}: {lost:?}", lost.len(), acknowledged.len());
    assert!(acknowledged.len() as u64 > kills * 10, "{} is no load", acknowledged.len());
    println!(
        "{policy}: {} records, {} waited for, {torn} torn, in {} files",
        verified.records(),
        acknowledged.len(),
        folder.files().len()
    );
}

/// Kills a child after it has acknowledged so many accesses, and a pause; what it acknowledged.
fn run_and_kill(
    folder: &Path,
    policy: &str,
    kill: u64,
    wanted: u64,
    pause: Duration,
) -> Vec<String> {
    let mut child = spawn(folder, policy, kill);
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acknowledged = Vec::new();
    while (acknowledged.len() as u64) < wanted {
        let line = out.next().expect("a child does not end by itself");
        acknowledged.extend(line.strip_prefix("ack ").map(str::to_owned));
    }
    let begun = Instant::now();
    while begun.elapsed() < pause {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    acknowledged.extend(out.filter_map(|line| line.strip_prefix("ack ").map(str::to_owned)));
    child.wait().unwrap();
    acknowledged
}

fn spawn(folder: &Path, policy: &str, kill: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(CHILD, folder)
        .env("TRAIL_CRASH_POLICY", policy)
        .env("TRAIL_CRASH_KILL", kill.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the process that the tests above kill"]
fn child() {
    let Ok(folder) = env::var(CHILD) else { return };
    let kill: u64 = env::var("TRAIL_CRASH_KILL").unwrap().parse().unwrap();
    let policy = policy_of(&env::var("TRAIL_CRASH_POLICY").unwrap());
    let sink = FileSink::in_dir(folder).max_bytes(FILE);
    let trail = builder().sync(policy).open(sink).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let access_forever = |task: usize| {
        let trail = trail.clone();
        async move {
            let begun = Instant::now();
            for nth in 0.. {
                let id = format!("{kill}-{task}-{nth}");
                read(&trail, &id).await.unwrap();
                std::io::stdout().lock().write_all(format!("ack {id}\n").as_bytes()).unwrap();
                assert!(begun.elapsed() < Duration::from_secs(60), "nobody kills");
            }
        }
    };
    let tasks: Vec<_> = {
        let _entered = runtime.enter();
        (0..TASKS).map(|task| request_context::spawn_outside(access_forever(task))).collect()
    };
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
}

fn id_of(line: &str) -> Option<String> {
    let record: Value = serde_json::from_str(line).unwrap();
    record["resource.id"].as_str().map(str::to_owned)
}

/// Always the same (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
