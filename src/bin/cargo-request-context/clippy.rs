//! `cargo request-context clippy`.

use super::args::ClippyArgs;
use super::exit_code::ExitCode;
use request_context::lint::ClippyBlock;
use std::fs;
use std::io;
use std::path::PathBuf;

pub(super) fn run(args: &ClippyArgs) -> ExitCode {
    // Where both are, clippy reads the hidden one.
    let hidden = PathBuf::from(".clippy.toml");
    let default = || if hidden.is_file() { hidden } else { PathBuf::from("clippy.toml") };
    let file = args.file.clone().unwrap_or_else(default);
    let path = file.display();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            eprintln!("error: `{path}` cannot be read: {error}");
            return ExitCode::Unreadable;
        }
    };
    let (missing, merged) = match (ClippyBlock::missing_in(&text), ClippyBlock::merged_into(&text))
    {
        (Ok(missing), Ok(merged)) => (missing, merged),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("error: `{path}`: {error}");
            return ExitCode::Unreadable;
        }
    };
    if missing.is_empty() {
        println!("`{path}` holds the block");
        return ExitCode::Success;
    }
    if args.check {
        println!("`{path}` lacks {}", missing.join(", "));
        return ExitCode::Warning;
    }
    match fs::write(&file, merged) {
        Ok(()) => {
            println!("`{path}` holds the block now: {} entries are new", missing.len());
            ExitCode::Success
        }
        Err(error) => {
            eprintln!("error: `{path}` cannot be written: {error}");
            ExitCode::Fault
        }
    }
}
