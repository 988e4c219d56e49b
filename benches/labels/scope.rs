//! Which paths and rules of a server were labelled completely.

use crate::csv::rows_of;
use crate::csv::take;
use crate::place::Place;

/// A part of a server that was labelled completely for some rules.
#[derive(Debug)]
pub struct Scope {
    pub repository: String,
    pub split: String,
    paths: Vec<String>,
    left_out: Vec<String>,
    rules: Vec<String>,
}

/// A rule after which this stands was labelled only where the place is a static or a thread-local.
const IN_STATICS: &str = " in statics";

pub fn scopes_of(text: &str) -> Result<Vec<Scope>, String> {
    let list =
        |text: String, by| text.split(by).map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    rows_of(text)?
        .into_iter()
        .map(|mut row| {
            let mut left_out = list(take(&mut row, "paths_left_out")?, ' ');
            left_out.retain(|path| !path.is_empty());
            Ok(Scope {
                repository: take(&mut row, "repository")?,
                split: take(&mut row, "split")?,
                paths: list(take(&mut row, "paths_labelled")?, ' '),
                left_out,
                rules: list(take(&mut row, "rules_labelled")?, ';'),
            })
        })
        .collect()
}

impl Scope {
    /// Whether a file was labelled.
    pub fn holds_file(&self, file: &str) -> bool {
        let under = |patterns: &[String]| patterns.iter().any(|pattern| is_under(file, pattern));
        under(&self.paths) && !under(&self.left_out)
    }

    /// Whether a finding would have a row if somebody wanted it.
    pub fn holds(&self, place: &Place) -> bool {
        self.holds_file(&place.file)
            && self.rules.iter().any(|rule| match rule.strip_suffix(IN_STATICS) {
                Some(rule) => rule == place.rule && place.is_static,
                None => self.holds_rule_of(rule, &place.rule),
            })
    }

    fn holds_rule_of(&self, labelled: &str, rule: &str) -> bool {
        match labelled.strip_prefix("all but ") {
            Some(but) => but != rule,
            None => labelled == "all" || labelled == rule,
        }
    }
}

/// Whether the first components of a path are those of a pattern, in which `*` is anything but `/`.
fn is_under(file: &str, pattern: &str) -> bool {
    if pattern == "." {
        return true;
    }
    let mut components = file.split('/');
    pattern.split('/').all(|pattern| {
        components.next().is_some_and(|component| match pattern.split_once('*') {
            Some((start, end)) => {
                component.len() >= start.len() + end.len()
                    && component.starts_with(start)
                    && component.ends_with(end)
            }
            None => component == pattern,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::tests::place;

    fn scope(rules: &str) -> Scope {
        let text = "repository,split,paths_labelled,paths_left_out,rules_labelled\n\
             a/b,tune,crates/*/src web/*.rs,crates/*-tests,RULES\n";
        scopes_of(&text.replace("RULES", rules)).unwrap().remove(0)
    }

    #[test]
    fn a_file_is_in_scope_below_a_pattern_and_not_below_what_is_left_out() {
        let scope = scope("all");
        for (file, is_in) in [
            ("crates/a/src/deep/x.rs", true),
            ("crates/a/build.rs", false),
            ("crates/my-tests/src/x.rs", false),
            ("web/x.rs", true),
            ("web/deep/x.rs", false),
            ("crates", false),
        ] {
            assert_eq!(scope.holds_file(file), is_in, "{file}");
        }
    }

    #[test]
    fn a_rule_is_in_scope_by_name_by_all_or_by_what_is_left_out() {
        let place = place("web/x.rs", 1, "fan_out");
        for (rules, is_in) in [
            ("all", true),
            ("all but fan_out", false),
            ("all but static_mut", true),
            ("static_mut; fan_out", true),
            ("static_mut", false),
            ("fan_out in statics", false),
        ] {
            assert_eq!(scope(rules).holds(&place), is_in, "{rules}");
        }
        let place = Place { is_static: true, ..place };
        assert!(scope("fan_out in statics").holds(&place));
    }
}
