//! Leaks that the kit plants, to see whether it would find them.

use bytes::Bytes;
use std::cell::RefCell;
use std::mem;
use tokio::task::coop;

/// A leak to plant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Plant {
    /// A slot that keeps the last reply, written before and read after an operation.
    LastValue,
    /// Replies that come one too late, as from a connection whose reader was cancelled.
    OffByOne,
}

/// A planted leak in a run.
#[derive(Debug)]
pub(super) struct Planting {
    plant: Plant,
    kept: RefCell<Bytes>,
}

impl Plant {
    pub(super) const ALL: [Self; 2] = [Self::LastValue, Self::OffByOne];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LastValue => "a slot for the last reply, read after an await",
            Self::OffByOne => "replies that are off by one",
        }
    }
}

impl Planting {
    pub(super) fn new(plant: Plant) -> Self {
        Self { plant, kept: RefCell::default() }
    }

    /// What the client gets in place of `body`.
    pub(super) async fn answer(&self, body: Bytes) -> Bytes {
        match self.plant {
            Plant::LastValue => {
                *self.kept.borrow_mut() = body;
                coop::consume_budget().await;
                coop::consume_budget().await;
                self.kept.borrow().clone()
            }
            Plant::OffByOne => mem::replace(&mut *self.kept.borrow_mut(), body),
        }
    }
}
