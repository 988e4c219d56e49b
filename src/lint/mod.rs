//! Finding shared state and lost context in source.
//!
//! A server leaks one user's data to another where requests share something that is not theirs to share:
//! a static map with the wrong key, a span guard held over an await, a cache whose loader asks who the
//! user is and whose key does not. [`Check`] reads the sources of a project, follows its modules, imports,
//! types and calls, and reports such places, each with the shortest way to a leak, the mend, and the test
//! that would show it. Nothing of the project is built or run, and no network is used, but by [`Prove`].
//!
//! The command line has the same as `cargo request-context check`.
//!
//! # Examples
//!
//! ```
//! use request_context::lint::Check;
//! use request_context::lint::Level;
//! # let folder = std::env::temp_dir().join(format!("lint-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let file = folder.join("main.rs");
//! # std::fs::write(&file, "static mut CURRENT_USER: Option<String> = None;\nfn main() {}\n")?;
//!
//! let checked = Check::paths([&file]).run()?;
//! assert_eq!(checked.denied(), Some(Level::Error));
//! assert_eq!(checked.findings()[0].rule().code(), "S001");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules
//!
//! Errors may fail a build. Most findings for review are as they should be, and never fail one by default.
//! [`Rule::page`] and `cargo request-context explain CODE` have a page on each.
//!
//! | code | name | level | what it finds |
//! |---|---|---|---|
//! | A001 | `unused_suppression` | warning | a comment silences a rule that finds nothing there |
//! | A002 | `suppression_without_reason` | warning | a comment that should silence a rule does not say why, or which |
//! | C001 | `spawn_loses_context` | warning | work is started in request code and nothing is carried along |
//! | C002 | `spawning_wrapper` | warning | a function starts its argument without the context of its caller |
//! | C003 | `raw_task_local` | warning | a task-local of its own is not carried along |
//! | E001 | `process_state_in_request` | error | request code changes the environment or the working directory |
//! | G001 | `guard_over_await` | error | the guard of a span lives over an await |
//! | K001 | `loader_key_misses_identity` | error | a cache's loader uses an identity that the key does not cover |
//! | K002 | `get_insert_misses_identity` | warning | a cached value depends on an identity that the key does not cover |
//! | K003 | `ambiguous_joined_key` | warning | two values are joined into a key without anything between them |
//! | K004 | `key_from_client_header` | warning | the key of shared state comes from a header that any client may set |
//! | L001 | `secret_in_log` | warning | a credential or personal data is written to the log |
//! | S001 | `static_mut` | error | a `static mut` is shared by all requests without any protection |
//! | S002 | `last_value_slot` | warning | request data is kept in one place for all requests |
//! | S003 | `keyed_user_registry` | review | data of users is kept by key where all requests reach it |
//! | S004 | `entry_without_owner` | review | an entry is read by its ID alone and does not know whose it is |
//! | S005 | `interpreter_in_thread_local` | warning | an interpreter is shared by all requests of a thread |
//! | S006 | `fan_out` | review | one message goes to all who listen, whoever they are |
//!
//! # Comments
//!
//! `// request-context: allow(S003, reason = "public data")` silences a rule on its own line, or in the
//! statement that comes next, attributes passed over; of an item or a block, in its head. Without a reason
//! in quotes it silences nothing, and that is reported, as are codes that silence nothing or are no rule.
//!
//! # Baseline
//!
//! A file of fingerprints, one a line, without line numbers: what it holds is not reported.
//! [`Check::update_baseline`] writes it, and lets it only shrink if asked to. [`Check::ci`] fails on what it
//! lacks and on what it holds and fits nothing. A check of some paths judges the entries of these alone.
//!
//! # Settings
//!
//! In `Cargo.toml`, of the workspace or of a package of none; each has its own. Below a folder every such
//! workspace and package is read, also one that another excludes. Those in folders of tests, examples,
//! benches, fixtures and vendored copies are left out, and a note names them; their path given, they are
//! read.
//!
//! ```toml
//! [workspace.metadata.request-context]
//! deny = "warning"               # the lowest level that fails; "error" by default
//! allow = ["S006"]               # rules that are off
//! exclude = ["src/generated"]    # paths that are left out
//! baseline = "request-context.baseline"
//! identity = ["patient"]         # more words that name somebody
//! user-data = ["prescription"]   # more words that name what users have
//! handlers = ["my_route"]        # more attributes that make a function a handler
//! ```
//!
//! # Proving what is for review
//!
//! Most findings for review are as they should be. [`Prove`], and `cargo request-context check --prove`,
//! write a leak test for each that a test can reach, in `tests/request_context_leaks.rs`; **they build and
//! run the package**, and tell what became of each finding:
//!
//! | verdict | meaning |
//! |---|---|
//! | `proved` | one session was shown what another one had written; with the seed, the story and the line that replays it. It is an error from then on |
//! | `not reproduced` | not in so many schedules; *vacuous* where no session saw its own data either, so that this says nothing |
//! | `not reachable by a test` | and why: no route leads there, its path is not written out, a sample is missing |
//! | `not run to its end` | the package could not be built, the test failed by itself, or the time was over |
//!
//! Two sessions read, write, and read again, by the routes that lead to the functions that read and write
//! the state, and both ask by the same key. Where several routes lead there up to three pairs are tried, each
//! in a test of its own: first what writes by `POST` or `PUT` and reads by `GET`, the nearest of those for
//! which all samples are there. What shows most is the verdict. First one session is held until the other
//! one has written; then seeds alone say who goes on. The package needs a library, a dev-dependency on this crate with the feature
//! `testing`, and to say in its `Cargo.toml` what no source tells:
//!
//! ```toml
//! [package.metadata.request-context.prove]
//! app = "my_crate::app()"             # a tower service, such as a router of axum; `.await` if need be
//! headers = { authorization = "Bearer {user}" }    # how a visitor signs in, with each request
//! login = "POST /login"               # or before them: cookies and `x-session-id` are sent back
//! login-json = '{"user": "{user}", "password": "{secret}"}'
//! params = { id = "note-{run}" }      # a value for each key, in paths, queries and bodies
//! points = { "my_crate::NOTES" = "stored" }   # a span, an event or a `testing::point` after the write
//! ```
//!
//! `{run}` is a number that is new in each run and the same for both sessions, `{number}` is that of the
//! session, and any other name is a value of the session's own. A key with `{run}` in it tells what is
//! leaked from what an earlier run has left. In a workspace the package of the handler says all this, or
//! that of the state. What is not given is not guessed, but for text in what is
//! written, which is the session's own. Routes are read as axum's are written: `.route`, `.nest` and
//! `.merge` with literal paths. Of serde's attributes `rename`, `rename_all`, `default` and `skip` are seen.
//!
//! # Exit status of the command
//!
//! | status | when |
//! |---|---|
//! | 0 | nothing that is denied was found, or the report is SARIF |
//! | 1 | the command itself failed, a leak test could not be built or run to its end, or the baseline should have shrunk or would grow (`--ci`) |
//! | 2 | its arguments or the settings are wrong, or a package lacks what its leak tests need |
//! | 3 | there is nothing to read |
//! | 11 | the highest finding is one to review |
//! | 12 | the highest finding is a warning |
//! | 13 | the highest finding is an error, or was proved |
//!
//! # Limits
//!
//! Names and syntax are all it has: no types are inferred and no macro is expanded. What it does not
//! report is not proved right, and what it reports for review is often as it should be. A method call
//! leads to a function of the workspace where at most two have its name.

mod baseline;
mod check;
mod check_error;
mod checked;
mod clippy;
mod extract;
mod facts;
mod finding;
mod in_clippy;
mod judge;
mod level;
mod prove;
mod reading;
mod report;
mod resolve;
mod rules;
mod settings;
mod source;
mod suppress;

pub use check::Check;
pub use check_error::CheckError;
pub use checked::Checked;
pub use checked::Note;
pub use clippy::ClippyBlock;
pub use clippy::ClippyBlockError;
pub use finding::Finding;
pub use finding::Mark;
pub use level::Level;
pub use level::UnknownLevel;
pub use prove::Prove;
pub use prove::ProveError;
pub use prove::Verdict;
pub use rules::Rule;

use settings::Settings;
