//! The way to Redis: one call, one answer, in a bounded time.

use super::reply::Reply;
use super::reply::Stray;
use super::script::Arg;
use super::script::Script;
use crate::session::StoreError;
use redis::Cmd;
use redis::ErrorKind;
use redis::RedisError;
use redis::ServerErrorKind;
use redis::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// A connection that many calls share.
pub(super) trait Connection: Send + Sync + 'static {
    /// Whether it may send a command again by itself, so that an error says nothing of the time
    /// before.
    const RESENDS: bool;

    /// Sends a command. Which connection it went over is told at the first poll.
    fn send<'a>(&'a self, command: &'a Cmd, over: &'a AtomicU64) -> Sent<'a>;

    /// Takes another connection from now on, if `over` is still the one in use.
    fn give_up(&self, over: u64, why: Why);
}

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// An answer did not come: perhaps the server is slow, perhaps nothing will ever come.
    Silence,
    /// An answer belongs to another call: so may all that follow.
    Stray,
}

pub(super) type Sent<'a> = Pin<Box<dyn Future<Output = Result<Value, RedisError>> + Send + 'a>>;

/// What the loss of an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it changes nothing.
    None,
    /// It may have happened.
    Write,
}

#[derive(Debug)]
pub(super) struct Link<C> {
    pub(super) connection: C,
    response_timeout: Duration,
    /// Names the next call. Begins at random, so that the calls of two processes differ too.
    nonce: AtomicU64,
}

impl<C: Connection> Link<C> {
    pub(super) fn new(connection: C, response_timeout: Duration) -> Self {
        let nonce = AtomicU64::new(Uuid::new_v4().as_u64_pair().1 >> 2);
        Self { connection, response_timeout, nonce }
    }

    /// Runs a script: one round trip, but for a server that does not know it yet.
    pub(super) async fn call(
        &self,
        script: &Script,
        keys: &[&[u8]],
        args: &[Arg<'_>],
        effect: Effect,
    ) -> Result<Reply, StoreError> {
        let nonce = self.nonce.fetch_add(1, Relaxed);
        let over = AtomicU64::new(0);
        let answer = async {
            let by_hash = script.by_hash(keys, nonce, args);
            match self.send(&by_hash, &over, effect).await {
                Err(error) if is(&error, ServerErrorKind::NoScript) => {
                    let by_text = script.by_text(keys, nonce, args);
                    self.send(&by_text, &over, effect).await
                }
                answer => answer,
            }
        };
        match timeout(self.response_timeout, answer).await {
            Ok(Ok(value)) => Reply::read(value, nonce).unwrap_or_else(|Stray| {
                self.connection.give_up(over.load(Relaxed), Why::Stray);
                Err(StoreError::corrupt("it is the answer to another call"))
            }),
            Ok(Err(error)) => Err(store_error(error, effect, C::RESENDS)),
            Err(elapsed) => {
                self.connection.give_up(over.load(Relaxed), Why::Silence);
                Err(lost(elapsed, effect))
            }
        }
    }

    /// Sends once; and once more if nothing can have happened: what fails for want of a connection
    /// has not been sent, and often tells of an attempt that lies back.
    async fn send(
        &self,
        command: &Cmd,
        over: &AtomicU64,
        effect: Effect,
    ) -> Result<Value, RedisError> {
        let send = async || self.connection.send(command, over).await?.extract_error();
        match send().await {
            Err(error) if !C::RESENDS && is_nothing(&error, effect) => send().await,
            answer => answer,
        }
    }
}

/// Whether the call has changed nothing, for want of a connection.
fn is_nothing(error: &RedisError, effect: Effect) -> bool {
    error.is_connection_refusal() || effect == Effect::None && error.is_unrecoverable_error()
}

fn is(error: &RedisError, kind: ServerErrorKind) -> bool {
    error.kind() == ErrorKind::Server(kind)
}

/// An answer that did not come.
fn lost(source: impl Into<Box<dyn std::error::Error + Send + Sync>>, effect: Effect) -> StoreError {
    match effect {
        Effect::None => StoreError::unavailable(source),
        Effect::Write => StoreError::in_doubt(source),
    }
}

fn store_error(error: RedisError, effect: Effect, resent: bool) -> StoreError {
    if error.code() == Some("OOM") {
        return StoreError::capacity("sessions");
    }
    match error.kind() {
        // What the key holds is not a session.
        ErrorKind::Extension if error.code() == Some("WRONGTYPE") => StoreError::corrupt(error),
        _ if resent => lost(error, effect),
        // By this name a script also fails halfway.
        ErrorKind::Server(ServerErrorKind::ResponseError) => lost(error, effect),
        // Any other error is of a server that has refused before the first write.
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::AuthenticationFailed => {
            StoreError::unavailable(error)
        }
        ErrorKind::InvalidClientConfig | ErrorKind::Client => StoreError::unavailable(error),
        ErrorKind::UnexpectedReturnType => StoreError::corrupt(error),
        _ if error.is_connection_refusal() => StoreError::unavailable(error),
        _ => lost(error, effect),
    }
}
