//! Sessions in Redis: a real server each, started here.
#![expect(clippy::disallowed_methods, reason = "what the tests start is no work of a request")]

mod broken;
mod cluster;
mod contract;
mod faults;
mod fronts;
mod processes;
mod rotations;
mod setup;
mod storm;
mod support;
