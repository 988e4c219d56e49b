//! A record is looked up by a prefix of its key.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use request_context::owner::PerUser;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "prefix match",
    way: "a record is found by the first three letters of its key, as people like to type them",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| {
        let handle = &(asking.canary)("user")[..3];
        asking.post(&format!("/notes/{handle}"), (asking.canary)("note"))
    },
};

#[derive(Clone, Default)]
struct Notes {
    database: Database,
    by_user: Arc<Mutex<BTreeMap<String, String>>>,
}

fn leaky() -> Router {
    Router::new().route("/notes/{handle}", post(note)).with_state(Notes::default())
}

async fn note(
    State(notes): State<Notes>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    text: String,
) -> String {
    lock(&notes.by_user).insert(user_of(&headers), text);
    notes.database.query().await;
    let by_user = lock(&notes.by_user);
    by_user.iter().find(|(user, _)| user.starts_with(&handle)).unwrap().1.clone()
}

#[derive(Clone, Default)]
struct OwnNotes {
    database: Database,
    note: Arc<PerUser<String>>,
}

fn corrected() -> Router {
    let router = Router::new().route("/notes/{handle}", post(own_note));
    signed_in(router.with_state(OwnNotes::default()))
}

async fn own_note(State(notes): State<OwnNotes>, text: String) -> String {
    notes.note.with(|note| *note = text);
    notes.database.query().await;
    notes.note.with(|note| note.clone())
}
