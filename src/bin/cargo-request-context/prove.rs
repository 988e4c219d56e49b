//! `cargo request-context check --prove`.

use super::args::Format;
use super::args::ProveArgs;
use super::check::failed;
use super::exit_code::ExitCode;
use super::out;
use request_context::lint::Check;
use request_context::lint::Checked;
use request_context::lint::Prove;
use std::error::Error as _;
use std::time::Duration;

pub(super) fn run(args: &ProveArgs, format: Format, check: Check) -> Result<Checked, ExitCode> {
    eprintln!(
        "note: `--prove` writes tests/request_context_leaks.rs, and builds and runs the code of each package \
         with a finding that a test can reach"
    );
    let limit = Duration::from_secs(args.prove_timeout);
    let mut prove = Prove::new(check).seeds(args.prove_seeds).time_limit(limit);
    let flags = [("--offline", args.offline), ("--locked", args.locked), ("--frozen", args.frozen)];
    for (flag, _) in flags.iter().filter(|(_, is_given)| *is_given) {
        prove = prove.cargo_flag(flag);
    }
    if format == Format::Text {
        prove = prove.show_build();
    }
    prove.run().map_err(|error| {
        if let Some(error) = error.as_check() {
            return failed(error);
        }
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        out::error(format_args!("{error}{cause}"));
        if error.is_settings() { ExitCode::Usage } else { ExitCode::Fault }
    })
}
