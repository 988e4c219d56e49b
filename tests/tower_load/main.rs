//! 10,000 requests of 200 users over shared connections, cancelled at random: nothing of one user's
//! is seen by another. A process of its own, for the global subscriber.

mod app;
mod client;
mod findings;
mod logged;
#[path = "../support/logged_lines.rs"]
mod logged_lines;

use self::app::Mistake;
use self::app::serve;
use self::client::Outcome;
use self::client::Worker;
use self::findings::Findings;
use self::logged::Logged;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

const USERS: u64 = 200;
const WORKERS: u64 = 40;
const SEED: u64 = 0x5EED_C0DE;

#[expect(clippy::disallowed_methods, reason = "servers and clients of a test have no request")]
fn start<F: Future<Output: Send> + Send + 'static>(future: F) -> JoinHandle<F::Output> {
    Handle::current().spawn(future)
}

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(120), future).await.expect("it hangs")
}

/// What came of the requests, by kind.
async fn run(findings: &Arc<Findings>, requests: u64, mistake: Mistake) -> BTreeMap<Outcome, u64> {
    let server = serve(findings, mistake).await;
    let workers = (0..WORKERS).map(|number| {
        let worker = Worker::new(number, SEED ^ number, server.address);
        start(worker.run(requests / WORKERS, Arc::clone(findings)))
    });
    let mut outcomes = BTreeMap::new();
    for worker in workers.collect::<Vec<_>>() {
        for (outcome, count) in soon(worker).await.unwrap() {
            *outcomes.entry(outcome).or_default() += count;
        }
    }
    soon(server.quiet()).await;
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_sees_anything_of_another() {
    let logged = Logged::install();
    let findings = Findings::new();
    let outcomes = run(&findings, 10_000, Mistake::None).await;

    findings.assert_none();
    findings.assert_each_request_ended_once();
    let lines = logged.assert_each_line_of_one_user();
    let spans = logged.assert_each_span_of_one_user();

    let (begun, checks) = (findings.begun(), findings.checks());
    let all = format!("{outcomes:?}, {begun} begun, {checks} checks, {lines} lines, {spans} spans");
    assert_eq!(outcomes.values().sum::<u64>(), 10_000);
    assert!(outcomes.len() == 4 && outcomes.values().all(|count| *count > 300), "{all}");
    assert!(
        begun > 8_000 && checks > 100_000 && lines > 30_000 && spans >= begun as usize,
        "{all}"
    );

    // The same eyes see what is planted.
    for mistake in [Mistake::Global, Mistake::PerTask, Mistake::NotCarried] {
        let findings = Findings::new();
        run(&findings, 800, mistake).await;
        findings.assert_some(mistake);
    }
}
