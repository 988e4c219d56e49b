//! Sessions in Redis: a real server each, started here.

mod broken;
mod cluster;
mod contract;
mod faults;
mod processes;
mod setup;
mod storm;
mod support;
