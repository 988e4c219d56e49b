//! The findings that a project has accepted for now, by fingerprints without line numbers.

use super::CheckError;
use super::Finding;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

const HEADER: &str =
    "# Findings of `cargo request-context check` that are known; one fingerprint a line.\n";

/// The fingerprints of a baseline; none where there is no file.
pub(super) fn read(path: &Path) -> Result<BTreeSet<String>, CheckError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(CheckError::baseline(path.to_owned(), Some(error))),
    };
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// Writes the fingerprints of `findings`.
pub(super) fn write(path: &Path, fingerprints: &[&str]) -> Result<(), CheckError> {
    let lines: BTreeSet<_> = fingerprints.iter().collect();
    let mut text = HEADER.to_owned();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    fs::write(path, text).map_err(|error| CheckError::baseline(path.to_owned(), Some(error)))
}

/// Numbers those that would have the same fingerprint.
pub(super) fn number(findings: &mut [Finding]) {
    let mut seen: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{} #{count}", finding.fingerprint);
        }
    }
}
