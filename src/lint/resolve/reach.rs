//! What a request comes to: the functions that it is handed to, and what these call.

use super::Workspace;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;

/// Calls after each other that are followed.
const MAX_STEPS: u8 = 12;

#[derive(Debug, Default)]
pub(in crate::lint) struct Reach {
    /// For each function how a request comes to it.
    steps: Vec<Option<Step>>,
    /// The functions that requests are handed to, by those that they call.
    entries: HashMap<usize, Vec<usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    /// The caller, unless a request is handed to it itself.
    from: Option<usize>,
    why: &'static str,
    count: u8,
}

impl Reach {
    pub(super) fn of(workspace: &Workspace<'_>) -> Self {
        let mut steps: Vec<Option<Step>> = vec![None; workspace.functions.len()];
        let routes = routes(workspace);
        let mut to_see = VecDeque::new();
        for (id, step) in steps.iter_mut().enumerate() {
            if let Some(why) = workspace.request_shape(id, &routes) {
                *step = Some(Step { from: None, why, count: 0 });
                to_see.push_back(id);
            }
        }
        let mut entries: HashMap<usize, Vec<usize>> = HashMap::new();
        while let Some(id) = to_see.pop_front() {
            let Some(step) = steps[id] else { continue };
            if step.count >= MAX_STEPS {
                continue;
            }
            for call in &workspace.functions[id].facts.calls {
                for target in workspace.targets(id, call) {
                    if step.from.is_none() {
                        entries.entry(target).or_default().push(id);
                    }
                    if steps[target].is_none() && workspace.functions[target].facts.name != "main" {
                        steps[target] =
                            Some(Step { from: Some(id), why: step.why, count: step.count + 1 });
                        to_see.push_back(target);
                    }
                }
            }
        }
        Self { steps, entries }
    }

    /// Whether a request comes to a function.
    pub(in crate::lint) fn is_reached(&self, id: usize) -> bool {
        self.steps.get(id).is_some_and(Option::is_some)
    }

    /// Whether a request is handed to a function itself.
    pub(in crate::lint) fn is_entry(&self, id: usize) -> bool {
        self.steps.get(id).copied().flatten().is_some_and(|step| step.from.is_none())
    }

    /// The functions that requests are handed to and that call this one.
    pub(in crate::lint) fn entries_to(&self, id: usize) -> &[usize] {
        self.entries.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The functions from the one that the request is handed to down to this one, and why the first is
    /// that.
    pub(in crate::lint) fn way_to(&self, id: usize) -> Option<(Vec<usize>, &'static str)> {
        let mut way = vec![id];
        let mut step = self.steps.get(id).copied().flatten()?;
        while let Some(from) = step.from {
            way.push(from);
            step = self.steps.get(from).copied().flatten()?;
        }
        way.reverse();
        Some((way, step.why))
    }
}

/// The functions that routers are given.
fn routes(workspace: &Workspace<'_>) -> HashSet<usize> {
    let mut routes = HashSet::new();
    for (at, file) in workspace.files.iter().enumerate() {
        let Some(&from) = workspace.first_of.get(&at) else { continue };
        for path in &file.facts.routes {
            let mut parts = path.rsplit("::");
            let name = parts.next().unwrap_or_default();
            routes.extend(workspace.path_targets(from, parts.next().unwrap_or_default(), name));
        }
    }
    routes
}
