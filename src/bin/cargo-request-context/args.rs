//! What the command line says.

use clap::Parser;
use clap::Subcommand;
use request_context::access::trail::Head;
use std::ffi::OsString;
use std::path::PathBuf;

/// Checks for request-context.
///
/// Exit status: 0 all is well; 1 a trail has a fault, or a command failed; 2 the command line is wrong;
/// 3 a trail could not be read or has no record, or there is nothing to check; 11, 12, 13 the highest
/// finding is one to review, a warning, an error or one that `--prove` has proved, where `--deny` includes it.
#[derive(Debug, Parser)]
#[command(name = "cargo request-context", bin_name = "cargo request-context", version)]
pub(super) enum Args {
    /// Finds shared state and lost context in sources. Nothing of them is built or run, but by `--prove`.
    Check(CheckArgs),
    /// Tells what a rule looks for, why, and how to mend it.
    Explain {
        /// A code such as G001, or a name such as guard_over_await.
        code: String,
    },
    /// Lists the rules.
    Rules,
    /// Writes the part of clippy.toml that makes clippy report plain spawns, raw task-locals and held
    /// guards by type.
    Clippy(ClippyArgs),
    /// The audit trail.
    #[command(subcommand)]
    Trail(TrailCommand),
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Folders with packages, or single files; the workspace around the current folder by default.
    pub(super) paths: Vec<PathBuf>,
    /// The form of the report. As sarif, findings end it by 0.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// The lowest level that the exit status tells; error by default.
    #[arg(long, value_name = "LEVEL", value_parser = ["review", "warning", "error"])]
    pub(super) deny: Option<String>,
    /// Also tests, examples, benches and build scripts.
    #[arg(long)]
    pub(super) all_targets: bool,
    /// The file with the findings that are known.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Writes the baseline anew.
    #[arg(long)]
    pub(super) update_baseline: bool,
    /// The baseline may only shrink: what it lacks fails, unless `--deny` says which, and so does what it
    /// holds and fits nothing any more.
    #[arg(long)]
    pub(super) ci: bool,
    /// Keeps nothing for the next run.
    #[arg(long)]
    pub(super) no_cache: bool,
    #[command(flatten)]
    pub(super) prove: ProveArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProveArgs {
    /// Builds and runs code of the packages: writes a leak test for each finding to review that one can
    /// reach, and runs it. What is proved is an error.
    #[arg(long, conflicts_with = "update_baseline")]
    pub(super) prove: bool,
    /// How many schedules each leak test tries.
    #[arg(long, value_name = "N", default_value_t = 200, requires = "prove")]
    pub(super) prove_seeds: u64,
    /// How long the leak tests of one package may run.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "prove")]
    pub(super) prove_timeout: u64,
    /// For cargo, with --prove.
    #[arg(long, requires = "prove")]
    pub(super) offline: bool,
    /// For cargo, with --prove.
    #[arg(long, requires = "prove")]
    pub(super) locked: bool,
    /// For cargo, with --prove.
    #[arg(long, requires = "prove")]
    pub(super) frozen: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, clap::Args)]
pub(super) struct ClippyArgs {
    /// The clippy.toml; by default the one that clippy would read in the current folder.
    pub(super) file: Option<PathBuf>,
    /// Writes nothing; names what is missing.
    #[arg(long)]
    pub(super) check: bool,
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
    /// Without a record it is 0 too: by default it is 3, since files that were emptied have none.
    #[arg(long)]
    pub(super) allow_empty: bool,
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
