//! What a script has answered, read with suspicion.

use super::keys::owner_of;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::Limits;
use crate::session::Record;
use crate::session::StoreError;
use crate::session::Version;
use bytes::Bytes;
use redis::Value;
use std::time::Duration;
use std::vec::IntoIter;

/// The rest of an answer, after what names the call and how it went.
#[derive(Debug)]
pub(super) struct Reply {
    status: Status,
    values: IntoIter<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Conflict,
    /// All of the owner was deleted since it was begun.
    Late,
}

/// The answer is not one to this call.
#[derive(Debug)]
pub(super) struct Stray;

impl Reply {
    /// The answer to the call of this nonce. Redis answers in order and names no call, so one answer
    /// too many or too few on a connection would give each call the answer to another.
    pub(super) fn read(value: Value, nonce: u64) -> Result<Result<Self, StoreError>, Stray> {
        let Value::Array(values) = value else { return Err(Stray) };
        let mut values = values.into_iter();
        if text(values.next()).and_then(|text| text.parse().ok()) != Some(nonce) {
            return Err(Stray);
        }
        let status = text(values.next()).ok_or(Stray)?;
        Ok(Err(match status.as_str() {
            "ok" => return Ok(Ok(Self { status: Status::Ok, values })),
            "conflict" => return Ok(Ok(Self { status: Status::Conflict, values })),
            "late" => return Ok(Ok(Self { status: Status::Late, values })),
            "gone" => StoreError::gone(),
            "owner" => StoreError::owner_mismatch(),
            "exists" => StoreError::exists(),
            "full" => match text(values.next()).as_deref().and_then(limit_of) {
                Some(limit) => StoreError::capacity(limit),
                None => corrupt("a limit that there is not"),
            },
            _ => corrupt("a status that there is not"),
        }))
    }

    pub(super) fn status(&self) -> Status {
        self.status
    }

    /// Checks that what follows is of the session that was asked for: each has its ID written down.
    pub(super) fn expect(&mut self, id: &SessionId) -> Result<(), StoreError> {
        match self.values.next() {
            Some(Value::BulkString(found)) if found == id.as_str().as_bytes() => Ok(()),
            _ => Err(corrupt("it is of another session")),
        }
    }

    /// Checks the same, and reads whose it is.
    pub(super) fn session(&mut self, id: &SessionId) -> Result<Owner, StoreError> {
        self.expect(id)?;
        let owner = text(self.values.next()).as_deref().and_then(owner_of);
        owner.ok_or_else(|| corrupt("no owner"))
    }

    /// The record of this very session.
    pub(super) fn record(&mut self, id: &SessionId) -> Result<Record, StoreError> {
        let owner = self.session(id)?;
        Ok(Record::new(
            id.clone(),
            owner,
            self.version()?,
            self.bytes()?,
            self.duration()?,
            self.duration()?,
        ))
    }

    pub(super) fn version(&mut self) -> Result<Version, StoreError> {
        let version = match self.values.next() {
            Some(Value::Int(version)) => u64::try_from(version).ok(),
            value => text(value).and_then(|text| text.parse().ok()),
        };
        version.map(Version::new).ok_or_else(|| corrupt("no version"))
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        match self.values.next() {
            Some(Value::Int(number)) => u64::try_from(number).map_err(|_| corrupt("below zero")),
            _ => Err(corrupt("no number")),
        }
    }

    pub(super) fn duration(&mut self) -> Result<Duration, StoreError> {
        self.number().map(Duration::from_millis)
    }

    pub(super) fn bytes(&mut self) -> Result<Bytes, StoreError> {
        match self.values.next() {
            Some(Value::BulkString(bytes)) => Ok(bytes.into()),
            _ => Err(corrupt("no bytes")),
        }
    }

    pub(super) fn id(&mut self) -> Result<SessionId, StoreError> {
        let id = text(self.values.next()).and_then(|text| text.parse().ok());
        id.ok_or_else(|| corrupt("no ID of a session"))
    }

    #[cfg(feature = "session-redis-cluster")]
    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        text(self.values.next()).ok_or_else(|| corrupt("no text"))
    }

    /// How many values follow.
    pub(super) fn rest(&self) -> usize {
        self.values.len()
    }
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::BulkString(bytes)) => String::from_utf8(bytes).ok(),
        Some(Value::SimpleString(text)) => Some(text),
        _ => None,
    }
}

fn limit_of(name: &str) -> Option<&'static str> {
    let limits = ["lists", "list_items", "session_bytes", "sessions_per_owner"];
    limits.into_iter().find(|limit| *limit == name)
}

pub(super) fn corrupt(what: &'static str) -> StoreError {
    StoreError::corrupt(what)
}

/// Whether the data and the items are within the limits that need no look at the session.
pub(super) fn within(bytes: usize, limit: usize, name: &'static str) -> Result<(), StoreError> {
    if bytes > limit { Err(StoreError::capacity(name)) } else { Ok(()) }
}

/// How many of these limits fit into a number of Redis.
pub(super) fn number(limit: usize) -> u64 {
    // Lua counts in doubles.
    u64::try_from(limit).unwrap_or(u64::MAX).min(1 << 53)
}

/// Only to name the fields that the scripts name.
#[expect(dead_code, reason = "the compiler checks that the limits named in the scripts exist")]
fn limits(Limits { lists: _, list_items: _, session_bytes: _, sessions_per_owner: _, .. }: Limits) {
}
