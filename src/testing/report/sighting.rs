//! `Sighting`: a canary, seen where it should not be.

use super::words::sighted;
use crate::testing::Sink;
use std::fmt;

/// A canary of one session, seen in a sink of another one or of nobody; or a task or a context that a
/// session has left behind.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Sighting {
    /// The session whose canary it is, or that has left it behind; [`EARLIER`](Self::EARLIER) if an
    /// earlier run did.
    pub owner: usize,
    /// The session in whose sink it was, if the sink is somebody's.
    pub seer: Option<usize>,
    /// The sink.
    pub sink: Sink,
    /// Which one of that kind: the name of a header, the target of an event; `tokio::spawn` of a task
    /// that did not join the schedule.
    pub place: String,
    /// The name of the canary.
    pub field: String,
    /// How the canary was written there: `as is`, `hex`, `base64`.
    pub form: String,
    /// What surrounds it, at most 160 characters, lossily decoded.
    pub excerpt: String,
    /// The number of the request of the seer that the sink belongs to, from 0; of the owner, where it
    /// has left something behind.
    pub request: Option<usize>,
    /// The step of the schedule, from 0, in which it was seen.
    pub step: usize,
}

impl Sighting {
    /// The owner of what an earlier run has left behind: some session of another seed.
    pub const EARLIER: usize = usize::MAX;

    /// Whether it is a task or a context that a session has left behind.
    pub(crate) fn is_left_over(&self) -> bool {
        matches!(self.sink, Sink::LeftTask | Sink::LeftContext)
    }
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, field, sink, .. } = self;
        if self.is_left_over() {
            return f.write_str(&sighted(self));
        }
        let whose = match *owner {
            Self::EARLIER => "something of an earlier run".to_owned(),
            owner => format!("`{field}` of session {owner}"),
        };
        match self.seer {
            Some(seer) => write!(f, "session {seer} saw {whose} in its {sink}")?,
            None => write!(f, "{whose} was in nobody's {sink}")?,
        }
        if !self.place.is_empty() {
            write!(f, " `{}`", self.place)?;
        }
        if !self.form.is_empty() && self.form != "as is" {
            write!(f, " ({})", self.form)?;
        }
        Ok(())
    }
}
