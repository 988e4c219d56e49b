//! A notification goes to all who listen.

use super::Exhibit;
use super::support::Database;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::Owned;
use std::sync::Arc;
use tokio::sync::broadcast::Sender;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "broadcast",
    way: "what one user saved is announced to whoever listens on the one channel",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| asking.post("/", (asking.canary)("document")),
};

#[derive(Clone)]
struct Server<T> {
    database: Database,
    saved: Sender<T>,
}

impl<T: Clone> Server<T> {
    fn new() -> Self {
        Self { database: Database::default(), saved: Sender::new(64) }
    }

    /// Announces a document, and returns what was announced meanwhile.
    async fn save(&self, document: T) -> Vec<T> {
        let mut announced = self.saved.subscribe();
        self.database.query().await;
        // There is a receiver: this one.
        let _ = self.saved.send(document);
        self.database.query().await;
        std::iter::from_fn(|| announced.try_recv().ok()).collect()
    }
}

fn leaky() -> Router {
    Router::new().route("/", post(save)).with_state(Server::<String>::new())
}

async fn save(State(server): State<Server<String>>, document: String) -> String {
    server.save(document).await.join("\n")
}

fn corrected() -> Router {
    let router = Router::new().route("/", post(save_own));
    signed_in(router.with_state(Server::<Arc<Owned<String>>>::new()))
}

async fn save_own(State(server): State<Server<Arc<Owned<String>>>>, document: String) -> String {
    let announced = server.save(Arc::new(Owned::for_user(document))).await;
    let own = announced.iter().filter_map(|document| document.try_open().ok());
    own.cloned().collect::<Vec<_>>().join("\n")
}
