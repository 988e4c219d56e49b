//! Servers that leak, and their corrected twins.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::testing::LeakTest;
use request_context::testing::TestRequest;
use request_context::testing::Visitor;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::RwLock;

/// A lookup that never waits: an uncontended lock.
#[derive(Clone, Default)]
pub(crate) struct Database(Arc<RwLock<()>>);

impl Database {
    pub(crate) async fn look_up(&self) {
        drop(self.0.read().await);
    }
}

pub(crate) fn user_of(headers: &HeaderMap) -> String {
    headers["x-user"].to_str().unwrap().to_owned()
}

/// Greets whoever asked last.
pub(crate) fn last_value_slot() -> Router {
    let database = Database::default();
    let last = Arc::new(Mutex::new(String::new()));
    let greet = move |headers: HeaderMap| {
        let (database, last) = (database.clone(), Arc::clone(&last));
        async move {
            *last.lock().unwrap() = user_of(&headers);
            database.look_up().await;
            format!("hello {}", last.lock().unwrap())
        }
    };
    Router::new().route("/", get(greet))
}

/// Greets whoever asks.
pub(crate) fn correct() -> Router {
    let database = Database::default();
    let greet = move |headers: HeaderMap| {
        let database = database.clone();
        async move {
            database.look_up().await;
            format!("hello {}", user_of(&headers))
        }
    };
    Router::new().route("/", get(greet))
}

/// Each visitor names itself in a header.
pub(crate) fn greeted(app: fn() -> Router) -> LeakTest {
    LeakTest::new(app).request(|visitor, _, _| by_name(visitor))
}

pub(crate) fn by_name(visitor: &Visitor) -> TestRequest {
    TestRequest::get("/").header("x-user", &visitor.canary("user"))
}
