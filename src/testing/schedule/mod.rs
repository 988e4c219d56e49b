//! Who runs when: a seed decides, and what it decided can be replayed.
//!
//! One root future on a paused, single-threaded runtime polls one task at a time. Before each poll it
//! burns tokio's cooperative budget down to what the schedule says, so that any tokio operation of the
//! code under test, ready or not, can be where another session goes on.

mod board;
mod budget;
mod hold;
mod mode;
mod point;
mod policy;
mod rng;
mod root;
mod seat;
mod step;

pub(crate) use board::Board;
pub(crate) use budget::Budget;
pub(crate) use hold::Hold;
pub use mode::Mode;
pub use point::point;
pub(crate) use point::set_board;
pub(crate) use policy::Policy;
pub use rng::Rng;
pub(crate) use root::Root;
pub(crate) use root::SessionFuture;
pub(crate) use root::Trace;
pub(crate) use root::mixed;
pub(crate) use step::Step;
pub(crate) use step::TaskName;
