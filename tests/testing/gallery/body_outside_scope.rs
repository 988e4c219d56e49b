//! A response body asks for the user when the handler is long gone.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use futures::stream;
use std::cell::RefCell;
use std::convert::Infallible;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "body outside its scope",
    way: "a streamed body asks who the user is while another request is in the handler",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

thread_local! {
    static USER: RefCell<String> = const { RefCell::new(String::new()) };
}

fn leaky() -> Router {
    Router::new().route("/", get(lines)).with_state(Database::default())
}

/// Never awaits with the thread-local set, and thinks that this is enough.
async fn lines(State(database): State<Database>, headers: HeaderMap) -> Response {
    USER.set(user_of(&headers));
    stream_of(database, || USER.with_borrow(Clone::clone))
}

fn stream_of(database: Database, user: fn() -> String) -> Response {
    let lines = stream::unfold(0, move |line| {
        let database = database.clone();
        async move {
            database.query().await;
            (line < 3).then(|| (Ok::<_, Infallible>(format!("{line} of {}\n", user())), line + 1))
        }
    });
    Response::new(Body::from_stream(lines))
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_lines)).with_state(Database::default()))
}

/// The layer has the body in the context, too.
async fn own_lines(State(database): State<Database>) -> Response {
    stream_of(database, me)
}
