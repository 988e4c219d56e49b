//! What a panic leaves behind is found by the next one.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::Owned;
use std::mem::take;
use std::sync::Arc;
use std::sync::Mutex;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "panic residue",
    way: "a unit of work goes back to its pool when a panic unwinds, with what was in it",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| {
        let word = if asking.step == 1 { "fail" } else { "save" };
        asking.post("/", format!("{word} {}", (asking.canary)("row")))
    },
};

type Pool<T> = Arc<Mutex<Vec<T>>>;

/// Goes back to its pool in any case.
struct Unit {
    rows: Vec<String>,
    pool: Pool<Vec<String>>,
}

impl Unit {
    fn begin(pool: &Pool<Vec<String>>) -> Self {
        Self { rows: lock(pool).pop().unwrap_or_default(), pool: Arc::clone(pool) }
    }

    fn commit(mut self) -> String {
        take(&mut self.rows).join("\n")
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        lock(&self.pool).push(take(&mut self.rows));
    }
}

fn leaky() -> Router {
    let pool = Pool::<Vec<String>>::default();
    let router = Router::new().route("/", post(save)).with_state((Database::default(), pool));
    router.layer(CatchPanicLayer::new())
}

async fn save(
    State((database, pool)): State<(Database, Pool<Vec<String>>)>,
    row: String,
) -> String {
    let mut unit = Unit::begin(&pool);
    unit.rows.push(row.clone());
    database.query().await;
    assert!(row.starts_with("save"), "this cannot be saved");
    unit.commit()
}

fn corrected() -> Router {
    let pool = Pool::<Owned<Vec<String>>>::default();
    let router = Router::new().route("/", post(save_own)).with_state((Database::default(), pool));
    signed_in(router.layer(CatchPanicLayer::new()))
}

/// What is in the pool opens for whom it was filled.
async fn save_own(
    State((database, pool)): State<(Database, Pool<Owned<Vec<String>>>)>,
    row: String,
) -> String {
    let used = lock(&pool).pop();
    let mut rows = used.and_then(|used| used.try_into_inner().ok()).unwrap_or_default();
    rows.push(row.clone());
    database.query().await;
    assert!(row.starts_with("save"), "this cannot be saved");
    let saved = rows.join("\n");
    rows.clear();
    lock(&pool).push(Owned::for_user(rows));
    saved
}
