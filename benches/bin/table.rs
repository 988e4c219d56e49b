//! Runs everything that is measured and prints one of the tables of benches/README.md.

#[path = "../report/mod.rs"]
mod report;

use report::Measured;
use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let table = match wanted.as_deref() {
        Some("http") => {
            Measured::of(&["http", "sessions"]).map(|measured| report::http_table(&measured))
        }
        Some("sessions") => Measured::stores().map(|measured| report::stores_table(&measured)),
        _ => Measured::collect().map(|measured| report::table(&measured)),
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
