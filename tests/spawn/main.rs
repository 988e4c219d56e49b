//! Taking the context along: every way to start work, what travels, and what stays behind.

mod capture;
mod carry;
mod channel;
mod detached;
mod extensions;
mod outside;
mod panics;
mod reach;
mod support;
mod threads;
mod try_twins;
