//! The clone of a template shares its state.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use request_context::owner::PerUser;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "clone that shares",
    way: "each session gets a clone of a template, whose history is behind an Arc",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| asking.post("/", (asking.canary)("message")),
};

#[derive(Clone, Default)]
struct Agent {
    database: Database,
    history: Arc<Mutex<Vec<String>>>,
}

impl Agent {
    async fn answer(&self, message: String) -> String {
        lock(&self.history).push(message);
        self.database.query().await;
        lock(&self.history).join("\n")
    }
}

fn leaky() -> Router {
    Router::new().route("/", post(chat)).with_state(Agent::default())
}

async fn chat(State(template): State<Agent>, message: String) -> String {
    let agent = template.clone();
    agent.answer(message).await
}

#[derive(Clone, Default)]
struct OwnAgent {
    database: Database,
    history: Arc<PerUser<Vec<String>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", post(own_chat)).with_state(OwnAgent::default()))
}

async fn own_chat(State(agent): State<OwnAgent>, message: String) -> String {
    agent.history.with(|history| history.push(message));
    agent.database.query().await;
    agent.history.with(|history| history.join("\n"))
}
