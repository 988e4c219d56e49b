//! The scanner, from outside: on projects that are written down for it, and on this one.

mod baseline;
mod cache;
mod cli;
mod clippy;
mod modules;
mod odd;
mod own;
mod project;
mod report;
mod rules;
mod settings;
mod spawns;
mod state;
mod suppress;
