//! What the log shows of the context.

mod beside;
mod fields;
mod forgery;
mod json;
mod span;
mod support;
mod text;
