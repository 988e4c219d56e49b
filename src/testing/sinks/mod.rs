//! Where the data of a user can come out.

mod capture;
mod observe;
mod observe_outgoing;
mod observe_outgoing_layer;
mod observed_body;
mod observer;
mod of_session;
mod sink;
mod tasks;

pub(crate) use capture::Capture;
pub use observe::observe;
pub(crate) use observe::set_observer;
pub use observe_outgoing::ObserveOutgoing;
pub use observe_outgoing_layer::ObserveOutgoingLayer;
pub use observed_body::ObservedBody;
pub(crate) use observer::Observer;
pub(crate) use observer::Place;
pub(crate) use observer::Seen;
pub use sink::Sink;
pub(crate) use tasks::TasksOfRun;
