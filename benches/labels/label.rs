//! A labelled place.

use crate::csv::rows_of;
use crate::csv::take;

/// What a reader decided about a place.
#[derive(Clone, Debug)]
pub struct Label {
    pub repository: String,
    pub commit: String,
    pub file: String,
    pub line: u32,
    pub rule: String,
    pub level: String,
    /// Whether a report is wanted.
    pub positive: bool,
    /// Whether another reader could decide otherwise.
    pub doubtful: bool,
    /// Rules that fit as well.
    pub also: Vec<String>,
    /// Another row that is the same place.
    pub one_with: Option<(String, u32)>,
    pub reason: String,
}

pub fn labels_of(text: &str) -> Result<Vec<Label>, String> {
    rows_of(text)?
        .into_iter()
        .map(|mut row| {
            let reason = take(&mut row, "reason")?;
            let verdict = take(&mut row, "verdict")?;
            let line = take(&mut row, "line")?;
            Ok(Label {
                repository: take(&mut row, "repository")?,
                commit: take(&mut row, "commit")?,
                file: take(&mut row, "file")?,
                line: line.parse().map_err(|_| format!("not a line: {line}"))?,
                rule: take(&mut row, "rule")?,
                level: take(&mut row, "level")?,
                positive: match &*verdict {
                    "leak" | "warning-worthy" | "review-worthy" => true,
                    "clean" => false,
                    _ => return Err(format!("not a verdict: {verdict}")),
                },
                doubtful: reason.starts_with("doubtful:"),
                also: rules_that_fit_as_well(&reason),
                one_with: one_place_with(&reason)?,
                reason,
            })
        })
        .collect()
}

/// The rules in front of "fits as well" or "fit as well", joined by "or" and "and".
pub fn rules_that_fit_as_well(reason: &str) -> Vec<String> {
    let end = reason.find(" fits as well").or_else(|| reason.find(" fit as well"));
    let Some(end) = end else {
        return Vec::new();
    };
    let words = reason[..end].rsplit([' ', '(']).take_while(|word| {
        matches!(*word, "or" | "and") || (word.contains('_') && !word.ends_with([';', ',', '.']))
    });
    words.filter(|word| word.contains('_')).map(str::to_owned).collect()
}

/// The row that a reason names by "one place with FILE:LINE".
fn one_place_with(reason: &str) -> Result<Option<(String, u32)>, String> {
    let Some((_, rest)) = reason.split_once("one place with ") else {
        return Ok(None);
    };
    let end = rest.find([' ', ',', ';', ')']).unwrap_or(rest.len());
    let place = rest[..end].rsplit_once(':');
    let place = place.and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
    place.map(Some).ok_or_else(|| format!("names no FILE:LINE: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_fit_as_well_are_read_from_the_reason() {
        for (reason, rules) in [
            ("users' uploads; entry_without_owner fits as well", vec!["entry_without_owner"]),
            ("senders by some_id (fan_out fits as well)", vec!["fan_out"]),
            ("what; a_b or c_d fits as well", vec!["c_d", "a_b"]),
            ("a map by user_id, no owner", vec![]),
        ] {
            assert_eq!(rules_that_fit_as_well(reason), rules, "{reason}");
        }
    }

    #[test]
    fn a_row_may_name_the_row_that_it_is_one_place_with() {
        let at = |reason| one_place_with(reason).unwrap();
        assert_eq!(at("the restore (one place with src/a.rs:7)"), Some(("src/a.rs".to_owned(), 7)));
        assert_eq!(at("the restore"), None);
        assert!(one_place_with("one place with the above").is_err());
    }
}
