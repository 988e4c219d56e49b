//! A list of who was there keeps the contexts of all of them.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::lock;
use super::support::me;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use request_context::RequestContext;
use request_context::UserId;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "context kept",
    way: "a static list of recent visitors keeps whole contexts, with all that is in them, for good",
    leaky,
    corrected,
    shows_in_replies: false,
    panics: 0.0,
    request: home,
};

/// How many visitors are recent.
const RECENT: usize = 100;

fn leaky() -> Router {
    signed_in(Router::new().route("/", get(greet)).with_state(Database::default()))
}

async fn greet(State(database): State<Database>) -> String {
    static RECENTLY: Mutex<Vec<RequestContext>> = Mutex::new(Vec::new());
    database.query().await;
    let mut recently = lock(&RECENTLY);
    recently.push(RequestContext::current());
    let too_many = recently.len().saturating_sub(RECENT);
    recently.drain(..too_many);
    format!("hello {}", me())
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(greet_noting)).with_state(Database::default()))
}

/// Keeps what the list is for.
async fn greet_noting(State(database): State<Database>) -> String {
    static RECENTLY: Mutex<Vec<UserId>> = Mutex::new(Vec::new());
    database.query().await;
    let mut recently = lock(&RECENTLY);
    recently.extend(RequestContext::current().user().cloned());
    let too_many = recently.len().saturating_sub(RECENT);
    recently.drain(..too_many);
    format!("hello {}", me())
}
