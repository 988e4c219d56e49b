//! State that knows whose it is, from outside. What the end of a session does to it is in `revoked`;
//! and, at the instants that only the code itself sees, in `src/owner/revocation.rs`.

mod bounds;
mod deadlock;
mod interleaved;
mod life;
mod model;
mod owned;
mod owner;
mod panics;
mod per_session;
mod per_user;
mod revoked;
mod shared;
mod support;
mod wire;
