//! The audit trail: what is on record, how surely, and that nobody can change it unseen.

mod cli;
mod crash;
mod delivery;
mod disk_full;
mod failure;
mod files;
mod forgery;
mod golden;
mod record;
mod repair;
mod schema;
mod sink;
mod support;
mod verify;
