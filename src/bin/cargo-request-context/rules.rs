//! `cargo request-context rules` and `explain`.

use super::exit_code::ExitCode;
use super::out;
use request_context::lint::Rule;
use std::fmt::Write as _;

pub(super) fn list() -> ExitCode {
    let mut text = String::new();
    for rule in Rule::all() {
        let (code, level, name) = (rule.code(), rule.level(), rule.name());
        let _ = writeln!(text, "{code} {level:7} {name:27} {}", rule.summary());
    }
    written(&text)
}

pub(super) fn explain(code: &str) -> ExitCode {
    match Rule::find(code) {
        Some(rule) => written(rule.page()),
        None => {
            eprintln!("error: `{code}` is no rule: `cargo request-context rules` lists them");
            ExitCode::Usage
        }
    }
}

fn written(text: &str) -> ExitCode {
    match out::write(text) {
        Ok(()) => ExitCode::Success,
        Err(error) => {
            eprintln!("error: it cannot be written: {error}");
            ExitCode::Fault
        }
    }
}
