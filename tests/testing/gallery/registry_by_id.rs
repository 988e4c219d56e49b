//! Whoever knows an ID gets what is there.

use super::Exhibit;
use super::support::Database;
use super::support::lock;
use super::support::signed_in;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;
use request_context::owner::Owned;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "registry by ID alone",
    way: "uploads are numbered, and whoever asks for a number gets what is there",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| match asking.step {
        0 => asking.post("/uploads", (asking.canary)("upload")),
        step => asking.get(&format!("/uploads/{step}")),
    },
};

struct Uploads<T> {
    database: Database,
    by_number: Mutex<Vec<T>>,
}

impl<T> Uploads<T> {
    fn none() -> Arc<Self> {
        Arc::new(Self { database: Database::default(), by_number: Mutex::default() })
    }
}

fn leaky() -> Router {
    let uploads = Uploads::<String>::none();
    let router = Router::new().route("/uploads", post(upload));
    router.route("/uploads/{number}", get(download)).with_state(uploads)
}

async fn upload(State(uploads): State<Arc<Uploads<String>>>, text: String) -> String {
    uploads.database.query().await;
    lock(&uploads.by_number).push(text.clone());
    format!("stored {text}")
}

async fn download(
    State(uploads): State<Arc<Uploads<String>>>,
    Path(number): Path<usize>,
) -> Result<String, StatusCode> {
    uploads.database.query().await;
    lock(&uploads.by_number).get(number).cloned().ok_or(StatusCode::NOT_FOUND)
}

fn corrected() -> Router {
    let uploads = Uploads::<Owned<String>>::none();
    let router = Router::new().route("/uploads", post(upload_own));
    signed_in(router.route("/uploads/{number}", get(download_own)).with_state(uploads))
}

async fn upload_own(State(uploads): State<Arc<Uploads<Owned<String>>>>, text: String) -> String {
    uploads.database.query().await;
    lock(&uploads.by_number).push(Owned::for_user(text.clone()));
    format!("stored {text}")
}

/// What is not one's own is not there.
async fn download_own(
    State(uploads): State<Arc<Uploads<Owned<String>>>>,
    Path(number): Path<usize>,
) -> Result<String, StatusCode> {
    uploads.database.query().await;
    let uploads = lock(&uploads.by_number);
    let upload = uploads.get(number).and_then(|upload| upload.try_open().ok());
    upload.cloned().ok_or(StatusCode::NOT_FOUND)
}
