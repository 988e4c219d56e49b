//! The table.

use super::Drive;
use super::findings::Fault;
use super::findings::Findings;
use crate::Server;
use std::env;
use std::io::IsTerminal;
use std::io::stdout;
use std::process::ExitCode;

const WIDTH: usize = 79;

/// Prints the table; the exit status says whether all held.
pub(super) fn print(drive: &Drive, findings: &Findings) -> ExitCode {
    let has_colour =
        stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let paint = Paint { has_colour };
    println!("{}", table(drive, findings, paint).join("\n"));
    if findings.all_held() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(drive: &Drive, findings: &Findings, paint: Paint) -> Vec<String> {
    let rule = paint.dim(&"─".repeat(WIDTH));
    let mut lines = vec![String::new(), title(drive, paint), subtitle(drive), rule.clone()];
    lines.extend(findings.facts.iter().map(|(what, count)| row(what, &grouped(*count), "")));
    lines.push(rule.clone());
    lines.push(paint.dim(&row("must not happen", "found", "of")));
    lines.extend(findings.faults.iter().flat_map(|fault| fault_rows(fault, paint)));
    lines.push(rule);
    lines.extend(verdict(drive, findings, paint));
    lines
}

fn title(drive: &Drive, paint: Paint) -> String {
    let how = match drive.server {
        Server::InContext => "every request in its own context",
        Server::Naive => "module-level state, shared by all requests",
    };
    paint.bold(&format!("  Chat server: {how}"))
}

fn subtitle(drive: &Drive) -> String {
    let (users, seconds) = (drive.users, drive.took.as_secs_f32());
    format!("  {users} users at once, over real sockets, {seconds:.1} s")
}

fn row(what: &str, found: &str, of: &str) -> String {
    format!("    {what:<57}{found:>9}{of:>9}").trim_end().into()
}

fn fault_rows(fault: &Fault, paint: Paint) -> Vec<String> {
    let row = row(fault.what, &grouped(fault.found), &grouped(fault.of));
    let row = row.trim_start();
    if fault.held() {
        return vec![format!("  {} {row}", paint.green("✓"))];
    }
    let mut rows = vec![format!("  {} {}", paint.red("✗"), paint.red(row))];
    rows.push(paint.dim(&format!("      {}", fault.why)));
    rows.extend(fault.sample.iter().map(|sample| format!("      e.g. {sample}")));
    rows
}

fn verdict(drive: &Drive, findings: &Findings, paint: Paint) -> Vec<String> {
    let users = drive.users;
    let verdict = if findings.all_held() {
        paint.green("✓ all held")
    } else {
        paint.red("✗ not all held")
    };
    let (hint, option) = match drive.server {
        Server::InContext => ("as the incidents had it", "--naive "),
        Server::Naive => ("with a context for each request", ""),
    };
    let hint = format!("    {hint}: cargo run --example chat -- {option}--drive {users}");
    vec![format!("  {verdict}"), paint.dim(&hint)]
}

/// With a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Colours text where the reader has said neither by the terminal nor by `NO_COLOR` not to.
#[derive(Clone, Copy)]
struct Paint {
    has_colour: bool,
}

impl Paint {
    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.has_colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into() }
    }
}
