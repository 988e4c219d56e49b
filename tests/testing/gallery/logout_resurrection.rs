//! Work of a session that has ended brings it back.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::Owned;
use request_context::spawn;
use request_context::spawn_outside;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "logout resurrection",
    way: "a draft is saved in the background after its session has ended, and the next one there has it",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| asking.post("/", (asking.canary)("draft")),
};

/// A terminal that people use one after the other: each sits down, writes, and leaves.
struct Terminals<T> {
    database: Database,
    taken: Mutex<BTreeSet<usize>>,
    drafts: Mutex<HashMap<usize, T>>,
}

impl<T> Terminals<T> {
    fn free() -> Arc<Self> {
        let (taken, drafts) = (Mutex::default(), Mutex::default());
        Arc::new(Self { database: Database::default(), taken, drafts })
    }

    /// The first that nobody sits at.
    fn sit_down(&self) -> usize {
        let mut taken = lock(&self.taken);
        let free = (0..).find(|place| !taken.contains(place)).unwrap();
        taken.insert(free);
        free
    }

    fn leave(&self, place: usize) {
        lock(&self.drafts).remove(&place);
        lock(&self.taken).remove(&place);
    }

    async fn save(&self, place: usize, draft: T) {
        self.database.query().await;
        lock(&self.drafts).insert(place, draft);
    }
}

fn leaky() -> Router {
    Router::new().route("/", post(write)).with_state(Terminals::<String>::free())
}

async fn write(State(terminals): State<Arc<Terminals<String>>>, text: String) -> String {
    let place = terminals.sit_down();
    let before = lock(&terminals.drafts).get(&place).cloned().unwrap_or_default();
    let (saving, draft) = (Arc::clone(&terminals), text.clone());
    spawn_outside(async move { saving.save(place, draft).await });
    terminals.database.query().await;
    terminals.leave(place);
    format!("here was {before:?}; you wrote {text}")
}

fn corrected() -> Router {
    let terminals = Terminals::<Owned<String>>::free();
    signed_in(Router::new().route("/", post(write_own)).with_state(terminals))
}

/// The draft is its writer's, whenever it is saved.
async fn write_own(State(terminals): State<Arc<Terminals<Owned<String>>>>, text: String) -> String {
    let place = terminals.sit_down();
    let before =
        lock(&terminals.drafts).get(&place).and_then(|draft| draft.try_open().ok().cloned());
    let (saving, draft) = (Arc::clone(&terminals), Owned::for_user(text.clone()));
    spawn(async move { saving.save(place, draft).await });
    terminals.database.query().await;
    terminals.leave(place);
    format!("here was {:?}; you wrote {text}", before.unwrap_or_default())
}
