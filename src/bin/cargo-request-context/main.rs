//! `cargo request-context`: what the crate checks from outside a program.

mod args;
mod exit_code;
mod trail;

use args::Args;
use clap::Parser;
use exit_code::ExitCode;

fn main() -> ExitCode {
    match Args::parse_from(args::without_cargo(std::env::args_os())) {
        Args::Trail(command) => trail::run(&command),
    }
}
