//! Where the data of a user can come out.

mod capture;
mod observe;
mod observer;
mod sink;
mod tasks;

pub(crate) use capture::Capture;
pub use observe::observe;
pub(crate) use observe::set_observer;
pub(crate) use observer::Observer;
pub(crate) use observer::Place;
pub(crate) use observer::Seen;
pub use sink::Sink;
pub(crate) use tasks::TasksOfRun;
