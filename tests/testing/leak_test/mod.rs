//! The leak test, on real axum services.

mod at_work;
mod configured;
mod faults;
mod found;
mod left_over;
mod outgoing;
mod over_sockets;
mod replay;
mod restless;
mod sinks;
mod spawned;
mod streams;
mod support;
mod web_sockets;
mod worth;
