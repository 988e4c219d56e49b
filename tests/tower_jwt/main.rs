//! Signed bearer tokens.

mod keys;
mod log;
#[path = "../support/logged_lines.rs"]
mod logged_lines;
mod memory;
mod support;
mod tokens;
