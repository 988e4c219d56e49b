//! `cargo request-context`: what the crate checks from outside a program.

mod args;
mod check;
mod clippy;
mod exit_code;
mod out;
mod prove;
mod rules;
mod trail;

use args::Args;
use clap::Parser;
use exit_code::ExitCode;

fn main() -> ExitCode {
    match Args::parse_from(args::without_cargo(std::env::args_os())) {
        Args::Check(args) => check::run(&args),
        Args::Explain { code } => rules::explain(&code),
        Args::Rules => rules::list(),
        Args::Clippy(args) => clippy::run(&args),
        Args::Trail(command) => trail::run(&command),
    }
}
