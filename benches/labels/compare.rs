//! Holds findings against labels.

use crate::label::Label;
use crate::place::Place;
use crate::scope::Scope;
use std::cmp::Reverse;

/// A finding and a row are the same place up to this many lines apart.
const TOLERANCE: u32 = 3;

/// What came of one server, or of several.
#[derive(Debug, Default)]
pub struct Comparison {
    pub findings: Vec<Found>,
    pub wanted: Vec<Wanted>,
    pub servers: usize,
}

/// A finding, and the row that it matches.
#[derive(Debug)]
pub struct Found {
    pub repository: String,
    pub place: Place,
    /// None where no row is near: nobody wants it.
    pub label: Option<Label>,
}

/// A place that a reader wants reported, of one row or several.
#[derive(Debug)]
pub struct Wanted {
    /// The first of its rows.
    pub label: Label,
    /// Whether all of its rows are.
    pub doubtful: bool,
    pub is_found: bool,
}

impl Comparison {
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.wanted.extend(other.wanted);
        self.servers += other.servers;
    }
}

/// Compares the findings of one server with its rows.
///
/// A row is found by one finding at most, the nearest first: two findings are needed for two rows, however
/// near these are. A finding that is left takes the verdict of the nearest row. Where its own place is near
/// no row, it takes that of one near another place that it marks; and a row that is found by no finding's own
/// place is found where one that is right marks it.
pub fn compare(labels: Vec<Label>, places: Vec<Place>, scopes: &[&Scope]) -> Comparison {
    let repository = scopes.first().map(|scope| scope.repository.clone()).unwrap_or_default();
    let (mut pairs, mut marked) = (Vec::new(), Vec::new());
    for (finding, place) in places.iter().enumerate() {
        for (row, label) in labels.iter().enumerate().filter(|(_, label)| fits(label, &place.rule))
        {
            // Of two that are as near, the one of the same rule, then the one that is wanted.
            let other_rule = label.rule != rule_labelled(&place.rule);
            if let Some(apart) = apart(label, &place.file, place.line) {
                pairs.push((apart, other_rule, Reverse(label.positive), finding, row));
            }
            for (file, line) in &place.others {
                if let Some(apart) = apart(label, file, *line) {
                    marked.push((Reverse(label.positive), apart, other_rule, finding, row));
                }
            }
        }
    }
    pairs.sort();
    marked.sort();
    let mut row_of = vec![None; places.len()];
    let mut is_found = vec![false; labels.len()];
    for &(.., finding, row) in &pairs {
        if row_of[finding].is_none() && !is_found[row] {
            row_of[finding] = Some(row);
            is_found[row] = true;
        }
    }
    for &(.., finding, row) in &pairs {
        row_of[finding].get_or_insert(row);
    }
    for &(.., finding, row) in &marked {
        let own = *row_of[finding].get_or_insert(row);
        // What is wrong at its own place tells nothing of another one.
        is_found[row] |= labels[own].positive;
    }
    let wanted = wanted_of(&labels, &is_found);
    let findings = places.into_iter().zip(row_of).filter_map(|(place, row)| {
        let in_scope = row.is_some() || scopes.iter().any(|scope| scope.holds(&place));
        let label = row.map(|row: usize| labels[row].clone());
        in_scope.then(|| Found { repository: repository.clone(), place, label })
    });
    Comparison { findings: findings.collect(), wanted, servers: 1 }
}

/// The rule by which a finding is labelled: a wrapper that spawns is labelled as a spawn.
pub fn rule_labelled(rule: &str) -> &str {
    if rule == "spawning_wrapper" { "spawn_loses_context" } else { rule }
}

/// How many lines a row is from a place, where that is near.
fn apart(label: &Label, file: &str, line: u32) -> Option<u32> {
    let apart = line.abs_diff(label.line);
    (file == label.file && apart <= TOLERANCE).then_some(apart)
}

fn fits(label: &Label, rule: &str) -> bool {
    let rule = rule_labelled(rule);
    label.rule == rule || label.also.iter().any(|also| also == rule)
}

/// The places that are wanted, those of one place together.
fn wanted_of(labels: &[Label], is_found: &[bool]) -> Vec<Wanted> {
    let head_of = |label: &Label| {
        let (file, line) = label.one_with.as_ref()?;
        labels.iter().position(|head| {
            (&head.file, head.line, &head.rule) == (file, *line, &label.rule) && head.positive
        })
    };
    let mut wanted: Vec<(usize, Wanted)> = Vec::new();
    for (row, label) in labels.iter().enumerate().filter(|(_, label)| label.positive) {
        let head = head_of(label).unwrap_or(row);
        match wanted.iter_mut().find(|(index, _)| *index == head) {
            Some((_, place)) => {
                place.is_found |= is_found[row];
                place.doubtful &= label.doubtful;
            }
            None => {
                let (label, doubtful) = (labels[head].clone(), label.doubtful);
                wanted.push((head, Wanted { label, doubtful, is_found: is_found[row] }));
            }
        }
    }
    wanted.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::labels_of;
    use crate::place::tests::place;
    use crate::scope::scopes_of;

    fn labels(rows: &[&str]) -> Vec<Label> {
        let header = "repository,commit,file,line,rule,level,verdict,reason\n";
        let rows: String = rows.iter().map(|row| format!("a/b,c,{row}\n")).collect();
        labels_of(&format!("{header}{rows}")).unwrap()
    }

    /// The findings by verdict (`+`, `-`, `0` for no row) and the wanted places (`f`ound, `m`issed).
    fn compared(rows: &[&str], places: &[Place]) -> (String, String) {
        let scopes = "repository,split,paths_labelled,paths_left_out,rules_labelled\n\
             a/b,tune,src,,all\n";
        let scopes = scopes_of(scopes).unwrap();
        let comparison = compare(labels(rows), places.to_vec(), &scopes.iter().collect::<Vec<_>>());
        let verdict = |found: &Found| match &found.label {
            Some(label) if label.positive => '+',
            Some(_) => '-',
            None => '0',
        };
        let wanted = comparison.wanted.iter();
        (
            comparison.findings.iter().map(verdict).collect(),
            wanted.map(|wanted| if wanted.is_found { 'f' } else { 'm' }).collect(),
        )
    }

    fn is(compared: (String, String), findings: &str, wanted: &str) {
        assert_eq!((&*compared.0, &*compared.1), (findings, wanted));
    }

    const WANTED: &str = "src/a.rs,10,fan_out,review,review-worthy,why";

    #[test]
    fn a_finding_matches_a_row_of_its_file_and_rule_within_three_lines() {
        is(compared(&[WANTED], &[place("src/a.rs", 13, "fan_out")]), "+", "f");
        is(compared(&[WANTED], &[place("src/a.rs", 7, "fan_out")]), "+", "f");
        is(compared(&[WANTED], &[place("src/a.rs", 14, "fan_out")]), "0", "m");
        is(compared(&[WANTED], &[place("src/a.rs", 10, "static_mut")]), "0", "m");
        is(compared(&[WANTED], &[place("src/b.rs", 10, "fan_out")]), "0", "m");
    }

    #[test]
    fn a_finding_without_a_row_at_its_own_place_takes_one_of_another_place_that_it_marks() {
        let clean = "src/a.rs,20,fan_out,review,clean,why";
        let mut finding = place("src/b.rs", 1, "fan_out");
        finding.others = vec![("src/a.rs".to_owned(), 21), ("src/a.rs".to_owned(), 9)];
        is(compared(&[clean, WANTED], &[finding.clone()]), "+", "f");
        is(compared(&[clean], &[finding.clone()]), "-", "");
        // What is at its own place comes first.
        is(
            compared(&["src/b.rs,1,fan_out,review,clean,why", WANTED], &[finding.clone()]),
            "-",
            "m",
        );
        is(
            compared(&["src/b.rs,1,fan_out,review,review-worthy,why", WANTED], &[finding]),
            "+",
            "ff",
        );
    }

    #[test]
    fn a_finding_outside_the_scope_is_not_counted() {
        is(compared(&[WANTED], &[place("other/a.rs", 10, "fan_out")]), "", "m");
    }

    #[test]
    fn a_rule_that_fits_as_well_matches() {
        let row =
            "src/a.rs,10,entry_without_owner,review,review-worthy,uploads; fan_out fits as well";
        is(compared(&[row], &[place("src/a.rs", 10, "fan_out")]), "+", "f");
    }

    #[test]
    fn a_wrapper_that_spawns_matches_a_row_of_a_spawn() {
        let row = "src/a.rs,10,spawn_loses_context,warning,warning-worthy,wrapper";
        is(compared(&[row], &[place("src/a.rs", 9, "spawning_wrapper")]), "+", "f");
    }

    #[test]
    fn one_finding_does_not_find_two_rows() {
        let next = "src/a.rs,12,fan_out,review,review-worthy,why";
        is(compared(&[WANTED, next], &[place("src/a.rs", 11, "fan_out")]), "+", "fm");
        let both = [place("src/a.rs", 10, "fan_out"), place("src/a.rs", 12, "fan_out")];
        is(compared(&[WANTED, next], &both), "++", "ff");
    }

    #[test]
    fn the_nearest_row_decides() {
        let clean = "src/a.rs,12,fan_out,review,clean,why";
        is(compared(&[WANTED, clean], &[place("src/a.rs", 12, "fan_out")]), "-", "m");
        is(compared(&[WANTED, clean], &[place("src/a.rs", 10, "fan_out")]), "+", "f");
        is(compared(&[clean, WANTED], &[place("src/a.rs", 11, "fan_out")]), "+", "f");
    }

    #[test]
    fn a_second_finding_of_a_row_takes_its_verdict() {
        let twice = [place("src/a.rs", 10, "fan_out"), place("src/a.rs", 11, "fan_out")];
        is(compared(&[WANTED], &twice), "++", "f");
    }

    #[test]
    fn rows_of_one_place_are_found_by_one_finding() {
        let rows = [
            "src/a.rs,10,fan_out,review,review-worthy,why",
            "src/b.rs,40,fan_out,review,review-worthy,doubtful: handed on; one place with src/a.rs:10",
        ];
        is(compared(&rows, &[place("src/b.rs", 40, "fan_out")]), "+", "f");
        is(compared(&rows, &[]), "", "m");
        let comparison = compare(labels(&rows), Vec::new(), &[]);
        assert!(!comparison.wanted[0].doubtful);
    }
}
