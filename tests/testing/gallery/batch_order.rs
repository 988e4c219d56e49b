//! The answers to a batch come in another order than the questions.

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
use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::oneshot;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "batch order",
    way: "keys of several requests are sorted for one query, and its rows given out in order of arrival",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

type Waiting = (String, oneshot::Sender<String>);

#[derive(Clone, Default)]
struct Loader {
    database: Database,
    waiting: Arc<Mutex<Vec<Waiting>>>,
}

impl Loader {
    /// Loads the row of a user, with those of all who wait, which `deliver` gives out.
    async fn load(&self, user: String, deliver: fn(Vec<Waiting>)) -> String {
        let (sender, row) = oneshot::channel();
        lock(&self.waiting).push((user, sender));
        // The others of this moment join the batch.
        self.database.query().await;
        deliver(take(&mut *lock(&self.waiting)));
        row.await.unwrap()
    }
}

/// The rows of these users, in the order of their keys.
fn select(mut users: Vec<String>) -> Vec<(String, String)> {
    users.sort();
    users.into_iter().map(|user| (user.clone(), format!("row of {user}"))).collect()
}

fn leaky() -> Router {
    Router::new().route("/", get(row)).with_state(Loader::default())
}

async fn row(State(loader): State<Loader>, headers: HeaderMap) -> String {
    loader.load(user_of(&headers), in_order_of_arrival).await
}

fn in_order_of_arrival(waiting: Vec<Waiting>) {
    let rows = select(waiting.iter().map(|(user, _)| user.clone()).collect());
    for ((_, sender), (_, row)) in waiting.into_iter().zip(rows) {
        // Who does not wait any more needs no row.
        let _ = sender.send(row);
    }
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_row)).with_state(Loader::default()))
}

async fn own_row(State(loader): State<Loader>) -> String {
    loader.load(me(), by_key).await
}

fn by_key(waiting: Vec<Waiting>) {
    let rows = select(waiting.iter().map(|(user, _)| user.clone()).collect());
    let rows: BTreeMap<_, _> = rows.into_iter().collect();
    for (user, sender) in waiting {
        let _ = sender.send(rows[&user].clone());
    }
}
