//! The way out: what a call takes along, to whom, and when it is not made at all.

mod body;
mod identity;
mod isolation;
mod origin;
mod redirects;
mod request_id;
mod retry;
mod scope;
mod service;
mod support;
mod tonic;
mod trace;
