//! Who asks while somebody else's answer is on its way gets that answer.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::lock;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::future::Shared;
use request_context::owner::PerUser;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "coalesced loads",
    way: "loads that run at once are joined into one, whoever they are for",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

type Load = Shared<BoxFuture<'static, String>>;

#[derive(Clone, Default)]
struct Inboxes {
    database: Database,
    running: Arc<Mutex<Option<Load>>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(inbox)).with_state(Inboxes::default())
}

async fn inbox(State(inboxes): State<Inboxes>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    let load = lock(&inboxes.running).get_or_insert_with(|| load(&inboxes.database, user)).clone();
    let inbox = load.await;
    lock(&inboxes.running).take();
    inbox
}

fn load(database: &Database, user: String) -> Load {
    let database = database.clone();
    let load = async move {
        database.query().await;
        format!("inbox of {user}")
    };
    load.boxed().shared()
}

#[derive(Clone, Default)]
struct OwnInboxes {
    database: Database,
    running: Arc<PerUser<Option<Load>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_inbox)).with_state(OwnInboxes::default()))
}

async fn own_inbox(State(inboxes): State<OwnInboxes>) -> String {
    let database = &inboxes.database;
    let load =
        inboxes.running.with(|running| running.get_or_insert_with(|| load(database, me())).clone());
    let inbox = load.await;
    inboxes.running.with(Option::take);
    inbox
}
