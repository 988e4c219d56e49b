//! `cargo request-context trail`.

use super::args::TrailCommand;
use super::args::VerifyArgs;
use super::exit_code::ExitCode;
use request_context::access::trail::ChainKey;
use request_context::access::trail::Expected;
use request_context::access::trail::verify;
use std::error::Error;
use std::fs;
use std::path::Path;

pub(super) fn run(command: &TrailCommand) -> ExitCode {
    match command {
        TrailCommand::Verify(args) => verify_files(args),
    }
}

fn verify_files(args: &VerifyArgs) -> ExitCode {
    let mut expected = Expected::default();
    if let Some(file) = &args.key_file {
        match key(file) {
            Ok(key) => expected = expected.key(key),
            Err(error) => return unreadable(&format!("`{}`", file.display()), &*error),
        }
    }
    if let Some(head) = &args.head {
        expected = expected.head(head.clone());
    }
    if let Some(after) = &args.after {
        expected = expected.after(after.clone());
    }
    match verify(&args.files, &expected) {
        // A head that is reached is a proof, also where nothing came after it.
        Ok(verified) if verified.records() == 0 && args.head.as_ref() != Some(verified.head()) => {
            empty(args)
        }
        Ok(verified) => {
            println!("{} records verify; the head is {}", verified.records(), verified.head());
            ExitCode::Success
        }
        Err(error) => match error.as_fault() {
            Some(fault) => {
                eprintln!("{fault}");
                ExitCode::Fault
            }
            None => unreadable("cannot verify", &error),
        },
    }
}

/// Cut off to nothing, a chain is still one.
fn empty(args: &VerifyArgs) -> ExitCode {
    let found =
        "there is no record in these files, which proves nothing: they may have been emptied";
    if args.allow_empty {
        println!("{found}");
        return ExitCode::Success;
    }
    eprintln!("{found}; say with --head what must be there, or with --allow-empty that it is well");
    ExitCode::Unreadable
}

fn key(file: &Path) -> Result<ChainKey, Box<dyn Error>> {
    Ok(ChainKey::from_hex(&fs::read_to_string(file)?)?)
}

fn unreadable(what: &str, error: &dyn Error) -> ExitCode {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    eprintln!("{what}: {error}{cause}");
    ExitCode::Unreadable
}
