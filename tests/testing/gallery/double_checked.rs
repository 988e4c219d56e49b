//! A cache is checked twice, and the second check forgets the owner.

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
use request_context::owner::Owned;
use std::sync::Arc;
use tokio::sync::RwLock;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "double-checked cache",
    way: "a cache of one page is checked again under the write lock, there without the owner",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

#[derive(Clone, Default)]
struct Latest {
    database: Database,
    page: Arc<RwLock<Option<(String, String)>>>,
    is_stale: Arc<RwLock<bool>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(page)).with_state(Latest::default())
}

async fn page(State(latest): State<Latest>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    if let Some((owner, page)) = &*latest.page.read().await
        && *owner == user
    {
        return page.clone();
    }
    *latest.is_stale.write().await = true;
    let mut slot = latest.page.write().await;
    // Somebody may have filled it meanwhile.
    if !*latest.is_stale.read().await
        && let Some((_, page)) = &*slot
    {
        return page.clone();
    }
    latest.database.query().await;
    let page = format!("page of {user}");
    *slot = Some((user, page.clone()));
    *latest.is_stale.write().await = false;
    page
}

#[derive(Clone, Default)]
struct OwnLatest {
    database: Database,
    page: Arc<RwLock<Option<Owned<String>>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_page)).with_state(OwnLatest::default()))
}

async fn own_page(State(latest): State<OwnLatest>) -> String {
    if let Some(Ok(page)) = latest.page.read().await.as_ref().map(Owned::try_open) {
        return page.clone();
    }
    let mut slot = latest.page.write().await;
    if let Some(Ok(page)) = slot.as_ref().map(Owned::try_open) {
        return page.clone();
    }
    latest.database.query().await;
    let page = format!("page of {}", me());
    *slot = Some(Owned::for_user(page.clone()));
    page
}
