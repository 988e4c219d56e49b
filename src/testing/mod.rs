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
//! # What it finds
//! Servers that leak, each in one way, under the defaults; and beside them what a test without the kit
//! finds: as many plain tasks with as many requests, on four threads. The seconds are those until the
//! story is told, without optimisation, on a machine with other work. Each has a corrected twin, which
//! passes all seeds. The example `leak_gallery` prints this table.
//!
//! | leak | what goes wrong | found by seed | of 200 seeds | plain tasks, of 200 runs | s |
//! |---|---|---|---|---|---|
//! | last-value slot | the current user is a field of the server, set by one request and read by another | 0 | 180 | 0 | 0.16 |
//! | unkeyed cache | the key of a cache leaves out whose the cached value is | 0 | 200 | 200 | 0.06 |
//! | key too short | a cache is keyed by eight bits of a hash of the user | 0 | 17 | 17 | 0.01 |
//! | ambiguous key | user 1's page 12 and user 11's page 2 have the key 112 | 0 | 200 | 200 | 0.01 |
//! | prefix match | a record is found by the first three letters of its key, as people like to type them | 1 | 122 | 75 | 0.02 |
//! | double-checked cache | a cache of one page is checked again under the write lock, there without the owner | 0 | 191 | 0 | 0.02 |
//! | first value kept | a once-cell for settings is filled with those of the first user | 0 | 200 | 200 | 0.01 |
//! | coalesced loads | loads that run at once are joined into one, whoever they are for | 0 | 173 | 0 | 0.01 |
//! | batch order | keys of several requests are sorted for one query, and its rows given out in order of arrival | 0 | 153 | 5 | 0.01 |
//! | thread-local over an await | a thread-local is set, and read after an await, when another request had the thread | 0 | 180 | 0 | 0.01 |
//! | shared interpreter | an interpreter for each thread keeps the globals of one script when it runs the next | 0 | 180 | 0 | 0.01 |
//! | span guard over an await | a span is entered by a guard that lives over an await, so others log in it | 0 | 180 | not in replies | 0.02 |
//! | body outside its scope | a streamed body asks who the user is while another request is in the handler | 0 | 189 | 0 | 0.03 |
//! | clone that shares | each session gets a clone of a template, whose history is behind an Arc | 0 | 200 | 200 | 0.02 |
//! | reused buffer | a buffer of a pool is written over with less than it had, and sent as a whole | 0 | 164 | 7 | 0.02 |
//! | broadcast | what one user saved is announced to whoever listens on the one channel | 0 | 192 | 4 | 0.02 |
//! | registry by ID alone | uploads are numbered, and whoever asks for a number gets what is there | 0 | 200 | 200 | 0.06 |
//! | logout resurrection | a draft is saved in the background after its session has ended, and the next one there has it | 0 | 200 | 200 | 0.56 |
//! | panic residue | a unit of work goes back to its pool when a panic unwinds, with what was in it | 0 | 156 | 7 | 0.01 |
//! | half-done write | with `.panic_at(0.2)`: a panic comes between the owner of a note and the note, and the lock is taken all the same | 19 | 47 | 0 | 0.09 |
//! | state of an actor | an actor keeps the user of one message for the next, which may be another client's | 0 | 200 | 42 | 0.03 |
//! | pooled connection | a connection that has a user already is not told the one of this request | 0 | 200 | 200 | 0.01 |
//! | reply off by one | a read from a connection is cancelled by a timeout, and the next one gets its reply | 0 | 200 | 200 | 0.27 |
//! | shared cookie jar | one HTTP client with a cookie store logs users in at another server | 0 | 172 | 0 | 0.04 |
//! | retry with the wrong identity | a call that was refused is made again with the token that was refreshed last | 0 | 172 | 0 | 0.02 |
//! | working directory | a request goes to the directory of its user, and opens a file there after an await | 0 | 91 | 0 | 0.75 |
//! | context kept | a static list of recent visitors keeps whole contexts, with all that is in them, for good | 0 | 200 | not in replies | 0.54 |
//! | endless task | each request starts a task that renews what it needs, and goes on when the request is over | 0 | 200 | not in replies | 0.08 |
//!
//! # What a schedule does not govern
//! - Only tokio's operations, and frames of bodies, are places to be stopped at: not a lock of std, not
//!   a future that tokio has no part in, and nothing within `unconstrained`.
//! - What two threads do to each other between two awaits. All handlers run on one.
//! - Tasks of a plain `tokio::spawn` go on in their order, after each step, and the report says that
//!   there were some; those that this crate starts join the schedule (`spawn_with` and those of
//!   a `LocalSet` do not). A blocking call that this crate starts has a turn of its
//!   own; when one of a plain `spawn_blocking` ends is not governed.
//! - Where code panics by itself. The budget can stop a future at an operation of tokio, and cannot make
//!   it panic there: [`panic_at`](LeakTest::panic_at) drops a request, where it waits, on a thread that
//!   unwinds, and raises panics within the program only where that calls [`point`].
//! - What is left behind of a plain `tokio::spawn` within a `LocalSet`, of threads, and of contexts that
//!   are made on other threads than the run's. Plain tasks can only be counted: beside a program that
//!   starts lasting ones by itself, one or two of a session may be taken for the program's.
//! - The order of a `HashMap`, `select!`, random numbers, threads, sockets, and what a `static` keeps
//!   from one run to the next. The first seed is run twice, and the report names the first step at
//!   which the runs differ.
//!
//! # What it takes
//! Memory is bounded by one run and does not grow with the seeds, but for 16 bytes for each of them and
//! for each distinct pair of switches. A run keeps its decisions, about 60 bytes for each step and a
//! million steps at most; three words for each context; 256 sightings; about 130 bytes for each canary;
//! of each response under way the body, 64 MiB at most (16 of one whose length is not known), and as much
//! again where it was compressed.
//!
//! A run that goes on without end is given up: after 100,000 steps in which no session comes further, or
//! after a second in which the program never waits. What never gives its thread back cannot be.

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
