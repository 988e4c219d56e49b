//! What a request comes to: the functions that it is handed to, and what these call.

use super::Workspace;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;

/// Calls after each other that are followed.
const MAX_STEPS: u8 = 12;

/// Why a request comes to a function that a router is given.
pub(super) const OF_ROUTER: &str = "a router is given it";

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
    /// The spawn of the caller whose work calls it.
    spawn: Option<usize>,
}

impl Reach {
    pub(super) fn of(workspace: &Workspace<'_>) -> Self {
        let mut steps: Vec<Option<Step>> = vec![None; workspace.functions.len()];
        let routes = routes(workspace);
        let polled = polled(workspace);
        let mut to_see = VecDeque::new();
        for (id, step) in steps.iter_mut().enumerate() {
            if let Some(why) = workspace.request_shape(id, &routes) {
                *step = Some(Step { from: None, why, count: 0, spawn: None });
                to_see.push_back(id);
            }
        }
        let mut entries: HashMap<usize, Vec<usize>> = HashMap::new();
        // What the work calls that a function starts comes last: no other way may lead there.
        let mut of_work = VecDeque::new();
        loop {
            if let Some(id) = to_see.pop_front() {
                let Some(step) = steps[id].filter(|step| step.count < MAX_STEPS) else { continue };
                let facts = workspace.functions[id].facts;
                for call in &facts.calls {
                    let spawn = facts.spawns.iter().position(|spawn| spawn.holds(call.span));
                    let next = Step { from: Some(id), count: step.count + 1, spawn, ..step };
                    for target in workspace.targets(id, call) {
                        if step.from.is_none() {
                            entries.entry(target).or_default().push(id);
                        }
                        if steps[target].is_some()
                            || workspace.functions[target].facts.name == "main"
                        {
                            continue;
                        }
                        if spawn.is_some() {
                            of_work.push_back((target, next));
                        } else {
                            steps[target] = Some(next);
                            to_see.push_back(target);
                        }
                    }
                }
                for (_, ty) in &facts.locals {
                    for target in polled.get(&**ty).into_iter().flatten() {
                        if steps[*target].is_none() {
                            let count = step.count + 1;
                            steps[*target] =
                                Some(Step { from: Some(id), count, spawn: None, ..step });
                            to_see.push_back(*target);
                        }
                    }
                }
            } else if let Some((target, step)) = of_work.pop_front() {
                if steps[target].is_none() {
                    steps[target] = Some(step);
                    to_see.push_back(target);
                }
            } else {
                break;
            }
        }
        Self { steps, entries }
    }

    /// Whether a request comes to a function.
    pub(in crate::lint) fn is_reached(&self, id: usize) -> bool {
        self.steps.get(id).is_some_and(Option::is_some)
    }

    /// The caller, and its spawn, whose work a request comes to a function by, where there is no other way.
    pub(in crate::lint) fn started_by(&self, id: usize) -> Option<(usize, usize)> {
        let step = self.steps.get(id).copied().flatten()?;
        Some((step.from?, step.spawn?))
    }

    /// Whether a request is handed to a function itself.
    pub(in crate::lint) fn is_entry(&self, id: usize) -> bool {
        self.steps.get(id).copied().flatten().is_some_and(|step| step.from.is_none())
    }

    /// Whether a function is one that a router is given.
    pub(super) fn is_of_router(&self, id: usize) -> bool {
        let step = self.steps.get(id).copied().flatten();
        step.is_some_and(|step| step.from.is_none() && step.why == OF_ROUTER)
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

/// The functions of each type that whoever holds a value of it calls: those of streams and futures.
fn polled<'a>(workspace: &Workspace<'a>) -> HashMap<&'a str, Vec<usize>> {
    let mut polled: HashMap<_, Vec<_>> = HashMap::new();
    for (id, function) in workspace.functions.iter().enumerate() {
        let Some(of) = &function.facts.member_of else { continue };
        let of_trait = of.of_trait.as_ref().map(|of_trait| &*of_trait.name);
        let is_polled = matches!(of_trait, Some("Stream" | "Future" | "Body" | "AsyncRead"))
            && function.facts.name.starts_with("poll");
        if is_polled {
            polled.entry(&*of.ty).or_default().push(id);
        }
    }
    polled
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
