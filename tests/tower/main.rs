//! A request's whole life over HTTP.

#[path = "../support/ambiguous.rs"]
mod ambiguous;
mod authenticate;
mod auto_traits;
mod bad_input;
mod bearer_token;
mod body;
mod connect;
mod drops;
mod end_of_request;
mod end_on_the_wire;
mod extensions;
mod grpc;
mod grpc_terms;
mod has_ended;
mod http_middleware;
mod keep_alive;
mod life;
#[path = "../support/logged_lines.rs"]
mod logged_lines;
mod nested;
mod nested_users;
mod own_span;
mod panics;
mod readiness;
mod request_id;
mod same_id;
mod sign_in;
mod sse;
mod support;
mod teardown;
mod tls;
mod tower_middleware;
mod websocket;
