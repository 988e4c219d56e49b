//! Weighs: the bytes that each scope adds to a future, and those of a million parked tasks.

#![expect(clippy::disallowed_methods, reason = "the rivals' tasks are plain ones")]

use request_context::RequestContext;
use request_context_benches::leaf::Leaf;
use request_context_benches::rivals::*;
use std::env;
use std::fs;
use std::future::pending;
use std::sync::Arc;
use tokio::runtime::Builder;
use tokio::spawn;
use tokio::task::JoinHandle;
use tokio::task::yield_now;

const TASKS: usize = 1_000_000;

/// Without an argument, sizes; with one, the tasks that it names, which takes a process for each.
fn main() {
    let all = All::default();
    let (context, peer) = (&all.context, &all.peer);
    all.enter(|| match env::args().nth(1).as_deref() {
        None => sizes(),
        Some("bare") => park(|| spawn(parked())),
        Some("scope") => park(|| spawn(OurScope(context.clone()).around(parked()))),
        Some("scope of its own") => park(|| spawn(RequestContext::new().scope(parked()))),
        Some("in_current_context") => park(|| spawn(OurCarried.around(parked()))),
        Some("tokio scope") => park(|| spawn(TokioScope(Arc::clone(peer)).around(parked()))),
        Some("tokio scope, Instrument") => park(|| spawn(TokioCarried.around(parked()))),
        Some(other) => panic!("there is no task called {other}"),
    });
}

fn sizes() {
    size::<OurScope>();
    size::<OurCarried>();
    size::<TokioScope>();
    size::<TokioCarried>();
    size::<TracingInstrument>();
    size::<Otel>();
    size::<Sentry>();
    size::<Fastrace>();
    size::<Inherit>();
}

fn size<S: Scope>() {
    let scoped = size_of::<S::Of<Leaf<false>>>();
    println!("bytes/{}\t{}", S::NAME, scoped - size_of::<Leaf<false>>());
}

/// A request that waits: an `async` block of one byte.
async fn parked() {
    pending().await
}

/// Prints by how much the process grows with each task.
fn park(task: impl Fn() -> JoinHandle<()>) {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let before = resident_bytes();
        for _ in 0..TASKS {
            task();
        }
        // Each is polled once.
        yield_now().await;
        let grown = resident_bytes() - before;
        println!("{}", grown as f64 / TASKS as f64);
    });
}

fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|number| number.parse::<u64>().ok()).expect("a number of kB") * 1024
}
