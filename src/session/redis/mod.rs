//! Sessions in Redis: several processes share them.
//!
//! A session is one hash, and an operation is one script that Redis runs: one round trip, and either
//! all of it or nothing. Time is the server's clock; a session that has come to its deadline is gone
//! for each script from that millisecond on, and Redis frees it by itself.
//!
//! **Answers.** Redis answers in order and names no call, so one answer too many would give each
//! caller the one before. Here each call carries a number that its answer repeats, and each answer
//! about a session has the ID that is written down beside its data. What does not fit is
//! [corrupt](super::StoreError::is_corrupt) and never data, and the connection is left for another.
//!
//! **Failures.** Without a connection an operation is [unavailable](super::StoreError::is_unavailable)
//! at once: nothing has happened. A write whose answer is lost, or does not come in time, is
//! [in doubt](super::StoreError::is_in_doubt); asked again with the same
//! [`WriteId`](super::WriteId) it happens once. A write is known for two minutes, if no more than 4,096
//! came after it in its list or to the data; the latest for as long as the session. A delete is
//! remembered for two minutes too, so that the retry of an earlier create does not undo it. An
//! operation that changes nothing is sent a second time over a new connection, a write never is.
//!
//! **Time.** [`RedisStoreBuilder::response_timeout`] bounds one call: an operation of this store, and in
//! a cluster each step of one. [`Session`](super::Session) asks what is in doubt up to three times more,
//! and reads and writes again after a conflict;
//! [`Sessions::with_operation_timeout`](super::Sessions::with_operation_timeout) bounds all of that
//! together.
//!
//! **Logging out.** `delete` is of one ID. What a session was rotated to for the same owner is known for
//! two minutes: a logout in another process, of a request that began before the rotation, deletes that
//! too. Whoever wants to be certain that a user is logged out deletes all of that user's sessions. An
//! owner without a user, of a tenant or not, is nobody here: such sessions are in no index and count for
//! no limit.
//!
//! **Memory.** The server must not evict: [`RedisStoreBuilder::connect`] looks. A server that has no
//! memory left refuses what grows by [a capacity error](super::StoreError::is_capacity) that names
//! `sessions`; reads, `touch`, `delete` and a rotation for the same owner go on. In a cluster a rotation
//! needs memory: it is refused then, and the old session stays.
//!
//! **Durability** is the server's: what it has acknowledged survives its crash with
//! `appendonly yes` and `appendfsync always`. A replica that takes over may lack the last writes.
//!
//! # In a cluster
//! What names one session is as above, also while its slot moves. The clocks of the nodes must agree,
//! as deadlines move between them. Where two slots are concerned, `RedisClusterStore` takes several
//! steps, each of which may be repeated:
//!
//! - `create` enters the session into its owner's index, then makes it. The index has every session
//!   of the owner that is there, and perhaps some that are not; an entry is removed when its session
//!   was deleted, its deadline has passed, or the owner is at `sessions_per_owner` and it was found
//!   not to be there. In that last case a create that is still under way fails as gone, and a rotation
//!   enters its session anew, which is not looked for again for two minutes.
//! - `rotate` first enters the new session, then turns the old one into one that is gone for everyone
//!   and keeps its data, then makes the new one of it, then frees the old one. Never are both there. If
//!   it is cut off before that, neither is, until it is asked again with the same `WriteId`, which
//!   completes it; nothing is lost if that happens before the old one's deadline. If nobody asks again,
//!   the user has to log in again. At no moment is the new one there and not in the index. A delete
//!   of the old session that comes in between wins: the new one goes as well, also if the delete is
//!   cut off and asked again within two minutes. (If nobody asks again, and who rotates is cut off
//!   too, the new one may be there until its deadline, under a token that nobody was told.) If the
//!   new one is refused, for want of memory too, the old one is put back as it was; where it is not
//!   certain that it may be, because an earlier try could still bring the new one about, or where it
//!   cannot be put back now, the answer is [in doubt](super::StoreError::is_in_doubt).
//! - `delete_all_of` reads the index and goes from session to session. With the reading, which is one
//!   step, begins a new era of the owner: what was there before can be deleted but not rotated, and what
//!   was under way cannot arrive any more, so none of these is there when the call has returned, however
//!   fast it rotates. A session that the owner makes meanwhile may stay. A call that fails halfway has
//!   deleted some, and the others do not rotate for an hour; ask again.
//! - `list_of` reads the index and goes from session to session.
//! - The client sends a call again by itself when a node was lost. Writes happen once all the same;
//!   `delete` may say that a session was not there which this very call has deleted.

mod builder;
#[cfg(feature = "session-redis-cluster")]
mod cluster;
#[cfg(feature = "session-redis-cluster")]
mod cluster_index;
mod connect_error;
mod forward;
mod keys;
mod link;
#[cfg(feature = "session-redis-cluster")]
mod nodes;
mod reply;
mod script;
mod scripts;
#[cfg(feature = "session-redis-cluster")]
mod scripts_cluster;
mod scripts_single;
mod session;
mod single;
mod store;

pub use builder::RedisStoreBuilder;
#[cfg(feature = "session-redis-cluster")]
pub use cluster::RedisClusterStore;
pub use connect_error::RedisConnectError;
pub use store::RedisStore;
