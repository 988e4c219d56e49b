//! A buffer is used again, and what was behind the new text is still there.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::Owned;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "reused buffer",
    way: "a buffer of a pool is written over with less than it had, and sent as a whole",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| {
        let (short, long) = ((asking.canary)("title"), (asking.canary)("text"));
        let text = if asking.step % 2 == 0 { format!("{short}: {long}") } else { short };
        asking.post("/", text)
    },
};

#[derive(Clone, Default)]
struct Editor {
    database: Database,
    buffers: Arc<Mutex<Vec<Vec<u8>>>>,
}

fn leaky() -> Router {
    Router::new().route("/", post(echo)).with_state(Editor::default())
}

async fn echo(State(editor): State<Editor>, text: String) -> Vec<u8> {
    let mut buffer = lock(&editor.buffers).pop().unwrap_or_default();
    editor.database.query().await;
    if buffer.len() < text.len() {
        buffer.resize(text.len(), 0);
    }
    buffer[..text.len()].copy_from_slice(text.as_bytes());
    let echo = buffer.clone();
    lock(&editor.buffers).push(buffer);
    echo
}

#[derive(Clone, Default)]
struct OwnEditor {
    database: Database,
    buffers: Arc<Mutex<Vec<Owned<Vec<u8>>>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", post(own_echo)).with_state(OwnEditor::default()))
}

/// A buffer opens for whom it was filled; nobody else gets it.
async fn own_echo(State(editor): State<OwnEditor>, text: String) -> Vec<u8> {
    let used = lock(&editor.buffers).pop();
    let mut buffer = used.and_then(|used| used.try_into_inner().ok()).unwrap_or_default();
    editor.database.query().await;
    buffer.clear();
    buffer.extend_from_slice(text.as_bytes());
    let echo = buffer.clone();
    lock(&editor.buffers).push(Owned::for_user(buffer));
    echo
}
