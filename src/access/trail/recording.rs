//! An access that waits for its record.

use super::Trail;
use super::TrailError;
use super::batch::Told;
use super::batch::Waiter;
use crate::access::notice::Notice;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

/// An access that waits until its record is as durable as the trail's
/// [`SyncPolicy`](super::SyncPolicy) promises.
///
/// # Cancel safety
/// The record is queued at the first poll, and what is queued is written: dropped after that, the
/// record of the access stays, whether or not the access went on. Dropped before, there is none. The
/// event of tracing comes at the end: dropped before, there is none.
#[derive(Debug)]
#[must_use = "nothing is on record until it is awaited"]
pub struct Recording {
    state: State,
    notice: Notice,
    /// What the access fails with once that is on record.
    refused: Option<TrailError>,
}

#[derive(Debug)]
enum State {
    /// With the encoded record, up to its seal.
    Ready(Trail, Vec<u8>),
    Waiting(Waiter),
    NoTrail,
    Done,
}

impl Recording {
    pub(in crate::access) fn new(trail: Trail, body: Vec<u8>, notice: Notice) -> Self {
        Self { state: State::Ready(trail, body), notice, refused: None }
    }

    pub(in crate::access) fn without_trail(notice: Notice) -> Self {
        Self { state: State::NoTrail, notice, refused: None }
    }

    /// The record says that the access is denied, and so does this.
    pub(in crate::access) fn refused(self, error: TrailError) -> Self {
        Self { refused: Some(error), ..self }
    }

    fn poll_recorded(&mut self, cx: &Context<'_>) -> Poll<Told> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Ready(trail, body) => match trail.queue(body) {
                    Ok(Some(waiter)) => self.state = State::Waiting(waiter),
                    Ok(None) => return Poll::Ready(Ok(())),
                    Err(error) => return Poll::Ready(Err(error)),
                },
                State::Waiting(mut waiter) => {
                    let told = waiter.poll(cx);
                    if told.is_pending() {
                        self.state = State::Waiting(waiter);
                    }
                    return told;
                }
                State::NoTrail => return Poll::Ready(Err(TrailError::missing())),
                State::Done => panic!("`Recording` polled after it was ready"),
            }
        }
    }
}

impl Future for Recording {
    type Output = Result<(), TrailError>;

    /// # Panics
    /// When polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let told = ready!(self.poll_recorded(cx));
        match &told {
            Ok(()) => self.notice.is_so(),
            Err(error) => self.notice.is_refused(error),
        }
        Poll::Ready(told.and(self.refused.take().map_or(Ok(()), Err)))
    }
}
