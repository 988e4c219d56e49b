//! What the scanner found in a checkout.

use request_context::lint::Check;
use request_context::lint::Mark;
use std::fs;
use std::path::Path;

/// A finding, as far as a label can be compared with it.
#[derive(Clone, Debug)]
pub struct Place {
    /// Below the checkout, with `/`.
    pub file: String,
    pub line: u32,
    pub rule: String,
    pub level: String,
    /// Whether a static or a thread-local is declared there.
    pub is_static: bool,
    pub message: String,
    /// The other places that it marks, where it is of what is shared: declarations around the state, who
    /// writes and who reads.
    pub others: Vec<(String, u32)>,
}

/// The findings of a check with the defaults, by file and line.
pub fn find(checkout: &Path) -> Result<Vec<Place>, String> {
    let checked = Check::paths([checkout]).no_cache().run();
    let checked = checked.map_err(|error| format!("{}: {error}", checkout.display()))?;
    let mut places: Vec<_> = checked
        .findings()
        .iter()
        // Comments that silence rules are no places in the server.
        .filter(|finding| !finding.rule().code().starts_with('A'))
        .map(|finding| {
            let mark = finding.place();
            let file = below(checkout, mark);
            let is_of_shared = finding.rule().code().starts_with(['S', 'K']);
            let others = finding.other_places().iter().filter(|_| is_of_shared);
            Place {
                is_static: declares_static(&checkout.join(&file), mark.line()),
                file,
                line: mark.line(),
                others: others.map(|other| (below(checkout, other), other.line())).collect(),
                rule: finding.rule().name().to_owned(),
                level: finding.level().as_str().to_owned(),
                message: finding.message().to_owned(),
            }
        })
        .collect();
    places.sort_by(|a, b| (&a.file, a.line, &a.rule).cmp(&(&b.file, b.line, &b.rule)));
    Ok(places)
}

fn below(checkout: &Path, mark: &Mark) -> String {
    let path = mark.path().strip_prefix(checkout).unwrap_or(mark.path());
    path.to_string_lossy().replace('\\', "/")
}

fn declares_static(path: &Path, line: u32) -> bool {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
    line.split_whitespace().any(|word| word == "static")
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn place(file: &str, line: u32, rule: &str) -> Place {
        let (file, rule, level) = (file.to_owned(), rule.to_owned(), "review".to_owned());
        Place {
            file,
            line,
            rule,
            level,
            is_static: false,
            message: String::new(),
            others: Vec::new(),
        }
    }
}
