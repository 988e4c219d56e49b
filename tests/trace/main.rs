//! What the log shows of the context.

mod beside;
mod fields;
mod forgery;
mod json;
#[path = "../support/logged_lines.rs"]
mod logged_lines;
mod span;
mod support;
mod text;
