//! A panic comes between two writes that belong together.

use super::Exhibit;
use super::support::lock;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use request_context::testing::point;
use std::sync::Arc;
use std::sync::Mutex;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "half-done write",
    way: "with `.panic_at(0.2)`: a panic comes between the owner of a note and the note, and the lock is \
          taken all the same",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.2,
    request: |asking| match asking.step % 2 {
        0 => asking.post("/", (asking.canary)("note")),
        _ => asking.get("/"),
    },
};

/// The last note, for its owner.
#[derive(Default)]
struct Note {
    owner: String,
    text: String,
}

type Shared = State<Arc<Mutex<Note>>>;

async fn read(State(note): Shared, headers: HeaderMap) -> String {
    let note = lock(&note);
    if note.owner == user_of(&headers) { note.text.clone() } else { String::new() }
}

fn leaky() -> Router {
    let router = Router::new().route("/", post(write).get(read));
    router.with_state(Arc::default()).layer(CatchPanicLayer::new())
}

async fn write(State(note): Shared, headers: HeaderMap, text: String) -> String {
    let mut note = lock(&note);
    note.owner = user_of(&headers);
    point("between the two");
    note.text.clone_from(&text);
    text
}

fn corrected() -> Router {
    let router = Router::new().route("/", post(write_at_once).get(read));
    router.with_state(Arc::default()).layer(CatchPanicLayer::new())
}

/// Nothing is shared before it is whole.
async fn write_at_once(State(note): Shared, headers: HeaderMap, text: String) -> String {
    let owner = user_of(&headers);
    point("between the two");
    *lock(&note) = Note { owner, text: text.clone() };
    text
}
