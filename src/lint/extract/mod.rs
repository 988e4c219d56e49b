//! From the text of a file to its facts: the one part that knows the syntax tree.

mod attributes;
mod bind;
mod body;
mod callers;
mod calls;
mod comments;
mod computed;
mod connections;
mod file;
mod flow;
mod guards;
mod handed;
mod headers;
mod held;
mod holes;
mod items;
mod log_macros;
mod logs;
mod loops;
mod macros;
mod made;
mod mutation;
mod origin;
mod place;
mod routes;
mod spawns;
mod types;
mod wire_names;
mod written;

pub(super) use file::extract;
pub(super) use routes::At;
pub(super) use routes::Mount;
pub(super) use routes::Routes;
pub(super) use routes::joined;
pub(super) use routes::routes;
pub(super) use wire_names::wire_names;
