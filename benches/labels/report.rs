//! The figures of one half as a table, and the places behind them.

use crate::compare::Comparison;
use crate::compare::Found;
use crate::compare::Wanted;
use crate::compare::rule_labelled;
use request_context::lint::Rule;
use std::fmt::Write;

/// The least precision of each level, in percent, and the least recall.
const GOALS: [(&str, usize); 3] = [("error", 90), ("warning", 70), ("review", 50)];
const GOAL_OF_RECALL: usize = 70;

/// Precision and recall by level and by rule, each with the doubtful places and without.
pub fn table(split: &str, comparison: &Comparison) -> String {
    let mut text = format!("\n## {split}: {} servers\n\n", comparison.servers);
    text += "| | findings | wanted | precision | without doubtful | places | found | recall \
             | without doubtful | no row | goal |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (level, goal) in GOALS {
        let figures = Figures::of(comparison, |_, of| of == level);
        row(&mut text, level, &figures, &format!("precision ≥ {goal} %"));
    }
    let figures = Figures::of(comparison, |_, _| true);
    row(&mut text, "all", &figures, &format!("recall ≥ {GOAL_OF_RECALL} %"));
    // A wrapper that spawns has no labels of its own.
    let rules = Rule::all().iter().filter(|rule| rule_labelled(rule.name()) == rule.name());
    for rule in rules.filter(|rule| !rule.code().starts_with('A')) {
        let figures = Figures::of(comparison, |of, _| rule_labelled(of) == rule.name());
        row(&mut text, &format!("{} {}", rule.code(), rule.name()), &figures, "");
    }
    text
}

/// The findings that nobody wants and the places that were missed.
pub fn list(comparison: &Comparison) -> String {
    let mut text = String::from("\n");
    for Found { repository, place, label } in &comparison.findings {
        let why = match label {
            Some(label) if label.positive => continue,
            Some(label) => format!("false: {}", label.reason),
            None => format!("no row: {}", place.message),
        };
        let _ = writeln!(text, "{repository} {}:{} {} {why}", place.file, place.line, place.rule);
    }
    for Wanted { label, is_found, .. } in &comparison.wanted {
        if !is_found {
            let (repository, file, line) = (&label.repository, &label.file, label.line);
            let _ = writeln!(
                text,
                "{repository} {file}:{line} {} missed: {}",
                label.rule, label.reason
            );
        }
    }
    text
}

/// Counts of some findings and of some wanted places: of all, and of those that are not doubtful.
#[derive(Debug, Default, PartialEq)]
struct Figures {
    findings: [usize; 2],
    right: [usize; 2],
    places: [usize; 2],
    found: [usize; 2],
    no_row: usize,
}

impl Figures {
    /// Of the rules and levels that `is_counted` takes.
    fn of(comparison: &Comparison, is_counted: impl Fn(&str, &str) -> bool) -> Self {
        let mut figures = Self::default();
        for Found { place, label, .. } in &comparison.findings {
            if !is_counted(&place.rule, &place.level) {
                continue;
            }
            let is_right = label.as_ref().is_some_and(|label| label.positive);
            let is_doubtful = label.as_ref().is_some_and(|label| label.doubtful);
            count(&mut figures.findings, true, is_doubtful);
            count(&mut figures.right, is_right, is_doubtful);
            figures.no_row += usize::from(label.is_none());
        }
        for Wanted { label, doubtful, is_found } in &comparison.wanted {
            if is_counted(&label.rule, &label.level) {
                count(&mut figures.places, true, *doubtful);
                count(&mut figures.found, *is_found, *doubtful);
            }
        }
        figures
    }
}

fn count(counts: &mut [usize; 2], is_counted: bool, is_doubtful: bool) {
    counts[0] += usize::from(is_counted);
    counts[1] += usize::from(is_counted && !is_doubtful);
}

fn row(text: &mut String, name: &str, figures: &Figures, goal: &str) {
    let Figures { findings, right, places, found, no_row } = figures;
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {no_row} | {goal} |",
        findings[0],
        right[0],
        percent(right[0], findings[0]),
        percent(right[1], findings[1]),
        places[0],
        found[0],
        percent(found[0], places[0]),
        percent(found[1], places[1]),
    );
}

fn percent(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{:.0} %", 100.0 * part as f64 / whole as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;
    use crate::label::labels_of;
    use crate::place::tests::place;

    fn comparison() -> Comparison {
        let rows = "repository,commit,file,line,rule,level,verdict,reason\n\
             a/b,c,x.rs,1,fan_out,review,review-worthy,firm\n\
             a/b,c,x.rs,9,fan_out,review,review-worthy,doubtful: or not\n\
             a/b,c,x.rs,20,fan_out,review,clean,one's own\n";
        let labels = labels_of(rows).unwrap();
        let found = |line, label: Option<&Label>| Found {
            repository: "a/b".to_owned(),
            place: place("x.rs", line, "fan_out"),
            label: label.cloned(),
        };
        let wanted = |label: &Label, is_found| Wanted {
            label: label.clone(),
            doubtful: label.doubtful,
            is_found,
        };
        Comparison {
            findings: vec![
                found(9, Some(&labels[1])),
                found(20, Some(&labels[2])),
                found(40, None),
            ],
            wanted: vec![wanted(&labels[0], false), wanted(&labels[1], true)],
            servers: 1,
        }
    }

    #[test]
    fn findings_without_a_row_count_as_false_and_doubtful_ones_can_be_left_out() {
        let table = table("tune", &comparison());
        let row = "| 3 | 1 | 33 % | 0 % | 2 | 1 | 50 % | 0 % | 1 |";
        assert!(table.contains(&format!("| review {row} precision ≥ 50 % |\n")), "{table}");
        assert!(table.contains(&format!("| S006 fan_out {row}  |\n")), "{table}");
        assert!(table.contains("| error | 0 | 0 | – | – | 0 | 0 | – | – | 0 |"), "{table}");
    }

    #[test]
    fn the_list_names_what_nobody_wants_and_what_was_missed() {
        let list = list(&comparison());
        let lines: Vec<_> = list.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines[0], "a/b x.rs:20 fan_out false: one's own");
        assert!(lines[1].starts_with("a/b x.rs:40 fan_out no row:"), "{list}");
        assert_eq!(lines[2], "a/b x.rs:1 fan_out missed: firm");
        assert_eq!(lines.len(), 3);
    }
}
