//! Reports: for people, for programs, for code hosts.

mod github;
mod human;
mod json;
mod plain;
mod sarif;

pub(super) use github::github;
pub(super) use human::human;
pub(super) use json::json;
pub(super) use plain::plain_line;
pub(super) use sarif::sarif;
