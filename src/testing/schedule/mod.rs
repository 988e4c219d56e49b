//! Who runs when: a seed decides, and what it decided can be replayed.
//!
//! One root future on a paused, single-threaded runtime polls one task at a time. Before each poll it
//! burns tokio's cooperative budget down to what the schedule says, so that any tokio operation of the
//! code under test, ready or not, can be where another session goes on.

mod board;
mod budget;
mod hold;
mod left_over;
mod mode;
mod point;
mod policy;
mod rng;
mod root;
mod seat;
mod step;
mod trace;
mod turn;
mod watch;

pub(crate) use board::Board;
pub(crate) use budget::Budget;
pub(crate) use hold::Hold;
pub(crate) use left_over::ContextsOfRun;
pub(crate) use left_over::LeftOver;
pub(crate) use left_over::TasksLeft;
pub(crate) use left_over::WhatIsLeft;
pub use mode::Mode;
pub(crate) use point::BY_THE_KIT;
pub use point::point;
pub(crate) use point::set_board;
pub(crate) use policy::Policy;
pub use rng::Rng;
pub(crate) use root::Root;
pub(crate) use root::SessionFuture;
pub(crate) use step::Step;
pub(crate) use step::TaskName;
pub(crate) use trace::Stuck;
pub(crate) use trace::Trace;
pub(crate) use trace::mixed;
pub(crate) use watch::Watch;
