//! A call is made again with the credentials of whoever refreshed them last.

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
    name: "retry with the wrong identity",
    way: "a call that was refused is made again with the token that was refreshed last",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

/// The other server: takes fresh tokens only.
async fn call(database: &Database, token: &str) -> Result<String, Expired> {
    database.query().await;
    let user = token.strip_prefix("fresh ").ok_or(Expired)?;
    Ok(format!("calendar of {user}"))
}

#[derive(Debug)]
struct Expired;

#[derive(Clone, Default)]
struct Client {
    database: Database,
    refreshed: Arc<Mutex<String>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(calendar)).with_state(Client::default())
}

async fn calendar(State(client): State<Client>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    match call(&client.database, &format!("old {user}")).await {
        Ok(calendar) => calendar,
        Err(Expired) => {
            *lock(&client.refreshed) = format!("fresh {user}");
            client.database.query().await;
            let token = lock(&client.refreshed).clone();
            call(&client.database, &token).await.unwrap()
        }
    }
}

#[derive(Clone, Default)]
struct OwnClient {
    database: Database,
    refreshed: Arc<PerUser<String>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_calendar)).with_state(OwnClient::default()))
}

async fn own_calendar(State(client): State<OwnClient>) -> String {
    let user = me();
    match call(&client.database, &format!("old {user}")).await {
        Ok(calendar) => calendar,
        Err(Expired) => {
            client.refreshed.with(|token| *token = format!("fresh {user}"));
            client.database.query().await;
            let token = client.refreshed.with(|token| token.clone());
            call(&client.database, &token).await.unwrap()
        }
    }
}
