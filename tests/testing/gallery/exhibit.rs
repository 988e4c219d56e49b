//! One way to leak: a server, its corrected twin, and what users send.

use axum::Router;
use http::Request;
use request_context::testing::LeakTest;

/// One way to leak.
#[derive(Clone, Copy)]
pub(crate) struct Exhibit {
    pub(crate) name: &'static str,
    /// What goes wrong, in one sentence.
    pub(crate) way: &'static str,
    pub(crate) leaky: fn() -> Router,
    pub(crate) corrected: fn() -> Router,
    /// Whether it shows in what users get: else, only in the log or in what is left behind.
    pub(crate) shows_in_replies: bool,
    /// The share of requests that panic: of one alone, which nothing else brings about.
    pub(crate) panics: f64,
    pub(crate) request: fn(&Asking<'_>) -> Request<String>,
}

impl Exhibit {
    /// A leak test of a server of this exhibit, with its defaults.
    pub(crate) fn test(self, app: fn() -> Router) -> LeakTest {
        let test = LeakTest::new(app).name(self.name).panic_at(self.panics);
        test.request(move |visitor, step, _| {
            let canary = |name: &str| visitor.canary(name);
            (self.request)(&Asking { session: visitor.number(), step, canary: &canary })
        })
    }
}

/// A user who is about to send a request.
pub(crate) struct Asking<'a> {
    pub(crate) session: usize,
    /// The number of the request, from 0.
    pub(crate) step: usize,
    /// The user's own value of a name.
    pub(crate) canary: &'a dyn Fn(&str) -> String,
}

impl Asking<'_> {
    pub(super) fn get(&self, path: &str) -> Request<String> {
        let user = (self.canary)("user");
        Request::get(path).header("x-user", user).body(String::new()).unwrap()
    }

    pub(super) fn post(&self, path: &str, body: String) -> Request<String> {
        let user = (self.canary)("user");
        Request::post(path).header("x-user", user).body(body).unwrap()
    }
}

/// `GET /`, whoever asks.
pub(super) fn home(asking: &Asking<'_>) -> Request<String> {
    asking.get("/")
}
