//! What sessions in Redis are measured with: ours, the same calls by hand, and the rival's.

mod by_hand;
mod ours;
mod rival;
mod server;

pub use by_hand::ByHand;
pub use ours::Ours;
pub use rival::Rival;
pub use server::Server;
pub use server::Totals;

use std::error::Error;
use std::pin::Pin;

/// So many sessions are used at once, on one connection.
pub const TASKS: usize = 64;

pub type Anything<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub type Done<'a> = Pin<Box<dyn Future<Output = Anything<()>> + 'a>>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Load,
    Update,
    Append,
    Rotate,
}

impl Operation {
    pub const ALL: [(&str, Self); 4] = [
        ("load", Self::Load),
        ("update", Self::Update),
        ("append", Self::Append),
        ("rotate", Self::Rotate),
    ];
}

/// A store with [`TASKS`] sessions.
pub trait Sessions {
    /// Does the operation with each session so often.
    fn run(&self, operation: Operation, turns: usize) -> Done<'_>;
}
