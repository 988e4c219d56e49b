//! A connection comes out of its pool as the user who had it before.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::lock;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "pooled connection",
    way: "a connection that has a user already is not told the one of this request",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

/// A connection to a server that shows the rows of its user.
#[derive(Default)]
struct Connection {
    database: Database,
    user: Option<String>,
}

impl Connection {
    async fn select(&self) -> String {
        self.database.query().await;
        format!("rows of {}", self.user.as_deref().unwrap_or_default())
    }
}

type Pool = Arc<Mutex<Vec<Connection>>>;

fn leaky() -> Router {
    Router::new().route("/", get(rows)).with_state(Pool::default())
}

async fn rows(State(pool): State<Pool>, headers: HeaderMap) -> String {
    let pooled = lock(&pool).pop();
    let mut connection = pooled.unwrap_or_default();
    connection.user.get_or_insert_with(|| user_of(&headers));
    let rows = connection.select().await;
    lock(&pool).push(connection);
    rows
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_rows)).with_state(Pool::default()))
}

async fn own_rows(State(pool): State<Pool>) -> String {
    let pooled = lock(&pool).pop();
    let mut connection = pooled.unwrap_or_default();
    connection.user = Some(me());
    let rows = connection.select().await;
    lock(&pool).push(connection);
    rows
}
