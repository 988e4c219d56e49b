//! What a shard still knows of sessions that are gone.

use super::entry::Entry;
use super::moment::Moment;
use crate::context::SessionId;
use crate::session::WriteId;
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

/// In the order of their coming, and looked through one by one: each rotation writes here, into one
/// place, and only a logout or a login that come too late ask.
#[derive(Default)]
pub(super) struct Graves {
    /// The writes that made sessions which are gone again, so that a retry of one does not bring its
    /// session back; until when each is known.
    writes: VecDeque<(Moment, WriteId)>,
    /// What was put in the place of a session for the same owner, so that a logout finds it.
    followed: VecDeque<(Moment, Followed)>,
}

struct Followed {
    hash: u64,
    id: SessionId,
    next: SessionId,
}

impl Graves {
    /// A session is gone.
    #[inline]
    pub(super) fn bury(&mut self, entry: &Entry, now: Moment) {
        let until = entry.began().after(RETRIED_FOR);
        let Some(write) = entry.made().creation().filter(|_| now < until) else { return };
        let is_over = |(until, _): &(Moment, WriteId)| *until <= now;
        while self.writes.len() >= WRITES || self.writes.front().is_some_and(is_over) {
            self.writes.pop_front();
        }
        self.writes.push_back((until, write));
    }

    /// Whether a session that this write has made is gone again.
    pub(super) fn is_buried(&self, write: WriteId) -> bool {
        self.writes.iter().any(|(_, buried)| *buried == write)
    }

    /// A session, of this hash, has given way to another one of the same owner.
    #[inline]
    pub(super) fn follow(&mut self, hash: u64, id: SessionId, next: SessionId, now: Moment) {
        if self.followed.len() >= FOLLOWED {
            self.followed.pop_front();
        }
        let followed = Followed { hash, id, next };
        self.followed.push_back((now.after(FOLLOWED_FOR), followed));
    }

    /// The session in the place of this one.
    pub(super) fn successor(&self, hash: u64, id: &SessionId, now: Moment) -> Option<SessionId> {
        let mut latest = self.followed.iter().rev();
        let is_it = |(_, it): &&(Moment, Followed)| it.hash == hash && it.id == *id;
        let (until, followed) = latest.find(is_it)?;
        (now < *until).then(|| followed.next.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::moment::Clock;
    use super::*;
    use crate::owner::Owner;
    use crate::session::NewSession;
    use crate::session::Timeouts;

    const NANOSECOND: Duration = Duration::from_nanos(1);

    fn named(number: usize) -> SessionId {
        number.to_string().parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn of_rotations_the_last_are_known_and_for_their_time_only() {
        let (mut graves, now) = (Graves::default(), Clock::new().now());
        // All of one hash.
        (0..=FOLLOWED).for_each(|number| graves.follow(7, named(number), named(number + 1), now));
        let over = now.after(FOLLOWED_FOR);
        let known = |number, at| graves.successor(7, &named(number), at);
        assert_eq!(known(0, now), None);
        for number in 1..=FOLLOWED {
            assert_eq!(
                known(number, now.after(FOLLOWED_FOR - NANOSECOND)),
                Some(named(number + 1))
            );
            assert_eq!(known(number, over), None);
        }
        assert_eq!(graves.successor(8, &named(1), now), None);
        graves.follow(7, named(5), named(0), now);
        assert_eq!(graves.successor(7, &named(5), now), Some(named(0)), "the latest");
    }

    #[tokio::test(start_paused = true)]
    async fn of_writes_whose_sessions_are_gone_the_last_are_known() {
        let (mut graves, began) = (Graves::default(), Clock::new().now());
        let mut bury = |number, now| {
            let new = NewSession::new(Owner::nobody(), Timeouts::default());
            graves.bury(&Entry::new(named(number), 7, number as u64, &new, began), now);
            new.write
        };
        let writes: Vec<_> = (0..=WRITES).map(|number| bury(number, began)).collect();
        let too_late = bury(0, began.after(RETRIED_FOR));
        assert!(!graves.is_buried(writes[0]) && !graves.is_buried(too_late));
        assert!(writes[1..].iter().all(|write| graves.is_buried(*write)));
    }
}
