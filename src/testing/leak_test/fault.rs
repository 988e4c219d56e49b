//! Faults: what a seed does to a request besides the schedule.

use super::settings::FaultRates;
use super::subject::LocalFuture;
use crate::scope::schedule::message_of;
use crate::testing::schedule::BY_THE_KIT;
use crate::testing::schedule::Rng;
use std::fmt;
use std::future::poll_fn;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::task::Poll;
use std::time::Duration;
use tokio::time::sleep;

/// What is done to one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// Its future is dropped once it has waited so often.
    Cancel { waits: u32 },
    /// Its response body is dropped after so many frames.
    CutBody { frames: u32 },
    /// Its future is dropped by a panic once it has waited so often.
    Panic { waits: u32 },
    /// It panics in its own code, at its point of this number.
    PanicAtPoint { point: u32 },
    /// Its future is dropped after that time of the runtime, in milliseconds.
    Timeout { millis: u32 },
}

impl Fault {
    /// What the seed does to this request of this session.
    pub(super) fn of_seed(
        rates: FaultRates,
        seed: u64,
        session: usize,
        request: usize,
    ) -> Option<Self> {
        let mut rng = Rng::of(seed, &[3, session as u64, request as u64]);
        let small = |rng: &mut Rng| 1 + rng.below(4) as u32;
        if rng.chance(rates.panic) {
            return Some(Self::Panic { waits: small(&mut rng) });
        }
        if rng.chance(rates.timeout) {
            return Some(Self::Timeout { millis: 1 << rng.below(12) });
        }
        if !rng.chance(rates.cancel) {
            // Who passes no point is not disturbed by this, so nothing else is left out for it.
            let mut rng = Rng::of(seed, &[4, session as u64, request as u64]);
            return rng.chance(rates.panic).then(|| Self::PanicAtPoint { point: small(&mut rng) });
        }
        let is_early = rng.next_u64() & 1 == 0;
        let (waits, frames) = (small(&mut rng), rng.below(4) as u32);
        Some(if is_early { Self::Cancel { waits } } else { Self::CutBody { frames } })
    }

    /// The point at which the program panics.
    pub(super) fn point(self) -> Option<u32> {
        match self {
            Self::PanicAtPoint { point } => Some(point),
            _ => None,
        }
    }

    /// How the story tells it.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Cancel { .. } => "the client goes away: the request is dropped",
            Self::CutBody { .. } => "the client goes away: the response body is dropped",
            Self::Panic { .. } => "a panic drops the request",
            Self::PanicAtPoint { .. } => "the request panics at a point",
            Self::Timeout { .. } => "a timeout drops the request",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancel { waits } => write!(f, "cancel@{waits}"),
            Self::CutBody { frames } => write!(f, "cut@{frames}"),
            Self::Panic { waits } => write!(f, "panic@{waits}"),
            Self::PanicAtPoint { point } => write!(f, "point@{point}"),
            Self::Timeout { millis } => write!(f, "timeout@{millis}"),
        }
    }
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (what, number) = text.split_once('@').ok_or(())?;
        let number = number.parse().map_err(|_| ())?;
        match what {
            "cancel" => Ok(Self::Cancel { waits: number }),
            "cut" => Ok(Self::CutBody { frames: number }),
            "panic" => Ok(Self::Panic { waits: number }),
            "point" => Ok(Self::PanicAtPoint { point: number }),
            "timeout" => Ok(Self::Timeout { millis: number }),
            _ => Err(()),
        }
    }
}

/// What came of a future that a fault may have ended.
pub(super) enum Answer<T> {
    Given(T),
    /// It panicked by itself, with this message.
    Panicked(String),
    /// The fault ended it.
    Dropped,
}

/// Awaits `future` as far as `fault` lets it; also says whether it had to wait.
pub(super) async fn answer_of<T>(
    future: LocalFuture<'_, T>,
    fault: Option<Fault>,
) -> (Answer<T>, bool) {
    let most = match fault {
        Some(Fault::Cancel { waits } | Fault::Panic { waits }) => Some(waits),
        _ => None,
    };
    let limit = match fault {
        Some(Fault::Timeout { millis }) => Some(Duration::from_millis(u64::from(millis))),
        _ => None,
    };
    let mut limit = limit.map(|limit| Box::pin(sleep(limit)));
    let mut future = Some(future);
    let mut waited = 0;
    poll_fn(move |cx| {
        let Some(running) = &mut future else { return Poll::Ready((Answer::Dropped, true)) };
        match panic::catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => {
                future = None;
                return Poll::Ready((Answer::Given(output), waited > 0));
            }
            Ok(Poll::Pending) => {}
            Err(payload) => {
                let message = message_of(payload.as_ref()).to_owned();
                future = None;
                return Poll::Ready((Answer::Panicked(message), waited > 0));
            }
        }
        waited += 1;
        let is_late = limit.as_mut().is_some_and(|limit| limit.as_mut().poll(cx).is_ready());
        if most != Some(waited) && !is_late {
            return Poll::Pending;
        }
        let dropped = future.take();
        if let Some(Fault::Panic { .. }) = fault {
            // The hook of panics is not called: nobody is to be told of this one.
            let unwound = panic::catch_unwind(AssertUnwindSafe(|| {
                let _dropped = dropped;
                panic::resume_unwind(Box::new(BY_THE_KIT))
            }));
            drop(unwound);
        }
        Poll::Ready((Answer::Dropped, true))
    })
    .await
}
