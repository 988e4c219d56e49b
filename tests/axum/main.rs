//! The extractors of axum, its WebSockets and its routers, around the layer.

mod challenge;
mod coverage;
mod extractors;
mod faults;
mod grpc;
mod grpc_peer;
#[path = "../support/logged_lines.rs"]
mod logged_lines;
mod rejections;
mod routing;
mod support;
mod web_socket;
mod web_socket_api;
#[cfg(tokio_unstable)]
mod web_socket_detector;
mod web_socket_drops;
mod web_socket_peer;
mod web_socket_users;
