//! Two parts of a key are run together, so that two users have the same one.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::PerUser;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "ambiguous key",
    way: "user 1's page 12 and user 11's page 2 have the key 112",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| {
        let (pair, step) = (asking.session / 2 + 1, asking.step);
        let path = match asking.session % 2 {
            0 => format!("/users/{pair}/pages/1{step}"),
            _ => format!("/users/{pair}1/pages/{step}"),
        };
        asking.post(&path, (asking.canary)("page"))
    },
};

#[derive(Clone, Default)]
struct Pages {
    database: Database,
    by_key: Arc<Mutex<HashMap<String, String>>>,
}

fn leaky() -> Router {
    Router::new().route("/users/{user}/pages/{page}", post(page)).with_state(Pages::default())
}

async fn page(
    State(pages): State<Pages>,
    Path((user, page)): Path<(u32, u32)>,
    text: String,
) -> String {
    pages.database.query().await;
    lock(&pages.by_key).entry(format!("{user}{page}")).or_insert(text).clone()
}

#[derive(Clone, Default)]
struct OwnPages {
    database: Database,
    by_number: Arc<PerUser<HashMap<u32, String>>>,
}

fn corrected() -> Router {
    let router = Router::new().route("/users/{user}/pages/{page}", post(own_page));
    signed_in(router.with_state(OwnPages::default()))
}

async fn own_page(
    State(pages): State<OwnPages>,
    Path((_, page)): Path<(u32, u32)>,
    text: String,
) -> String {
    pages.database.query().await;
    pages.by_number.with(|pages| pages.entry(page).or_insert(text).clone())
}
