//! `LeakTest`: many users at once, under many schedules.

use super::plan::Plan;
use super::run::Runner;
use super::search::Search;
use super::settings::Settings;
use super::subject::Program;
use super::subject::Subject;
use super::test_request::TestRequest;
use super::visitor::Visitor;
use crate::testing::canary::CanaryKind;
use crate::testing::report::Report;
use crate::testing::schedule::Hold;
use crate::testing::schedule::Mode;
use crate::testing::schedule::Rng;
use crate::testing::sinks::Sink;
use std::env;
use std::fmt;
use std::ops::Range;
use std::panic;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// The variable that names one seed to run.
const SEED: &str = "LEAK_SEED";
/// The variable with the decisions to run again, or `@` and the file that they are in.
const REPLAY: &str = "LEAK_REPLAY";

/// Many users at once, under many schedules, each with data that no other one may be shown.
///
/// ```
/// use axum::Router;
/// use axum::http::HeaderMap;
/// use axum::routing::get;
/// use request_context::testing::LeakTest;
/// use request_context::testing::TestRequest;
///
/// fn app() -> Router {
///     let greet = |headers: HeaderMap| async move {
///         format!("hello {}", headers["x-user"].to_str().unwrap())
///     };
///     Router::new().route("/", get(greet))
/// }
///
/// LeakTest::new(app)
///     .seeds(0..20)
///     .request(|visitor, _, _| TestRequest::get("/").header("x-user", &visitor.canary("user")))
///     .assert_isolated();
/// ```
#[must_use = "a test that is not run proves nothing"]
pub struct LeakTest {
    program: Program,
    settings: Settings,
}

/// Asserts that the sessions of `subject` are isolated, with the defaults of [`LeakTest`].
///
/// # Panics
/// With the report, if they are not, or if the test was worth nothing.
#[track_caller]
pub fn assert_isolated<K>(subject: impl Subject<K>) {
    LeakTest::new(subject).assert_isolated();
}

impl LeakTest {
    /// Of a closure that makes a tower service, of an async fn, or of a URL: see [`Subject`].
    ///
    /// The closure is called once for each run, on the runtime of that run, so that no run begins
    /// with what another one left, statics apart.
    pub fn new<K>(subject: impl Subject<K>) -> Self {
        let program = subject.into_program();
        let settings = Settings { real_time: program.is_remote, ..Settings::default() };
        Self { program, settings }
    }

    /// The name in reports: that of the thread, unless given. The line that replays has the thread's,
    /// by which `cargo test` knows the test.
    pub fn name(mut self, name: &str) -> Self {
        self.settings.name = Some(name.to_owned());
        self
    }

    /// How many visitors there are at once: 8, unless given; two at least.
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.settings.sessions = sessions.max(2);
        self
    }

    /// How many requests each of them sends, besides login and logout: 4, unless given.
    pub fn requests(mut self, requests: usize) -> Self {
        self.settings.requests = requests;
        self
    }

    /// The seeds to run: 0 to 199, unless given. The variable `LEAK_SEED` names a single one.
    pub fn seeds(mut self, seeds: Range<u64>) -> Self {
        self.settings.seeds = seeds;
        self
    }

    /// Ends the search for leaks after this time, at the next seed.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.settings.time_limit = Some(limit);
        self
    }

    /// Says what the canary of this name looks like, a value that each visitor has its own of.
    pub fn canary(mut self, name: &str, kind: CanaryKind) -> Self {
        self.settings.fields = self.settings.fields.with(name, kind);
        self
    }

    /// Says that all may see each other's canary of this name.
    pub fn shared(mut self, name: &str) -> Self {
        self.settings.shared.push(name.to_owned());
        self
    }

    /// How a visitor logs in. Cookies and the header `x-session-id` of each reply are sent back with
    /// the requests that follow; [`Visitor::login_reply`] has the rest.
    pub fn login<R: Into<TestRequest>>(
        mut self,
        login: impl Fn(&Visitor) -> R + Send + 'static,
    ) -> Self {
        self.settings.login = Some(Box::new(move |visitor, _, _| login(visitor).into()));
        self
    }

    /// What a visitor sends as its request of this number, from 0.
    pub fn request<R: Into<TestRequest>>(
        mut self,
        request: impl Fn(&Visitor, usize, &mut Rng) -> R + Send + 'static,
    ) -> Self {
        let make = move |visitor: &Visitor, number, rng: &mut Rng| -> TestRequest {
            request(visitor, number, rng).into()
        };
        self.settings.request = Some(Box::new(make));
        self
    }

    /// What a visitor requests by turns, in place of [`request`](Self::request): paths, each with a
    /// method before it unless that is `GET`: `POST /notes`.
    ///
    /// The visitor's `user`, `email` and `secret` are in the query or in a JSON object under usual
    /// names, and `user` in the headers `authorization`, `x-user` and `x-user-id`. Without either,
    /// some usual paths are tried, and up to 16 that answer are taken, refusals only if all refuse;
    /// `POST /login` is taken for the login.
    pub fn paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.settings.routes = paths.into_iter().map(Into::into).collect();
        self
    }

    /// How a visitor logs out, after its last request. Half of them, as the seed says, also do so between
    /// two requests and log in again, so that one logs out while another one logs in.
    pub fn logout<R: Into<TestRequest>>(
        mut self,
        logout: impl Fn(&Visitor) -> R + Send + 'static,
    ) -> Self {
        self.settings.logout = Some(Box::new(move |visitor, _, _| logout(visitor).into()));
        self
    }

    /// Expects that each visitor sees itself in this sink, in one seed at least; else the test is
    /// vacuous. [`Sink::Body`] is expected anyway.
    pub fn expect_own(mut self, sink: Sink) -> Self {
        if !self.settings.expected.contains(&sink) {
            self.settings.expected.push(sink);
        }
        self
    }

    /// Expects nothing of the body of replies, as [`expect_own`](Self::expect_own) would.
    pub fn expect_no_body(mut self) -> Self {
        self.settings.expected.retain(|sink| *sink != Sink::Body);
        self
    }

    /// Drops this share of the requests, from 0 to 1: half of them before there is a response, half
    /// within its body.
    pub fn cancel(mut self, share: f64) -> Self {
        self.settings.faults.cancel = share;
        self
    }

    /// Drops this share of the requests, where they wait, by a panic. Of the others, the same share panics
    /// at one of its first four [points](crate::testing::point), if it comes to that.
    pub fn panic_at(mut self, share: f64) -> Self {
        self.settings.faults.panic = share;
        self
    }

    /// Drops this share of the requests by a timeout, of 1 ms to 2 s on the clock of the runtime.
    pub fn timeout_jitter(mut self, share: f64) -> Self {
        self.settings.faults.timeout = share;
        self
    }

    /// Has each two visitors share a connection, as behind a proxy: a real one of HTTP/1.1, in memory
    /// and kept alive, with one clone of the service, which one request has at a time.
    ///
    /// A request that is dropped closes it, and the next one opens another.
    pub fn share_connections(mut self) -> Self {
        self.settings.shares_connections = true;
        self
    }

    /// How a seed becomes a schedule.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.settings.mode = mode;
        self
    }

    /// Holds one session until another one has passed a point: see
    /// [`point`](crate::testing::point). It is let go where the other one waits for it.
    pub fn hold(mut self, held: usize, until: usize, point: &str) -> Self {
        self.settings.holds.push(Hold { held, until, point: point.to_owned() });
        self
    }

    /// Runs these decisions again, in place of all seeds: [`Report::decisions`] of an earlier run, or
    /// `@` and the path of a file with them. The variable `LEAK_REPLAY` does the same.
    ///
    /// The canaries and what [`request`](Self::request) takes from its [`Rng`] follow from the seed
    /// that is written there, the schedule from the decisions alone.
    pub fn replay(mut self, decisions: &str) -> Self {
        self.settings.replay = Some(decisions.to_owned());
        self
    }

    /// Runs all seeds, also after a leak was found.
    pub fn keep_going(mut self) -> Self {
        self.settings.keeps_going = true;
        self
    }

    /// Runs on the clock of the machine, for a program that needs real sockets or timers: slower,
    /// and not quite the same each time.
    pub fn real_time(mut self) -> Self {
        self.settings.real_time = true;
        self
    }

    /// Looks into what a store or a cache holds for each visitor after a run, as `dump` tells.
    pub fn store<F, B>(mut self, name: &str, dump: impl Fn(&Visitor) -> F + Send + 'static) -> Self
    where
        F: Future<Output = B> + 'static,
        B: Into<Vec<u8>>,
    {
        let dump =
            move |visitor: Option<&Visitor>| -> super::subject::LocalFuture<'static, Vec<u8>> {
                match visitor.map(&dump) {
                    Some(dumped) => Box::pin(async move { dumped.await.into() }),
                    None => Box::pin(std::future::ready(Vec::new())),
                }
            };
        self.settings.stores.push((name.to_owned(), Box::new(dump)));
        self
    }

    /// Looks for canaries in what is left after a run where nothing should be, as `dump` tells.
    pub fn residue<F, B>(mut self, name: &str, dump: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = B> + 'static,
        B: Into<Vec<u8>>,
    {
        let dump = move |_: Option<&Visitor>| -> super::subject::LocalFuture<'static, Vec<u8>> {
            let dumped = dump();
            Box::pin(async move { dumped.await.into() })
        };
        self.settings.residues.push((name.to_owned(), Box::new(dump)));
        self
    }

    /// Lets so many tasks that sessions have started go on after a run: none, unless given.
    ///
    /// For what a program starts once, as it is first asked: a pool of connections to another server.
    /// They are waited for, a minute of the runtime's clock and 5 seconds of a real one. What the program
    /// starts by itself does not count: as many as there are after that time where nobody visits it.
    pub fn allow_left_tasks(mut self, most: usize) -> Self {
        self.settings.tasks_allowed = most;
        self
    }

    /// Lets somebody have so many contexts of sessions still after a run: none, unless given.
    pub fn allow_left_contexts(mut self, most: usize) -> Self {
        self.settings.contexts_allowed = most;
        self
    }

    /// Runs the test, on a thread of its own and one test at a time in a process, since programs
    /// under test have statics.
    ///
    /// # Panics
    /// If a closure of the test does; if there can be no thread or no runtime; if `LEAK_SEED` or
    /// `LEAK_REPLAY` cannot be read.
    ///
    /// # Cancel safety
    /// If it is dropped, the test goes on to its end, and nobody is told.
    pub async fn run(self) -> Report {
        let (tell, told) = oneshot::channel();
        let test = self.named();
        let worker = start(move || {
            // Nobody may be there any more.
            drop(tell.send(test.run_here()));
        });
        match told.await {
            Ok(report) => report,
            Err(_) => rethrow(worker),
        }
    }

    /// Runs the test as [`run`](Self::run) does, and panics as that, on a thread that waits for it.
    pub fn run_blocking(self) -> Report {
        let test = self.named();
        match start(move || test.run_here()).join() {
            Ok(report) => report,
            Err(payload) => panic::resume_unwind(payload),
        }
    }

    /// Runs the test, and asserts that the sessions are isolated. What a pass was worth is printed, for
    /// whoever runs the test with `--nocapture`.
    ///
    /// # Panics
    /// With the report, if they are not, or if the test was worth nothing; and as
    /// [`run`](Self::run) does.
    #[track_caller]
    pub fn assert_isolated(self) {
        self.run_blocking().assert_isolated();
    }

    /// With the name of the test that calls this.
    fn named(mut self) -> Self {
        // Each test has a thread with its name, also where there is one test at a time.
        let name = thread::current().name().map(ToOwned::to_owned);
        let name = name.filter(|name| name != "main" && !name.starts_with("tokio-"));
        self.settings.name = self.settings.name.or_else(|| name.clone());
        self.settings.test = name;
        self
    }

    fn run_here(mut self) -> Report {
        /// Programs under test have statics.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.settings.name.take().unwrap_or_default();
        if let Some(seed) = variable(SEED) {
            match seed.trim().parse::<u64>() {
                Ok(seed) => self.settings.seeds = seed..seed.saturating_add(1),
                Err(error) => panic!("`{SEED}={seed}` names no seed: {error}"),
            }
        }
        let replay = variable(REPLAY).or(self.settings.replay.take());
        let replay = replay.map(|text| match read_replay(&text) {
            Ok(plan) => plan,
            Err(error) => panic!("this cannot be replayed: {error}"),
        });
        let mut runner = Runner::new(self.settings, self.program);
        match Search::new(&mut runner, name).run(replay) {
            Ok(report) => report,
            Err(error) => panic!("the test could not be run: there is no runtime: {error}"),
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn read_replay(text: &str) -> Result<Plan, String> {
    match text.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|error| error.to_string())?.parse(),
        None => text.parse(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the kit is no work of a request")]
fn start<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    let builder = thread::Builder::new().name("leak-test".to_owned());
    match builder.spawn(f) {
        Ok(worker) => worker,
        Err(error) => panic!("the test could not be run: there is no thread: {error}"),
    }
}

fn rethrow(worker: thread::JoinHandle<()>) -> ! {
    match worker.join() {
        Ok(()) => panic!("the test ended without a report"),
        Err(payload) => panic::resume_unwind(payload),
    }
}

impl fmt::Debug for LeakTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeakTest").finish_non_exhaustive()
    }
}
