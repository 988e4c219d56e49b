//! One interpreter runs the scripts of all, and keeps their globals.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use std::cell::RefCell;
use std::collections::HashMap;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "shared interpreter",
    way: "an interpreter for each thread keeps the globals of one script when it runs the next",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

/// An interpreter of a small language: `let name = value`, and `name` for its value.
#[derive(Default)]
struct Interpreter {
    globals: HashMap<String, String>,
}

impl Interpreter {
    fn run(&mut self, statement: &str) -> String {
        match statement.strip_prefix("let ").and_then(|rest| rest.split_once(" = ")) {
            Some((name, value)) => {
                self.globals.insert(name.to_owned(), value.to_owned());
                String::new()
            }
            None => self.globals.get(statement).cloned().unwrap_or_default(),
        }
    }
}

thread_local! {
    static INTERPRETER: RefCell<Interpreter> = RefCell::default();
}

fn leaky() -> Router {
    Router::new().route("/", get(script)).with_state(Database::default())
}

async fn script(State(database): State<Database>, headers: HeaderMap) -> String {
    let first = format!("let user = {}", user_of(&headers));
    INTERPRETER.with_borrow_mut(|interpreter| interpreter.run(&first));
    // A call of the script into the host.
    database.query().await;
    INTERPRETER.with_borrow_mut(|interpreter| interpreter.run("user"))
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_script)).with_state(Database::default()))
}

async fn own_script(State(database): State<Database>) -> String {
    let mut interpreter = Interpreter::default();
    interpreter.run(&format!("let user = {}", me()));
    database.query().await;
    interpreter.run("user")
}
