//! Runs everything that is measured and prints the table of README.md.

#[path = "../report/mod.rs"]
mod report;

use report::Measured;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Measured::collect() {
        Ok(measured) => {
            print!("{}", report::table(&measured));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
