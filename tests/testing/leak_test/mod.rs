//! The leak test, on real axum services.

mod configured;
mod cost;
mod faults;
mod found;
mod outgoing;
mod over_sockets;
mod replay;
mod sinks;
mod spawned;
mod streams;
mod support;
mod web_sockets;
mod worth;
