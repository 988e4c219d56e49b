//! What a test without the kit finds: as many tasks at once, on many threads.

#![expect(clippy::disallowed_methods, reason = "plain tasks are what is compared with")]

use crate::gallery::Exhibit;
use crate::gallery::exhibit::Asking;
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use request_context::testing::canary::Canaries;
use request_context::testing::canary::CanaryFields;
use std::sync::Arc;
use std::thread;
use tokio::runtime::Builder;
use tower::ServiceExt;

/// As many as a leak test has, unless told otherwise.
const SESSIONS: usize = 8;
const REQUESTS: usize = 4;

/// In how many runs somebody got what is not theirs, in a header or a body.
pub(crate) fn runs_that_leak(exhibit: Exhibit, runs: u64) -> String {
    if !exhibit.shows_in_replies {
        return "not in replies".to_owned();
    }
    let worker = thread::spawn(move || {
        let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build();
        runtime
            .map(|runtime| (0..runs).filter(|run| runtime.block_on(leaks(exhibit, *run))).count())
    });
    match worker.join() {
        Ok(Ok(found)) => found.to_string(),
        _ => "cannot be run".to_owned(),
    }
}

async fn leaks(exhibit: Exhibit, run: u64) -> bool {
    let app = (exhibit.leaky)();
    let canaries = Arc::new(Canaries::new(run, CanaryFields::new()));
    let visitors: Vec<_> = (0..SESSIONS)
        .map(|session| tokio::spawn(visit(exhibit, app.clone(), session, Arc::clone(&canaries))))
        .collect();
    let mut is_leaky = false;
    for visitor in visitors {
        is_leaky |= visitor.await.unwrap_or(false);
    }
    is_leaky
}

/// Whether a visitor got what is not theirs.
async fn visit(exhibit: Exhibit, app: Router, session: usize, canaries: Arc<Canaries>) -> bool {
    let mut is_leaky = false;
    for step in 0..REQUESTS {
        let request = {
            let canary = |name: &str| canaries.plant(session, name);
            (exhibit.request)(&Asking { session, step, canary: &canary })
        };
        let Ok(response) = app.clone().oneshot(request.map(Body::from)).await;
        let mut seen = format!("{:?}", response.headers()).into_bytes();
        if let Ok(body) = response.into_body().collect().await {
            seen.extend(body.to_bytes());
        }
        is_leaky |= canaries.find(&seen).iter().any(|found| found.session() != Some(session));
    }
    is_leaky
}
