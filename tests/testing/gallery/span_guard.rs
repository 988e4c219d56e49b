//! A span stays entered over an await.

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
use request_context::ContextExt;
use tracing::info;
use tracing::info_span;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "span guard over an await",
    way: "a span is entered by a guard that lives over an await, so others log in it",
    leaky,
    corrected,
    shows_in_replies: false,
    panics: 0.0,
    request: home,
};

fn leaky() -> Router {
    Router::new().route("/", get(greeting)).with_state(Database::default())
}

#[expect(clippy::await_holding_invalid_type, reason = "the mistake that is to be found")]
async fn greeting(State(database): State<Database>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    let span = info_span!("greeting", user);
    let _guard = span.enter();
    database.query().await;
    info!("greeted");
    format!("hello {user}")
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_greeting)).with_state(Database::default()))
}

async fn own_greeting(State(database): State<Database>) -> String {
    let greet = async move {
        database.query().await;
        info!("greeted");
        format!("hello {}", me())
    };
    // The span of the request is the layer's, with the user in it.
    greet.in_current_context().await
}
