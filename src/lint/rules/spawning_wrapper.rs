//! Functions that start their argument: the fault is theirs, and not that of each caller.

use super::Found;
use super::found::proof;
use super::spawn_loses_context::is_plain_spawn;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Spawn;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        if !workspace.reach.is_reached(id) || is_of_cell(workspace, id) {
            continue;
        }
        let package = workspace.files[function.file].package;
        // A macro is written out at each caller: it is mended in one place all the same.
        let is_macro = function.facts.name.ends_with('!');
        for spawn in &function.facts.spawns {
            if spawn.work.is_carried
                || is_executor(function.facts)
                || !(is_wrapper(function.facts, spawn) || is_macro)
                || workspace.settings.clippy.has_spawn(package, spawn)
                || !is_plain_spawn(workspace, id, spawn)
            {
                continue;
            }
            let callee = spawn.callee.trim_start_matches('.');
            let name = &function.facts.name;
            let mut finding = Found {
                file: function.file,
                span: spawn.span,
                message: format!(
                    "`{name}` starts {} without the context of its caller",
                    if is_macro { "work" } else { "its argument" }
                ),
                label: "started here, with nothing carried along".to_owned(),
                others: vec![(
                    function.file,
                    function.facts.span,
                    "each caller loses its request here".to_owned(),
                )],
                item: workspace.path_of(function),
                key: callee.to_owned(),
                story: "every request that goes through it loses its context and its span"
                    .to_owned(),
                mend: format!(
                    "carry it here, once: `{callee}(work.in_current_context())`, or `carry(closure)`"
                ),
                proof: proof("TestRequest::get(\"/\")  // what spawned tasks hold is a sink"),
            };
            finding.reached(workspace, id);
            found.push(finding);
        }
    }
}

/// Whether requests come to a function no more than by what fills a cell once for all.
fn is_of_cell(workspace: &Workspace<'_>, id: usize) -> bool {
    let way = workspace.reach.way_to(id);
    way.is_some_and(|(way, _)| way.iter().any(|step| workspace.reach.is_once(*step)))
}

/// Whether a transport is given the function for its own tasks, which must keep no request.
pub(super) fn is_executor(function: &FnFacts) -> bool {
    let of = function.member_of.as_ref().and_then(|of| of.of_trait.as_ref());
    of.is_some_and(|of| of.name.ends_with("Executor"))
}

/// Whether what is started is a parameter of the function.
pub(super) fn is_wrapper(function: &FnFacts, spawn: &Spawn) -> bool {
    function.callables.iter().any(|callable| spawn.work.has(callable))
}
