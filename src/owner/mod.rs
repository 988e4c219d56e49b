//! State that knows whose it is.
//!
//! A server that keeps something for its users keeps it in a place that all requests share, and from
//! then on one wrong key, one missing key, one mixed-up reply shows it to somebody else. What is kept
//! here asks the current context whose request this is, at each access:
//!
//! - [`PerSession`] and [`PerUser`] keep one value for each session or user, in a `static`.
//! - [`Owned`] seals one value, which then may go through a cache, a queue or Redis.
//! - [`Shared`] says of the rest that all may see it.
//!
//! None of it takes a key. Without a context, without a user or session, and after the session is
//! over, the answer is an [`OwnedError`], or a panic of the loud twin; never a default. Anonymous
//! requests without a session own nothing, so none sees what another one left.
//!
//! # Four mistakes
//!
//! **The module-level map.** The key is a parameter, and one caller passes the wrong one: the agent's
//! ID, a constant, what a client sent.
//! ```text
//! static HISTORY: Mutex<BTreeMap<String, Vec<Message>>> = Mutex::new(BTreeMap::new());
//!
//! fn remember(session: &str, message: Message) {
//!     HISTORY.lock().unwrap().entry(session.to_owned()).or_default().push(message);
//! }
//! ```
//! There is no key to pass, and what is over is dropped:
//! ```
//! use request_context::owner::PerSession;
//! # struct Message;
//!
//! static HISTORY: PerSession<Vec<Message>> = PerSession::new();
//!
//! fn remember(message: Message) {
//!     HISTORY.with(|history| history.push(message));
//! }
//! ```
//!
//! **The class variable.** One place for the user of "the" request; the next request overwrites it
//! while the first one waits.
//! ```text
//! static CURRENT_USER: Mutex<Option<User>> = Mutex::new(None);
//!
//! async fn portal(request: Request) -> Page {
//!     *CURRENT_USER.lock().unwrap() = Some(authenticate(&request).await);
//!     let labs = labs().await; // meanwhile somebody else has logged in
//!     page(CURRENT_USER.lock().unwrap().as_ref(), labs)
//! }
//! ```
//! Who the request is for is in its context; what is known of the user is kept per user:
//! ```
//! use request_context::owner::PerUser;
//! # #[derive(Default)]
//! # struct Profile { name: Option<String> }
//! # struct Labs;
//! # struct Page;
//! # async fn labs() -> Labs { Labs }
//! # fn page(name: Option<String>, labs: Labs) -> Page { Page }
//!
//! static PROFILE: PerUser<Profile> = PerUser::new();
//!
//! async fn portal() -> Page {
//!     let labs = labs().await;
//!     page(PROFILE.with(|profile| profile.name.clone()), labs)
//! }
//! ```
//!
//! **The shared queue.** Everybody's messages in one, and whoever asks takes the next.
//! ```text
//! static NOTICES: Mutex<VecDeque<Notice>> = Mutex::new(VecDeque::new());
//!
//! fn next_notice() -> Option<Notice> {
//!     NOTICES.lock().unwrap().pop_front() // perhaps somebody else's
//! }
//! ```
//! A queue for each; or, where one worker does the work of all, sealed items that are sent with their
//! context:
//! ```
//! use request_context::{ContextExt, RequestContext};
//! use request_context::owner::{Owned, PerSession};
//! use std::collections::VecDeque;
//! use tokio::sync::mpsc;
//! # struct Notice;
//! # async fn deliver(notice: Owned<Notice>) {}
//!
//! static NOTICES: PerSession<VecDeque<Notice>> = PerSession::new();
//!
//! fn next_notice() -> Option<Notice> {
//!     NOTICES.with(VecDeque::pop_front)
//! }
//!
//! type Job = (RequestContext, Owned<Notice>);
//!
//! async fn send(jobs: mpsc::Sender<Job>, notice: Notice) {
//!     let _ = jobs.send((RequestContext::current(), Owned::new(notice))).await;
//! }
//!
//! async fn worker(mut jobs: mpsc::Receiver<Job>) {
//!     while let Some((context, notice)) = jobs.recv().await {
//!         deliver(notice).in_context(context).await;
//!     }
//! }
//! ```
//!
//! **The cache without a key.** What the answer depends on is more than what it is kept under.
//! ```text
//! static REPORTS: Mutex<BTreeMap<Year, Report>> = Mutex::new(BTreeMap::new());
//!
//! fn report(year: Year) -> Report {
//!     REPORTS.lock().unwrap().entry(year).or_insert_with(|| render(year)).clone()
//! }
//! ```
//! The map is the user's. Where the cache is another process, the reply is sealed, and opens for
//! nobody else:
//! ```
//! use request_context::owner::{Owned, OwnedError, PerUser};
//! use std::collections::BTreeMap;
//! # type Year = u32;
//! # #[derive(Clone, serde::Serialize, serde::Deserialize)]
//! # struct Report;
//! # fn render(year: Year) -> Report { Report }
//!
//! static REPORTS: PerUser<BTreeMap<Year, Report>> = PerUser::new();
//!
//! fn report(year: Year) -> Report {
//!     REPORTS.with(|reports| reports.entry(year).or_insert_with(|| render(year)).clone())
//! }
//!
//! fn to_cache(report: Report) -> serde_json::Result<Vec<u8>> {
//!     serde_json::to_vec(&Owned::for_user(report))
//! }
//!
//! fn from_cache(reply: &[u8]) -> serde_json::Result<Result<Report, OwnedError>> {
//!     serde_json::from_slice::<Owned<Report>>(reply).map(Owned::try_into_inner)
//! }
//! ```
//!
//! What is meant for all says so:
//! ```
//! use request_context::owner::Shared;
//! use std::sync::atomic::AtomicU64;
//!
//! static REQUESTS_SERVED: Shared<AtomicU64> = Shared::new(AtomicU64::new(0));
//! ```

mod error;
mod owned;
#[expect(clippy::module_inception, reason = "one public noun, one file")]
mod owner;
mod per_owner;
mod per_session;
mod per_user;
mod registry;
#[cfg(test)]
mod revocation;
mod seal;
mod shard;
mod shared;
mod slot;
mod waiting;
mod wire;

pub use crate::context::TenantId;
pub use error::OwnedError;
pub use owned::Owned;
pub use owner::Owner;
pub use per_session::PerSession;
pub use per_user::PerUser;
pub use shared::Shared;
