//! An actor is told the user by one message and the work by another.

use super::Exhibit;
use super::exhibit::home;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::RequestContext;
use request_context::spawn_outside;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "state of an actor",
    way: "an actor keeps the user of one message for the next, which may be another client's",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

enum Command {
    SignIn(String),
    Balance(oneshot::Sender<String>),
}

fn leaky() -> Router {
    let (bank, mut commands) = mpsc::channel(4);
    spawn_outside(async move {
        let mut user = String::new();
        while let Some(command) = commands.recv().await {
            match command {
                Command::SignIn(name) => user = name,
                // Who does not wait any more needs no answer.
                Command::Balance(answer) => drop(answer.send(format!("balance of {user}"))),
            }
        }
    });
    Router::new().route("/", get(balance)).with_state(bank)
}

async fn balance(State(bank): State<Sender<Command>>, headers: HeaderMap) -> String {
    let (answer, balance) = oneshot::channel();
    bank.send(Command::SignIn(user_of(&headers))).await.unwrap();
    bank.send(Command::Balance(answer)).await.unwrap();
    balance.await.unwrap()
}

/// A message is of the context that it was sent in.
type Balance = (RequestContext, oneshot::Sender<String>);

fn corrected() -> Router {
    let (bank, mut commands) = mpsc::channel::<Balance>(4);
    spawn_outside(async move {
        while let Some((context, answer)) = commands.recv().await {
            context.sync_scope(|| drop(answer.send(format!("balance of {}", me()))));
        }
    });
    signed_in(Router::new().route("/", get(own_balance)).with_state(bank))
}

async fn own_balance(State(bank): State<Sender<Balance>>) -> String {
    let (answer, balance) = oneshot::channel();
    bank.send((RequestContext::current(), answer)).await.unwrap();
    balance.await.unwrap()
}
