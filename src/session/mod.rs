//! State beyond a request: sessions that cannot cross.
//!
//! A user logs out, and a slow request that was still running writes her session back. Bob logs in on
//! alice's browser and reads what she stored. Of fifty messages that arrive at once two are in the
//! history. A value that is set while the response streams is never saved. Each of these is what some
//! session library does today; here each is a test.
//!
//! # In a request
//!
//! The session layer puts a [`Session`] handle into each request's context. Code at any depth asks
//! for it, also in tasks, streams and WebSockets that the context is carried to, at any time:
//!
//! ```
//! use request_context::session::{ListName, Session, SessionError, SessionValue};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Settings {
//!     language: String,
//! }
//!
//! impl SessionValue for Settings {
//!     const KEY: &'static str = "settings";
//! }
//!
//! const HISTORY: ListName = ListName::literal("history");
//!
//! async fn three_calls_deep(message: &str) -> Result<(), SessionError> {
//!     let session = Session::current();
//!     session.update(|settings: &mut Settings| settings.language = "en".into()).await?;
//!     session.append(&HISTORY, message).await?;
//!     let settings: Option<Settings> = session.get().await?;
//!     let messages = session.range::<String>(&HISTORY, 0..u64::MAX).await?.items;
//!     Ok(())
//! }
//! ```
//!
//! Values are changed by [`update`](Session::update), which loses nothing however many write at once;
//! what grows is [appended](Session::append) to a list. The first write makes the session; the
//! context with it is [`context`](Session::context). A login is
//! [`log_in`](Session::log_in): another session under another token, empty unless it is the same user
//! again. It and [`rotate`](Session::rotate) return the context for the rest of the request.
//!
//! # What is over is over
//!
//! After a [logout](Session::log_out), a rotation, a deletion ([`Sessions::delete_all_of`] is "log
//! out everywhere") or its expiry, a session is not there for anyone: the next use of every handle in
//! this process fails as [revoked](SessionError::is_revoked), reads of what was read before included;
//! in other processes it is the next use of the store, and until then [`get`](Session::get) may answer
//! there with what was read before. Nothing brings it back. A future that is
//! dropped halfway leaves the old or the new; no handle goes on by what it has read before until the
//! store has said which.
//!
//! # Without the layer
//!
//! Whatever brings tokens in and out does what this does, HTTP or not:
//!
//! ```
//! use request_context::RequestContext;
//! use request_context::session::{MemoryStore, Outbox, Outgoing, Session, Sessions};
//! # use request_context::session::SessionValue;
//! # #[derive(Default, serde::Serialize, serde::Deserialize)]
//! # struct Visits(u32);
//! # impl SessionValue for Visits { const KEY: &'static str = "visits"; }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once for the process.
//! let store = MemoryStore::default();
//! tokio::spawn(store.sweeper());
//! let sessions = Sessions::new(store);
//!
//! // A request without a token.
//! let outbox = Outbox::new();
//! let context = sessions.enter(&RequestContext::new(), None, &outbox)?;
//! let visit = async { Session::current().update(|visits: &mut Visits| visits.0 += 1).await };
//! context.scope(visit).await?;
//!
//! // The head of the response is made: what the client has to know, it learns now.
//! let Some(Outgoing::Token(token)) = outbox.close() else { unreachable!() };
//!
//! // The next request, with the token.
//! let opened = sessions.open(&token).await?;
//! let context = sessions.enter(&RequestContext::new(), opened, &Outbox::new())?;
//! let visits = context.scope(async { Session::current().get::<Visits>().await }).await?;
//! assert_eq!(visits.unwrap().0, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Where they are kept
//!
//! A [`SessionStore`] sees [`SessionId`](crate::SessionId)s, which are hashes of the [tokens](SessionToken),
//! and never a token. [`MemoryStore`] keeps sessions in this process, `RedisStore` (feature
//! `session-redis`) in a Redis server that several processes share, `RedisClusterStore` (feature
//! `session-redis-cluster`) in a cluster. A store of one's own is checked by `testing::store_suite`.

mod backoff;
mod change;
mod current;
mod data;
mod error;
mod limits;
mod list_name;
mod listed;
mod lives;
mod memory;
mod opened;
mod outbox;
mod patience;
mod record;
#[cfg(feature = "session-redis")]
pub mod redis;
mod session_error;
mod sessions;
mod store;
mod timeouts;
mod token;
mod value;
mod write_id;

#[cfg(feature = "session-redis-cluster")]
pub use self::redis::RedisClusterStore;
#[cfg(feature = "session-redis")]
pub use self::redis::RedisConnectError;
#[cfg(feature = "session-redis")]
pub use self::redis::RedisStore;
#[cfg(feature = "session-redis")]
pub use self::redis::RedisStoreBuilder;
pub use current::Session;
pub use error::StoreError;
pub use limits::Limits;
pub use list_name::ListName;
pub use listed::Listed;
pub use memory::MemoryStore;
pub use memory::Sweeper;
pub use opened::Opened;
pub use outbox::Outbox;
pub use outbox::Outgoing;
pub use record::Record;
pub use record::SessionInfo;
pub use record::Version;
pub use session_error::SessionError;
pub use sessions::Sessions;
pub use store::Append;
pub use store::Items;
pub use store::NewSession;
pub use store::Rotation;
pub use store::SessionStore;
pub use store::StoreFuture;
pub use store::Update;
pub use store::Written;
pub use timeouts::Timeouts;
pub use token::InvalidToken;
pub use token::NoRandomness;
pub use token::SessionToken;
pub use value::SessionValue;
pub use write_id::WriteId;
