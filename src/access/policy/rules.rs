//! Rules by what they are about.

use super::Question;
use super::Rule;
use super::rule::Covers;
use std::any::TypeId;
use std::fmt;

/// Rules by the type of the resource, which most of them are told apart by.
#[derive(Default)]
pub(super) struct Rules(Vec<(TypeId, Vec<Rule>)>);

impl Rules {
    pub(super) fn push(&mut self, rule: Rule) {
        let type_id = rule.type_id();
        match self.0.iter_mut().find(|(other, _)| *other == type_id) {
            Some((_, rules)) => rules.push(rule),
            None => self.0.push((type_id, vec![rule])),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().flat_map(|(_, rules)| rules)
    }

    /// Whether one of them allows what is asked: the first that does, or panics, has the last word.
    #[inline]
    pub(super) fn cover(&self, question: &Question<'_>, is_detached: bool) -> Covers {
        let (type_id, action) = (question.type_id(), question.action());
        let Some((_, rules)) = self.0.iter().find(|(other, _)| *other == type_id) else {
            return Covers::No;
        };
        let bit = action.bit();
        for rule in rules {
            if rule.is_about(action, bit) {
                match rule.covers(question, is_detached) {
                    Covers::No => {}
                    found => return found,
                }
            }
        }
        Covers::No
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
