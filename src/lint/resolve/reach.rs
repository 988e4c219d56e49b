//! What a request comes to: the functions that it is handed to, and what these call.

use super::Workspace;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;

/// Calls after each other that are followed.
const MAX_STEPS: u8 = 12;

/// Why a request comes to a function that a router is given.
pub(super) const OF_ROUTER: &str = "a router is given it";

/// Why a request comes to a function that may as well be a part of the app.
pub(super) const OF_STATE: &str = "a router gives it the state of the app";

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
    /// Whether the caller calls it once for all, to fill a cell.
    is_once: bool,
    /// Whether no more than its name tells that the caller calls it.
    is_guess: bool,
}

impl Reach {
    pub(super) fn of(workspace: &Workspace<'_>) -> Self {
        let mut steps: Vec<Option<Step>> = vec![None; workspace.functions.len()];
        let routes = routes(workspace);
        let of_holder = of_holder(workspace);
        let mut shapes: Vec<_> =
            (0..steps.len()).map(|id| workspace.request_shape(id, &routes)).collect();
        for id in called(workspace, |id| shapes[id] == Some(OF_STATE)) {
            shapes[id] = None;
        }
        let mut to_see = VecDeque::new();
        for (id, why) in shapes.into_iter().enumerate() {
            if let Some(why) = why {
                let (spawn, is_once, is_guess) = (None, false, false);
                steps[id] = Some(Step { from: None, why, count: 0, spawn, is_once, is_guess });
                to_see.push_back(id);
            }
        }
        let mut entries: HashMap<usize, Vec<usize>> = HashMap::new();
        // What the work calls that a function starts comes last, and what may be meant by a name alone:
        // no other way may lead there.
        let mut of_others: [VecDeque<(usize, Step)>; 4] = [const { VecDeque::new() }; 4];
        loop {
            if let Some(id) = to_see.pop_front() {
                let Some(step) = steps[id].filter(|step| step.count < MAX_STEPS) else { continue };
                let facts = workspace.functions[id].facts;
                for call in &facts.calls {
                    let spawn = facts.spawns.iter().position(|spawn| spawn.holds(call.span));
                    let is_once = facts
                        .once
                        .iter()
                        .any(|cell| (cell.start..cell.end).contains(&call.span.start));
                    let (targets, is_guess) = workspace.targets_and_how(id, call);
                    let count = step.count + 1;
                    let next = Step { from: Some(id), count, spawn, is_once, is_guess, ..step };
                    let is_carried = spawn.is_none_or(|at| facts.spawns[at].work.is_carried);
                    for target in targets {
                        if step.from.is_none() {
                            entries.entry(target).or_default().push(id);
                        }
                        if steps[target].is_some()
                            || workspace.functions[target].facts.name == "main"
                        {
                            continue;
                        }
                        match (is_once, is_guess, spawn) {
                            (false, false, None) => {
                                steps[target] = Some(next);
                                to_see.push_back(target);
                            }
                            (true, ..) => of_others[3].push_back((target, next)),
                            (_, true, _) => of_others[2].push_back((target, next)),
                            _ => of_others[usize::from(!is_carried)].push_back((target, next)),
                        }
                    }
                }
                // Who makes a value, or gives one that another has made, has it polled and dropped.
                let holds = |ty: &str| of_holder.get(ty).into_iter().flatten().copied();
                let mut held: Vec<_> = facts.locals.iter().flat_map(|(_, ty)| holds(ty)).collect();
                if let Some(output) = &facts.output {
                    let own = workspace.functions[id].member_of().unwrap_or_default();
                    output.walk(&mut |ty| {
                        held.extend(holds(if ty.name == "Self" { own } else { &ty.name }));
                    });
                }
                for target in held {
                    if steps[target].is_none() {
                        let (from, count) = (Some(id), step.count + 1);
                        let (spawn, is_once, is_guess) = (None, false, false);
                        steps[target] =
                            Some(Step { from, count, spawn, is_once, is_guess, ..step });
                        to_see.push_back(target);
                    }
                }
            } else if let Some((target, step)) = of_others.iter_mut().find_map(VecDeque::pop_front)
            {
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

    /// Whether a request comes to a function by what fills a cell once for all, where there is no other way.
    pub(in crate::lint) fn is_once(&self, id: usize) -> bool {
        self.steps.get(id).copied().flatten().is_some_and(|step| step.is_once)
    }

    /// Whether no more than its name tells that a request comes to a function, where there is no other way.
    pub(in crate::lint) fn is_guess(&self, id: usize) -> bool {
        self.steps.get(id).copied().flatten().is_some_and(|step| step.is_guess)
    }

    /// Whether a request is handed to a function itself.
    pub(in crate::lint) fn is_entry(&self, id: usize) -> bool {
        self.steps.get(id).copied().flatten().is_some_and(|step| step.from.is_none())
    }

    /// Whether a function is one that a router is given.
    pub(in crate::lint) fn is_of_router(&self, id: usize) -> bool {
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

/// Those of some functions that others call: no router is given them.
fn called(workspace: &Workspace<'_>, is_one: impl Fn(usize) -> bool) -> HashSet<usize> {
    let some = (0..workspace.functions.len()).filter(|id| is_one(*id));
    let names: HashSet<_> = some.map(|id| &*workspace.functions[id].facts.name).collect();
    let mut called = HashSet::new();
    for (from, function) in workspace.functions.iter().enumerate().filter(|_| !names.is_empty()) {
        let calls = function.facts.calls.iter().filter(|call| names.contains(&*call.name));
        for call in calls {
            let (targets, is_guess) = workspace.targets_and_how(from, call);
            let targets = targets.into_iter().filter(|_| !is_guess);
            called.extend(targets.filter(|id| *id != from && is_one(*id)));
        }
    }
    called
}

/// The functions of each type that whoever holds a value of it calls: those of streams and futures, and what is
/// done when it is dropped.
fn of_holder<'a>(workspace: &Workspace<'a>) -> HashMap<&'a str, Vec<usize>> {
    let mut of_holder: HashMap<_, Vec<_>> = HashMap::new();
    for (id, function) in workspace.functions.iter().enumerate() {
        let Some(of) = &function.facts.member_of else { continue };
        let called = match of.of_trait.as_ref().map(|of_trait| &*of_trait.name) {
            Some("Stream" | "Future" | "Body" | "AsyncRead") => "poll",
            Some("Drop") => "drop",
            _ => continue,
        };
        if function.facts.name.starts_with(called) {
            of_holder.entry(&*of.ty).or_default().push(id);
        }
    }
    of_holder
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
