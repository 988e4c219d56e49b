//! Each request starts a task, and none of them ever ends.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::me;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use request_context::JoinSetExt;
use request_context::spawn;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::interval;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "endless task",
    way: "each request starts a task that renews what it needs, and goes on when the request is over",
    leaky,
    corrected,
    shows_in_replies: false,
    panics: 0.0,
    request: home,
};

async fn renew(database: Database) {
    let mut ticks = interval(Duration::from_secs(10));
    loop {
        ticks.tick().await;
        database.query().await;
    }
}

fn leaky() -> Router {
    signed_in(Router::new().route("/", get(greet)).with_state(Database::default()))
}

async fn greet(State(database): State<Database>) -> String {
    drop(spawn(renew(database.clone())));
    database.query().await;
    format!("hello {}", me())
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(greet_and_stop)).with_state(Database::default()))
}

/// A set of tasks ends them when it is dropped.
async fn greet_and_stop(State(database): State<Database>) -> String {
    let mut renewing = JoinSet::new();
    renewing.spawn_in_context(renew(database.clone()));
    database.query().await;
    format!("hello {}", me())
}
