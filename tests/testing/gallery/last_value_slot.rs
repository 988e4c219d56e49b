//! The current user is a field of the server.

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
    name: "last-value slot",
    way: "the current user is a field of the server, set by one request and read by another",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

#[derive(Clone, Default)]
struct Portal {
    database: Database,
    current_user: Arc<Mutex<String>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(dashboard)).with_state(Portal::default())
}

async fn dashboard(State(portal): State<Portal>, headers: HeaderMap) -> String {
    *lock(&portal.current_user) = user_of(&headers);
    portal.database.query().await;
    format!("patient {}", lock(&portal.current_user))
}

fn corrected() -> Router {
    let router = Router::new().route("/", get(own_dashboard));
    signed_in(router.with_state(Database::default()))
}

async fn own_dashboard(State(database): State<Database>) -> String {
    database.query().await;
    format!("patient {}", me())
}
