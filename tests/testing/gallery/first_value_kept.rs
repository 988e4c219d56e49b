//! What is made once for the process is made of the first user's data.

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
use request_context::owner::PerUser;
use std::sync::Arc;
use tokio::sync::OnceCell;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "first value kept",
    way: "a once-cell for settings is filled with those of the first user",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

#[derive(Clone, Default)]
struct Settings {
    database: Database,
    loaded: Arc<OnceCell<String>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(settings)).with_state(Settings::default())
}

async fn settings(State(settings): State<Settings>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    let load = || async {
        settings.database.query().await;
        format!("theme of {user}")
    };
    let loaded = settings.loaded.get_or_init(load).await;
    format!("{user}: {loaded}")
}

#[derive(Clone, Default)]
struct OwnSettings {
    database: Database,
    loaded: Arc<PerUser<Option<String>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_settings)).with_state(OwnSettings::default()))
}

async fn own_settings(State(settings): State<OwnSettings>) -> String {
    if let Some(loaded) = settings.loaded.with(|loaded| loaded.clone()) {
        return loaded;
    }
    settings.database.query().await;
    let theme = format!("theme of {}", me());
    settings.loaded.with(|loaded| loaded.insert(theme).clone())
}
