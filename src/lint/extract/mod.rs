//! From the text of a file to its facts: the one part that knows the syntax tree.

mod attributes;
mod bind;
mod body;
mod calls;
mod comments;
mod file;
mod flow;
mod guards;
mod items;
mod logs;
mod macros;
mod place;
mod types;

pub(super) use file::extract;
