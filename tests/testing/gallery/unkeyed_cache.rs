//! The key of a cache leaves out for whom its values were made.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::owner::PerUser;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "unkeyed cache",
    way: "the key of a cache leaves out whose the cached value is",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| asking.get(&format!("/reports/{}", asking.step)),
};

#[derive(Clone, Default)]
struct Reports {
    database: Database,
    by_month: Arc<Mutex<HashMap<u32, String>>>,
}

fn leaky() -> Router {
    Router::new().route("/reports/{month}", get(report)).with_state(Reports::default())
}

async fn report(
    State(reports): State<Reports>,
    Path(month): Path<u32>,
    headers: HeaderMap,
) -> String {
    let user = user_of(&headers);
    let cached = lock(&reports.by_month).get(&month).cloned();
    if let Some(report) = cached {
        // The visitor's own name is beside it, so that nobody is surprised.
        return format!("for {user}: {report}");
    }
    reports.database.query().await;
    let report = format!("report of {user}");
    lock(&reports.by_month).insert(month, report.clone());
    format!("for {user}: {report}")
}

#[derive(Clone, Default)]
struct OwnReports {
    database: Database,
    by_month: Arc<PerUser<HashMap<u32, String>>>,
}

fn corrected() -> Router {
    let router = Router::new().route("/reports/{month}", get(own_report));
    signed_in(router.with_state(OwnReports::default()))
}

async fn own_report(State(reports): State<OwnReports>, Path(month): Path<u32>) -> String {
    let cached = reports.by_month.with(|reports| reports.get(&month).cloned());
    if let Some(report) = cached {
        return report;
    }
    reports.database.query().await;
    let report = format!("report of {}", me());
    reports.by_month.with(|reports| reports.insert(month, report.clone()));
    report
}
