//! `cargo request-context check`.

use super::args::CheckArgs;
use super::args::Format;
use super::exit_code::ExitCode;
use super::out;
use super::prove;
use request_context::lint::Check;
use request_context::lint::CheckError;
use request_context::lint::Checked;
use std::env;
use std::error::Error as _;
use std::io;
use std::io::IsTerminal as _;

pub(super) fn run(args: &CheckArgs) -> ExitCode {
    let (format, ci, updates) = (args.format, args.ci, args.update_baseline);
    let shows_progress = io::stderr().is_terminal() && format == Format::Text && !args.prove.prove;
    if shows_progress {
        eprint!("reading …");
    }
    let check = check(args);
    let (checked, fault) = match updates {
        _ if args.prove.prove => match prove::run(&args.prove, format, check) {
            Ok(checked) => (Ok(checked), None),
            Err(status) => return status,
        },
        true => match check.update_baseline(ci) {
            // What it may not take in has to be seen.
            Err(error) if ci && error.is_baseline() => (check.run(), Some(error)),
            checked => (checked, None),
        },
        false => (check.run(), None),
    };
    if shows_progress {
        eprint!("\r         \r");
    }
    let checked = match checked {
        Ok(checked) => checked,
        Err(error) => return failed(&error),
    };
    if let Err(error) = write(&checked, format) {
        eprintln!("error: the report cannot be written: {error}");
        return ExitCode::Fault;
    }
    if let Some(error) = fault {
        return failed(&error);
    }
    match checked.denied() {
        Some(level) if format != Format::Sarif => return level.into(),
        _ => {}
    }
    let verdicts = checked.findings().iter().filter_map(|finding| finding.verdict());
    let not_run = verdicts.filter(|verdict| verdict.is_not_run()).count();
    if not_run > 0 {
        eprintln!("error: {not_run} of the leak tests were not built, or not run to their end");
        return ExitCode::Fault;
    }
    match checked.stale_in_baseline().len() {
        gone if ci && gone > 0 => {
            eprintln!(
                "error: {gone} in the baseline fit nothing any more: take them out by `--update-baseline`"
            );
            ExitCode::Fault
        }
        _ => ExitCode::Success,
    }
}

fn write(checked: &Checked, format: Format) -> io::Result<()> {
    let text = match format {
        Format::Text => {
            let colored = io::stdout().is_terminal()
                && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            checked.to_text(colored)
        }
        Format::Json => checked.to_json(),
        Format::Sarif => checked.to_sarif(),
        Format::Github => checked.to_github(),
    };
    out::write(&text)
}

fn check(args: &CheckArgs) -> Check {
    let mut check = match args.paths.is_empty() {
        // Cargo sets the variable that names a package for what it builds, and that is not this.
        true => Check::enclosing(env::current_dir().unwrap_or_default()),
        false => Check::paths(&args.paths),
    };
    check = check.all_targets(args.all_targets).ci(args.ci && !args.update_baseline);
    if let Some(level) = args.deny.as_ref().and_then(|level| level.parse().ok()) {
        check = check.deny(level);
    }
    if let Some(path) = &args.baseline {
        check = check.baseline(path);
    }
    if args.no_cache { check.no_cache() } else { check }
}

pub(super) fn failed(error: &CheckError) -> ExitCode {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    out::error(format_args!("{error}{cause}"));
    if error.is_nothing_to_read() {
        ExitCode::Unreadable
    } else if error.is_settings() {
        ExitCode::Usage
    } else {
        ExitCode::Fault
    }
}
