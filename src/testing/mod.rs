//! What proves isolation.
//!
//! Handlers in tests hardly ever wait: stand-ins answer at once, sessions run one after the other, and
//! no race shows. A [`LeakTest`] has many visitors at once, stops them at the tokio operations of the
//! unchanged program as a seed says, and looks for data of one in all that another one gets to see.
//!
//! ```
//! use request_context::testing::assert_isolated;
//! # fn app() -> axum::Router {
//! #     let me = |headers: axum::http::HeaderMap| async move {
//! #         headers["x-user"].to_str().unwrap().to_owned()
//! #     };
//! #     axum::Router::new().route("/me", axum::routing::get(me))
//! # }
//!
//! assert_isolated(app); // app() makes an `axum::Router`, or any other tower service
//! ```
//!
//! - **[`LeakTest`]** says who logs in how, and what is sent; `.run().await` gives a [`Report`].
//! - **Schedules**: one thread, a paused clock, a [`Mode`] that makes a seed a schedule. The same seed
//!   gives the same run, also in another process; what was decided can be [replayed](LeakTest::replay).
//! - **[Canaries](canary)** name the session whose data they are; each [`Sink`] is searched for them.
//! - **A pass says what it was worth**: a visitor who never saw its own data proves nothing, so the
//!   test fails as *vacuous*; leaks that the kit plants itself are to be found; [`Coverage`] tells
//!   whether more seeds would see more.
//! - **Nothing is left behind**: after a run there is no task that a session has started, no context that
//!   it has made, and no canary where [`residue`](LeakTest::residue) looks; else the test fails.
//! - **A failure tells a [`Story`]**, of two sessions nearly always, and the line that replays it.
//! - **[`staging`]** has the stops alone, for a server of many threads; [`url`] visits one.
//! - **[`store_suite`]** is the contract of session stores.
//!
//! # What a schedule does not govern
//! - Only tokio's operations, and frames of bodies, are places to be stopped at: not a lock of std, not
//!   a future that tokio has no part in, and nothing within `unconstrained`.
//! - What two threads do to each other between two awaits. All handlers run on one.
//! - Tasks of a plain `tokio::spawn` go on in their order, after each step, and the report says that
//!   there were some; those that this crate starts join the schedule (`spawn_with` and those of a `LocalSet` do not). A blocking call that
//!   this crate starts has a turn of its own; when one of a plain `spawn_blocking` ends is not governed.
//! - Where code panics by itself. The budget can stop a future at an operation of tokio, and cannot make
//!   it panic there: [`panic_at`](LeakTest::panic_at) drops a request, where it waits, on a thread that
//!   unwinds, and raises panics within the program only where that calls [`point`].
//! - What is left behind of a plain `tokio::spawn` within a `LocalSet`, of threads, and of contexts that
//!   are made on other threads than the run's.
//! - The order of a `HashMap`, `select!`, random numbers, threads, sockets, and what a `static` keeps
//!   from one run to the next. The first seed is run twice, and the report names the first step at
//!   which the runs differ.
//!
//! # What it takes
//! Memory is bounded by one run and does not grow with the seeds, but for 16 bytes for each of them and
//! for each distinct pair of switches. A run keeps its decisions, about 60 bytes for each step and a
//! million steps at most; three words for each context; 256 sightings; of each response under way the
//! body, 64 MiB at most (16 of one whose length is not known), and as much again where it was compressed. Canaries take about CANARY_BYTES bytes each.
//! A run that goes on without end is given up: after a million steps, or after a second in which the
//! program never waits.

pub mod canary;
mod leak_test;
mod report;
mod schedule;
mod sinks;
pub mod staging;
pub mod store_suite;

pub use leak_test::LeakTest;
pub use leak_test::Reply;
pub use leak_test::RequestBody;
pub use leak_test::Subject;
pub use leak_test::TestRequest;
pub use leak_test::Url;
pub use leak_test::Visitor;
pub use leak_test::assert_isolated;
pub use leak_test::url;
pub use report::Coverage;
pub use report::Leak;
pub use report::Matrix;
pub use report::Moment;
pub use report::Planted;
pub use report::Report;
pub use report::Sighting;
pub use report::Story;
pub use report::StoryStep;
pub use report::Vacuous;
pub use schedule::Mode;
pub use schedule::Rng;
pub use schedule::point;
pub use sinks::ObserveOutgoing;
pub use sinks::ObserveOutgoingLayer;
pub use sinks::ObservedBody;
pub use sinks::Sink;
pub use sinks::observe;
