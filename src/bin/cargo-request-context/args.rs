//! What the command line says.

use clap::Parser;
use clap::Subcommand;
use request_context::access::trail::Head;
use std::ffi::OsString;
use std::path::PathBuf;

/// Checks for request-context.
///
/// Exit status: 0 all is well; 1 something is wrong with what was checked; 2 the command line is
/// wrong; 3 it could not be checked.
#[derive(Debug, Parser)]
#[command(name = "cargo request-context", bin_name = "cargo request-context", version)]
pub(super) enum Args {
    /// The audit trail.
    #[command(subcommand)]
    Trail(TrailCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum TrailCommand {
    /// Names the first record that was edited, is missing, not in its place, or cut off.
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The files of one trail, oldest first: `trail-*.jsonl`.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The file with the key of the trail, as 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// The trail goes at least up to here: without it, what was cut off at the end is not missed.
    #[arg(long, value_name = "SEQ:HASH")]
    pub(super) head: Option<Head>,
    /// The files go on after this, the head of those archived before.
    #[arg(long, value_name = "SEQ:HASH")]
    pub(super) after: Option<Head>,
}

/// Without the name of the subcommand, which cargo passes on.
pub(super) fn without_cargo(
    args: impl Iterator<Item = OsString>,
) -> impl Iterator<Item = OsString> {
    args.enumerate().filter(|(at, arg)| *at != 1 || arg != "request-context").map(|(_, arg)| arg)
}
