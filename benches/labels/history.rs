//! The leaks that were fixed, each in the commit before its fix.

use crate::compare::rule_labelled;
use crate::csv::rows_of;
use crate::csv::take;
use crate::label::rules_that_fit_as_well;
use crate::place::Place;
use crate::place::find;
use std::fmt::Write;
use std::path::Path;

/// A finding may be this far from the place of the leak.
const TOLERANCE: u32 = 3;

/// Which leaks the scanner finds, in folders named by their number.
pub fn table(text: &str, folder: &Path) -> Result<String, String> {
    let mut table = String::from(
        "\n## Leaks that were fixed\n\n| | repository | rule | found |\n|---|---|---|---|\n",
    );
    let (mut found, mut all) = (0, 0);
    for mut row in rows_of(text)? {
        let number = take(&mut row, "n")?;
        let (repository, rule) = (take(&mut row, "repository")?, take(&mut row, "rule")?);
        let main = format!("{}:{}", take(&mut row, "file")?, take(&mut row, "line")?);
        let leak = Leak {
            places: places_of(&format!("{main}; {}", take(&mut row, "also")?))?,
            also: rules_that_fit_as_well(&take(&mut row, "note")?),
            rule,
        };
        let checkout = folder.join(&number);
        if let Some((file, _)) = leak.places.iter().find(|(file, _)| !checkout.join(file).is_file())
        {
            let commit = take(&mut row, "commit_before")?;
            return Err(format!(
                "{} is not {repository} at {commit}: no {file}",
                checkout.display()
            ));
        }
        let is_found = find(&checkout)?.iter().any(|place| leak.is(place));
        all += 1;
        found += u32::from(is_found);
        let is_found = if is_found { "yes" } else { "no" };
        let _ = writeln!(table, "| {number} | {repository} | {} | {is_found} |", leak.rule);
    }
    let _ = writeln!(table, "\n{found} of {all} found.");
    Ok(table)
}

struct Leak {
    /// The main one and others of the same fault.
    places: Vec<(String, u32)>,
    rule: String,
    also: Vec<String>,
}

impl Leak {
    fn is(&self, place: &Place) -> bool {
        let rule = rule_labelled(&place.rule);
        let is_near = |(file, line): &(String, u32)| {
            *file == place.file && line.abs_diff(place.line) <= TOLERANCE
        };
        (self.rule == rule || self.also.iter().any(|also| also == rule))
            && self.places.iter().any(is_near)
    }
}

/// Places as `FILE:LINE LINE; FILE:LINE`.
fn places_of(text: &str) -> Result<Vec<(String, u32)>, String> {
    let mut places = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (file, lines) = part.split_once(':').ok_or_else(|| format!("not FILE:LINE: {part}"))?;
        for line in lines.split_whitespace() {
            let line = line.parse().map_err(|_| format!("not a line: {line} in {part}"))?;
            places.push((file.to_owned(), line));
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::tests::place;

    #[test]
    fn a_leak_is_found_at_any_of_its_places_by_its_rule() {
        let leak = Leak {
            places: places_of("src/a.rs:10; src/b.rs:20 30").unwrap(),
            rule: "fan_out".to_owned(),
            also: vec!["entry_without_owner".to_owned()],
        };
        assert!(leak.is(&place("src/a.rs", 12, "fan_out")));
        assert!(leak.is(&place("src/b.rs", 30, "entry_without_owner")));
        assert!(!leak.is(&place("src/b.rs", 10, "fan_out")));
        assert!(!leak.is(&place("src/a.rs", 10, "static_mut")));
        assert!(places_of("reads at 12").is_err());
    }
}
