//! The client for another server has one cookie jar for all users.

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
use request_context::owner::PerUser;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "shared cookie jar",
    way: "one HTTP client with a cookie store logs users in at another server",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

/// The other server: a login sets a cookie, and a page is of whom the cookie says.
#[derive(Clone, Default)]
struct Upstream(Database);

impl Upstream {
    async fn log_in(&self, user: &str) -> String {
        self.0.query().await;
        format!("session={user}")
    }

    async fn page(&self, cookie: &str) -> String {
        self.0.query().await;
        cookie.replace("session=", "orders of ")
    }
}

#[derive(Clone, Default)]
struct Client {
    upstream: Upstream,
    cookie: Arc<Mutex<String>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(orders)).with_state(Client::default())
}

async fn orders(State(client): State<Client>, headers: HeaderMap) -> String {
    let set = client.upstream.log_in(&user_of(&headers)).await;
    *lock(&client.cookie) = set;
    client.upstream.0.query().await;
    let cookie = lock(&client.cookie).clone();
    client.upstream.page(&cookie).await
}

#[derive(Clone, Default)]
struct OwnClient {
    upstream: Upstream,
    cookie: Arc<PerUser<String>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_orders)).with_state(OwnClient::default()))
}

async fn own_orders(State(client): State<OwnClient>) -> String {
    let set = client.upstream.log_in(&me()).await;
    client.cookie.with(|cookie| *cookie = set);
    client.upstream.0.query().await;
    let cookie = client.cookie.with(|cookie| cookie.clone());
    client.upstream.page(&cookie).await
}
