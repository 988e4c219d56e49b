//! Measures the audit trail: records per second and how long an access waits, beside what else writes
//! lines to a file.

use futures::future::join_all;
use request_context::RequestContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::Resource;
use request_context::access::trail::FileSink;
use request_context::access::trail::SyncPolicy;
use request_context::access::trail::Trail;
use serde_json::Map;
use serde_json::Value;
use std::borrow::Cow;
use std::fs;
use std::fs::File;
use std::future::Future;
use std::future::poll_fn;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tracing_appender::non_blocking::NonBlockingBuilder;

const ROUNDS: usize = 15;
/// As many as tracing-appender's channel takes unless told otherwise.
const QUEUE: usize = 128_000;

/// What is measured.
#[derive(Clone, Copy, PartialEq)]
enum Subject {
    Ours(SyncPolicy),
    /// `Never`, and the access goes on when its record is queued: the promise of `Appender`.
    OursQueued,
    /// `non_blocking`, with what serde_json makes of the same members.
    AppenderEncoding,
    /// `non_blocking`, lossless: goes on when the line is queued.
    Appender,
    /// A line is written, and synced if so, behind a lock.
    Locked {
        synced: bool,
    },
}

struct Run {
    /// Until all lines are in the file.
    whole: Duration,
    /// The median of what an access waited.
    wait: Duration,
    syncs: u64,
}

#[derive(Default)]
struct Samples {
    whole: Vec<f64>,
    wait: Vec<f64>,
    syncs: u64,
}

struct Chart;

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("c-0123456789")
    }
}

fn context() -> RequestContext {
    let session = "0a1b2c3d-0a1b-4c3d-8e9f-0a1b2c3d4e5f".parse().unwrap();
    RequestContext::builder().user("user-0123456".parse().unwrap()).session(session).build()
}

/// One after the other in each of so many tasks; what the whole took, and the median wait.
fn drive<F, R>(runtime: &Runtime, tasks: usize, each: usize, access: F) -> (Instant, Duration)
where
    F: Fn() -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send,
{
    let begun = Instant::now();
    let task = |access: F| async move {
        let mut waits = Vec::with_capacity(each);
        for _ in 0..each {
            let asked = Instant::now();
            access().await;
            waits.push(asked.elapsed());
        }
        waits
    };
    let waits = runtime.block_on(async {
        join_all((0..tasks).map(|_| runtime.spawn(task(access.clone())))).await
    });
    let mut waits: Vec<_> = waits.into_iter().flat_map(Result::unwrap).collect();
    waits.sort();
    (begun, waits[waits.len() / 2])
}

fn run(subject: Subject, runtime: &Runtime, tasks: usize, each: usize, line: &Arc<[u8]>) -> Run {
    let folder = Folder::new();
    let whole_bytes = (tasks * each * line.len()) as u64;
    let file = || File::options().append(true).create(true).open(folder.0.join("lines")).unwrap();
    match subject {
        Subject::OursQueued => {
            let sink = FileSink::in_dir(&folder.0).max_bytes(u64::MAX);
            let builder = Trail::builder("records").instance("one").sync(SyncPolicy::Never);
            let trail = builder.queue(QUEUE).open(sink).unwrap();
            let context = context().to_builder().insert(trail.clone()).build();
            let (begun, wait) = drive(runtime, tasks, each, move || {
                let context = context.clone();
                async move {
                    let access = context.sync_scope(|| access::record(Action::Read, &Chart));
                    let mut recording = access.into_future();
                    poll_fn(|cx| Poll::Ready(Pin::new(&mut recording).poll(cx).is_pending())).await;
                }
            });
            while trail.stats().records < (tasks * each) as u64 {
                std::thread::yield_now();
            }
            let whole = begun.elapsed();
            assert_eq!(trail.stats().lost, 0);
            runtime.block_on(trail.close()).unwrap();
            Run { whole, wait, syncs: 0 }
        }
        Subject::Ours(policy) => {
            let sink = FileSink::in_dir(&folder.0).max_bytes(u64::MAX);
            let trail = Trail::builder("records").instance("one").sync(policy).open(sink).unwrap();
            let context = context().to_builder().insert(trail.clone()).build();
            let before = trail.stats().syncs;
            let (begun, wait) = drive(runtime, tasks, each, move || {
                let context = context.clone();
                async move {
                    let access = context.sync_scope(|| access::record(Action::Read, &Chart));
                    access.into_future().await.unwrap();
                }
            });
            // Each access waited until its line was in the file.
            let whole = begun.elapsed();
            let syncs = trail.stats().syncs - before;
            runtime.block_on(trail.close()).unwrap();
            Run { whole, wait, syncs }
        }
        Subject::Appender => {
            let path = folder.0.join("lines");
            let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(file());
            let line = Arc::clone(line);
            let (begun, wait) = drive(runtime, tasks, each, move || {
                let (mut writer, line) = (writer.clone(), Arc::clone(&line));
                async move { writer.write_all(&line).unwrap() }
            });
            drop(guard);
            while fs::metadata(&path).unwrap().len() < whole_bytes {
                std::thread::yield_now();
            }
            Run { whole: begun.elapsed(), wait, syncs: 0 }
        }
        Subject::AppenderEncoding => {
            let path = folder.0.join("lines");
            let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(file());
            let line: Map<String, Value> = serde_json::from_slice(line).unwrap();
            let line = Arc::new(line);
            let (begun, wait) = drive(runtime, tasks, each, move || {
                let (mut writer, line) = (writer.clone(), Arc::clone(&line));
                async move {
                    let mut text = serde_json::to_vec(&*line).unwrap();
                    text.push(b'\n');
                    writer.write_all(&text).unwrap();
                }
            });
            drop(guard);
            while fs::metadata(&path).unwrap().len() < whole_bytes {
                std::thread::yield_now();
            }
            Run { whole: begun.elapsed(), wait, syncs: 0 }
        }
        Subject::Locked { synced } => {
            let file = Arc::new(Mutex::new(file()));
            let line = Arc::clone(line);
            let (begun, wait) = drive(runtime, tasks, each, move || {
                let (file, line) = (Arc::clone(&file), Arc::clone(&line));
                async move {
                    let mut file = file.lock().unwrap();
                    file.write_all(&line).unwrap();
                    if synced {
                        file.sync_data().unwrap();
                    }
                }
            });
            let syncs = if synced { (tasks * each) as u64 } else { 0 };
            Run { whole: begun.elapsed(), wait, syncs }
        }
    }
}

/// A line as ours is, for those who are given it.
fn a_line(runtime: &Runtime) -> Arc<[u8]> {
    let folder = Folder::new();
    let trail =
        Trail::builder("records").instance("one").open(FileSink::in_dir(&folder.0)).unwrap();
    let context = context().to_builder().insert(trail.clone()).build();
    let access = context.sync_scope(|| access::record(Action::Read, &Chart));
    runtime.block_on(access.into_future()).unwrap();
    runtime.block_on(trail.close()).unwrap();
    let files = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path());
    let file = files.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).last().unwrap();
    let text = fs::read_to_string(file).unwrap();
    format!("{}\n", text.lines().nth(1).unwrap()).into_bytes().into()
}

/// Runs the subjects in turn, and prints ours beside each rival.
fn table(runtime: &Runtime, tasks: usize, each: usize, rows: &[(Subject, &str)]) {
    let line = a_line(runtime);
    let mut samples: Vec<Samples> = rows.iter().map(|_| Samples::default()).collect();
    for round in 0..=ROUNDS {
        for nth in 0..rows.len() {
            let at = (nth + round) % rows.len();
            let run = run(rows[at].0, runtime, tasks, each, &line);
            // The first round warms up.
            if round > 0 {
                samples[at].whole.push(run.whole.as_secs_f64());
                samples[at].wait.push(run.wait.as_secs_f64());
                samples[at].syncs += run.syncs;
            }
        }
    }
    for samples in &mut samples {
        samples.whole.sort_by(f64::total_cmp);
        samples.wait.sort_by(f64::total_cmp);
    }
    let accesses = (tasks * each) as f64;
    println!(
        "\n{tasks} at a time, {accesses} records of {} bytes, medians of {ROUNDS} rounds\n",
        line.len()
    );
    println!("| | records/s | × the first | an access waits | × the first | accesses per sync |");
    println!("|---|---:|---:|---:|---:|---:|");
    let median = |samples: &[f64]| samples[samples.len() / 2];
    let first = (median(&samples[0].whole), median(&samples[0].wait));
    for ((_, name), samples) in rows.iter().zip(&samples) {
        let (whole, wait) = (median(&samples.whole), median(&samples.wait));
        let per_sync = match samples.syncs {
            0 => String::new(),
            syncs => format!("{:.1}", accesses * ROUNDS as f64 / syncs as f64),
        };
        println!(
            "| {name} | {:.0} | {:.2} | {:.1} µs | {:.2} | {per_sync} |",
            accesses / whole,
            first.0 / whole,
            wait * 1e6,
            wait / first.1,
        );
    }
}

/// A folder that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path: &Path = &std::env::temp_dir();
        let path = path.join(format!("trail-bench-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let never = Subject::Ours(SyncPolicy::Never);
    let interval = Subject::Ours(SyncPolicy::Interval(Duration::from_millis(10)));
    let every = Subject::Ours(SyncPolicy::EveryRecord);
    let queued = [
        (Subject::Appender, "tracing-appender, given the text: queued"),
        (Subject::AppenderEncoding, "tracing-appender, text by serde_json: queued"),
        (Subject::OursQueued, "ours, not waited for: queued"),
    ];
    let unsynced = [
        (Subject::Locked { synced: false }, "a file behind a lock: written"),
        (never, "ours, `Never`: written"),
        (interval, "ours, `Interval` of 10 ms: written"),
    ];
    let synced = [
        (Subject::Locked { synced: true }, "a file behind a lock, each line synced"),
        (every, "ours, `EveryRecord`: synced"),
    ];
    table(&runtime, 64, 500, &queued);
    table(&runtime, 64, 500, &unsynced);
    table(&runtime, 1, 2000, &unsynced);
    table(&runtime, 64, 5, &synced);
    table(&runtime, 1, 100, &synced);
}
