//! What a shard still knows of sessions that are gone.

use super::entry::Entry;
use super::moment::Moment;
use crate::context::SessionId;
use crate::session::WriteId;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::time::Duration;

/// How long after it a write may be retried.
const RETRIED_FOR: Duration = Duration::from_secs(60);

/// How many writes a shard knows at most.
const WRITES: usize = 256;

/// How long a request may take that began before its session was rotated.
const FOLLOWED_FOR: Duration = Duration::from_secs(120);

/// How many rotations a shard knows at most.
const FOLLOWED: usize = 1024;

#[derive(Default)]
pub(super) struct Graves {
    /// The writes that made sessions which are gone again, so that a retry of one does not bring its
    /// session back.
    writes: HashSet<WriteId>,
    /// Until when each is known.
    order: VecDeque<(Moment, WriteId)>,
    /// What was put in the place of a session for the same owner, so that a logout finds it.
    successors: HashMap<SessionId, (Moment, SessionId)>,
    followed: VecDeque<(Moment, SessionId)>,
}

impl Graves {
    /// A session is gone.
    pub(super) fn bury(&mut self, entry: &Entry, now: Moment) {
        let until = entry.began().after(RETRIED_FOR);
        let Some(write) = entry.made().creation().filter(|_| now < until) else { return };
        while let Some(oldest) = due(&mut self.order, WRITES, now) {
            self.writes.remove(&oldest);
        }
        self.order.push_back((until, write));
        self.writes.insert(write);
    }

    /// Whether a session that this write has made is gone again.
    pub(super) fn is_buried(&self, write: WriteId) -> bool {
        self.writes.contains(&write)
    }

    /// A session has given way to another one of the same owner.
    pub(super) fn follow(&mut self, id: SessionId, next: SessionId, now: Moment) {
        while let Some(oldest) = due(&mut self.followed, FOLLOWED, now) {
            self.successors.remove(&oldest);
        }
        let until = now.after(FOLLOWED_FOR);
        if self.successors.insert(id.clone(), (until, next)).is_none() {
            self.followed.push_back((until, id));
        }
    }

    /// The session in the place of this one.
    pub(super) fn successor(&self, id: &SessionId, now: Moment) -> Option<SessionId> {
        let known = self.successors.get(id).filter(|(until, _)| now < *until);
        known.map(|(_, next)| next.clone())
    }
}

/// The oldest, if it is over or in the way.
fn due<T>(order: &mut VecDeque<(Moment, T)>, most: usize, now: Moment) -> Option<T> {
    let is_over = order.front().is_some_and(|(until, _)| *until <= now);
    if is_over || order.len() >= most { order.pop_front().map(|(_, oldest)| oldest) } else { None }
}
