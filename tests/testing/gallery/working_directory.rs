//! The working directory is the process's, and not the request's.

use super::Exhibit;
use super::support::Database;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "working directory",
    way: "a request goes to the directory of its user, and opens a file there after an await",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: |asking| asking.post("/", (asking.canary)("file")),
};

/// The directory of a user, with a file in it.
fn home(user: &str, text: &str) -> io::Result<PathBuf> {
    let home = env::temp_dir().join(format!("gallery-{}-{user}", process::id()));
    fs::create_dir_all(&home)?;
    fs::write(home.join("file"), text)?;
    Ok(home)
}

fn leaky() -> Router {
    Router::new().route("/", post(file)).with_state(Database::default())
}

async fn file(State(database): State<Database>, headers: HeaderMap, text: String) -> String {
    let home = home(&user_of(&headers), &text).unwrap();
    env::set_current_dir(&home).unwrap();
    database.query().await;
    let read = fs::read_to_string("file").unwrap_or_default();
    env::set_current_dir(env::temp_dir()).unwrap();
    // Another request may be in it, and remove it too.
    let _ = fs::remove_dir_all(home);
    read
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", post(own_file)).with_state(Database::default()))
}

async fn own_file(State(database): State<Database>, text: String) -> String {
    let home = home(&me(), &text).unwrap();
    database.query().await;
    let read = fs::read_to_string(home.join("file")).unwrap();
    fs::remove_dir_all(home).unwrap();
    read
}
