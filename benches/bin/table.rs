//! Runs everything that is measured and prints one of the tables of README.md.

#[path = "../report/mod.rs"]
mod report;

use report::Measured;
use std::process::ExitCode;

fn main() -> ExitCode {
    let is_http = std::env::args().nth(1).as_deref() == Some("http");
    let table = if is_http {
        Measured::of(&["http", "sessions"]).map(|measured| report::http_table(&measured))
    } else {
        Measured::collect().map(|measured| report::table(&measured))
    };
    match table {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
