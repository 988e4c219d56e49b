//! `cargo request-context rules` and `explain`.

use super::exit_code::ExitCode;
use request_context::lint::Rule;

pub(super) fn list() -> ExitCode {
    for rule in Rule::all() {
        println!("{} {:7} {:27} {}", rule.code(), rule.level(), rule.name(), rule.summary());
    }
    ExitCode::Success
}

pub(super) fn explain(code: &str) -> ExitCode {
    match Rule::find(code) {
        Some(rule) => {
            print!("{}", rule.page());
            ExitCode::Success
        }
        None => {
            eprintln!("error: `{code}` is no rule: `cargo request-context rules` lists them");
            ExitCode::Usage
        }
    }
}
