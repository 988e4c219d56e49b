//! A thread-local is read after an await.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use std::cell::RefCell;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "thread-local over an await",
    way: "a thread-local is set, and read after an await, when another request had the thread",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

thread_local! {
    static USER: RefCell<String> = const { RefCell::new(String::new()) };
}

fn leaky() -> Router {
    Router::new().route("/", get(greeting)).with_state(Database::default())
}

async fn greeting(State(database): State<Database>, headers: HeaderMap) -> String {
    USER.set(user_of(&headers));
    database.query().await;
    USER.with_borrow(|user| format!("hello {user}"))
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_greeting)).with_state(Database::default()))
}

async fn own_greeting(State(database): State<Database>) -> String {
    database.query().await;
    format!("hello {}", me())
}
