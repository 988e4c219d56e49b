//! What a leak test costs, beside the same requests without one, all at once on one thread:
//! `cargo run --release -p request-context-benches --features testing --bin leak_test`.

use axum::Router;
use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::routing::get;
use request_context::testing::LeakTest;
use request_context::testing::TestRequest;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;
use tokio::task::JoinSet;
use tower::ServiceExt;

const SEEDS: u64 = 1000;
const SESSIONS: usize = 8;
const REQUESTS: usize = 4;
const ROUNDS: usize = 7;

fn main() {
    let mut rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (tested(), plain())).collect();
    rounds.sort_unstable();
    let tested = rounds[ROUNDS / 2].0;
    rounds.sort_unstable_by_key(|(_, plain)| *plain);
    let plain = rounds[ROUNDS / 2].1;
    println!(
        "{SEEDS} seeds of {SESSIONS} sessions with {REQUESTS} requests each, medians of {ROUNDS}:"
    );
    println!("| leak test | the same requests without it | ratio |");
    println!("|---|---|---|");
    let ratio = tested.as_secs_f64() / plain.as_secs_f64();
    println!("| {tested:.2?} | {plain:.2?} | {ratio:.1} |");
}

/// Greets whoever asks, after a lookup that never waits.
fn app() -> Router {
    Router::new().route("/", get(greet)).with_state(Arc::default())
}

async fn greet(State(database): State<Arc<RwLock<()>>>, headers: HeaderMap) -> String {
    drop(database.read().await);
    format!("hello {}", headers["x-user"].to_str().unwrap_or_default())
}

/// All seeds, the schedule of each by its own, and each part of each reply searched.
fn tested() -> Duration {
    let test = LeakTest::new(app).sessions(SESSIONS).requests(REQUESTS).seeds(0..SEEDS);
    let test = test
        .request(|visitor, _, _| TestRequest::get("/").header("x-user", &visitor.canary("user")));
    let begun = Instant::now();
    let report = runtime().block_on(test.run());
    let took = begun.elapsed();
    assert!(report.is_isolated(), "{report}");
    took
}

/// The same servers, sessions and requests, and nothing that looks.
fn plain() -> Duration {
    let begun = Instant::now();
    for _ in 0..SEEDS {
        let app = app();
        runtime().block_on(async {
            let mut sessions = JoinSet::new();
            for session in 0..SESSIONS {
                sessions.spawn(visit(app.clone(), session));
            }
            sessions.join_all().await;
        });
    }
    begun.elapsed()
}

async fn visit(app: Router, session: usize) {
    for _ in 0..REQUESTS {
        let request = Request::get("/").header("x-user", session).body(Body::empty());
        let Ok(response) = app.clone().oneshot(request.unwrap_or_default()).await;
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap_or_default();
        assert!(body.ends_with(session.to_string().as_bytes()));
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
