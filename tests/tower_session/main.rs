//! A session for each request, over real sockets.

mod acceptance;
mod bad_input;
mod cookies;
mod faults;
mod finality;
#[path = "../support/forward.rs"]
mod forward;
mod http2;
mod identity;
mod incidents;
#[path = "../support/logged_lines.rs"]
mod logged_lines;
mod nested;
mod origins;
mod panics;
mod policies;
mod raw;
mod rejections;
mod secrets;
mod service;
mod support;
