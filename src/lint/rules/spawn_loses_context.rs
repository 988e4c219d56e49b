//! Work that is started in request code with nothing carried along.

use super::Found;
use super::found::proof;
use super::spawning_wrapper::is_executor;
use super::spawning_wrapper::is_wrapper;
use crate::lint::extract::carries;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Spawn;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_correlation;
use crate::lint::source::is_log_macro;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let spawns = &function.facts.spawns;
        for spawn in spawns {
            // What one that is reported starts has nothing to carry.
            let around = |spawn: &Spawn| spawn.inside.and_then(|at| spawns.get(at as usize));
            let mut outer = around(spawn);
            while let Some(spawn) = outer.filter(|outer| !is_lost(workspace, id, outer)) {
                outer = around(spawn);
            }
            if outer.is_some()
                || !is_reported(workspace, id, spawn)
                || is_away_from_requests(workspace, id)
            {
                continue;
            }
            let callee = spawn.callee.trim_start_matches('.');
            let mut finding = Found {
                file: function.file,
                span: spawn.span,
                message: format!("`{callee}` in request code carries nothing along"),
                label: "what runs in there has no context and no span".to_owned(),
                others: Vec::new(),
                item: workspace.path_of(function),
                key: callee.to_owned(),
                story: "a request starts it; in there the log lines name no request, and whoever asks for the current \
                        user finds none, or a default"
                    .to_owned(),
                mend: mend(callee).to_owned(),
                proof: proof("TestRequest::get(\"/\")  // what spawned tasks hold is a sink"),
            };
            finding.reached(workspace, id);
            found.push(finding);
        }
    }
}

/// Whether a spawn takes nothing of the request along.
fn is_lost(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    !spawn.work.is_carried
        && is_plain_spawn(workspace, id, spawn)
        && !spawn.says.iter().any(|name| goes_along(workspace, id, spawn, name))
        && !is_wrapped(workspace, id, spawn)
}

/// Whether what work says goes along with the request: a whole value, or what joins log lines, where the work
/// writes that into its own.
fn goes_along(workspace: &Workspace<'_>, id: usize, spawn: &Spawn, name: &str) -> bool {
    let Some((name, field)) = name.split_once('.') else { return workspace.goes_along(id, name) };
    let mut written = workspace.functions[id].facts.logs.iter();
    is_correlation(field)
        && written.any(|log| {
            spawn.holds(log.at) && (is_correlation(&log.value) || is_correlation(&log.own))
        })
        && workspace.goes_along(id, name)
}

/// Whether work, as far as it is written out, writes to the log: by a macro of a log that is known, or one of the
/// workspace that hands on to such a one.
fn logs(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    let mut told = workspace.functions[id].facts.told.iter().filter(|told| spawn.holds(told.span));
    told.any(|told| {
        let own = workspace.by_name.get(&*format!("{}!", told.name)).into_iter().flatten();
        let mut own = own.map(|id| workspace.functions[*id].facts);
        is_log_macro(told.name.as_bytes()) || own.any(|own| own.is_log)
    })
}

/// Whether a function of the workspace is given the work and puts something around it that carries.
fn is_wrapped(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    let Some(path) = &spawn.made_by else { return false };
    let mut parts = path.rsplit("::");
    let name = parts.next().unwrap_or_default();
    let targets = workspace.path_targets(id, parts.next().unwrap_or_default(), name);
    targets.iter().any(|target| {
        let facts = workspace.functions[*target].facts;
        !facts.callables.is_empty() && facts.calls.iter().any(|call| carries(&call.name))
    })
}

/// Whether a spawn is a fault, where a request comes to it.
fn is_reported(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    let function = &workspace.functions[id];
    let package = workspace.files[function.file].package;
    let is_request = workspace.reach.is_reached(id) || spawn.in_route;
    // A guard that is dropped may start what nobody reads of.
    let is_silent = function.facts.name == "drop" && !logs(workspace, id, spawn);
    is_request
        && !is_silent
        && !spawn.is_once
        && !is_housekeeping(function.facts, spawn)
        && !function.facts.name.ends_with('!')
        && !is_wrapper(function.facts, spawn)
        && !is_executor(function.facts)
        && !workspace.settings.clippy.has_spawn(package, spawn)
        && !spawn.drives_connection
        && is_lost(workspace, id, spawn)
        && !is_computation(workspace, id, spawn)
}

/// Whether work is a loop without end that waits for its time: it is done for nobody.
fn is_housekeeping(function: &FnFacts, spawn: &Spawn) -> bool {
    let waits = |name: &str| matches!(name, "sleep" | "sleep_until" | "tick");
    let mut calls = function.calls.iter().filter(|call| spawn.holds(call.span));
    spawn.only_loops && calls.any(|call| waits(&call.name))
}

/// Whether work is waited for that computes one thing and has nothing to tell of it: a hash, a text unpacked.
fn is_computation(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    let file = workspace.functions[id].file;
    let computes = |path: &String| {
        let first = path.split("::").next().unwrap_or_default();
        COMPUTING.contains(&first) && workspace.is_foreign(file, path)
    };
    // What the prelude has needs no path.
    let is_plain =
        |path: &String| matches!(path.split("::").next(), Some("Vec" | "String" | "Box"));
    spawn.is_awaited
        && !logs(workspace, id, spawn)
        && spawn.computes.iter().any(computes)
        && spawn.computes.iter().all(|path| computes(path) || is_plain(path))
}

/// Whether requests come to a function no more than by what goes on without them: by work that is reported
/// itself or has no end, by what fills a cell once for all, or by a method's name that says nothing of what
/// is meant.
fn is_away_from_requests(workspace: &Workspace<'_>, id: usize) -> bool {
    let Some((way, _)) = workspace.reach.way_to(id) else { return false };
    way.iter().any(|step| {
        let is_started = workspace.reach.started_by(*step).is_some_and(|(from, spawn)| {
            let spawn = workspace.functions[from].facts.spawns.get(spawn);
            workspace.functions[*step].facts.is_endless
                || spawn
                    .is_some_and(|spawn| spawn.is_endless || is_reported(workspace, from, spawn))
        });
        is_started || workspace.reach.is_once(*step) || workspace.reach.is_guess(*step)
    })
}

fn mend(callee: &str) -> &'static str {
    match callee.rsplit("::").next().unwrap_or(callee) {
        "spawn_blocking" => {
            "`request_context::spawn_blocking(f)`; for work of nobody, `spawn_blocking(f)` in `spawn_outside`"
        }
        "spawn_local" => "`request_context::spawn_local(future)`",
        _ => {
            "`request_context::spawn(future)`; `spawn_detached` for what outlives the request, `spawn_outside` for what \
             belongs to none; `carry(closure)` for threads and pools"
        }
    }
}

/// The crates that hash, pack and draw lots, and do nothing else.
const COMPUTING: &[&str] = &[
    "argon2",
    "base64",
    "bcrypt",
    "blake3",
    "brotli",
    "bzip2",
    "flate2",
    "hmac",
    "image",
    "lz4_flex",
    "md5",
    "password_auth",
    "password_hash",
    "pbkdf2",
    "rand",
    "rand_core",
    "scrypt",
    "sha1",
    "sha2",
    "snap",
    "zstd",
];

/// Calls that start work under another name.
const STARTERS: &[&str] = &[
    "rayon::join",
    "web::block",
    "blocking::unblock",
    "smol::unblock",
    ".par_iter",
    ".par_iter_mut",
    ".into_par_iter",
    ".par_bridge",
    ".par_chunks",
    ".par_drain",
    ".interact",
];

/// Whether a call starts work by itself: no process, no function of the workspace, nothing that carries.
pub(super) fn is_plain_spawn(workspace: &Workspace<'_>, id: usize, spawn: &Spawn) -> bool {
    const NAMES: &[&str] = &[
        "spawn",
        "spawn_blocking",
        "spawn_local",
        "spawn_on",
        "spawn_blocking_on",
        "spawn_local_on",
        "spawn_fifo",
        "spawn_pinned",
        "spawn_scoped",
        "spawn_unchecked",
        "spawn_in_pool",
    ];
    let callee = &*spawn.callee;
    if matches!(callee, ".install" | ".execute" | ".execute_after") {
        return workspace.is_pool(id, &spawn.receiver.names);
    }
    if STARTERS.iter().any(|starter| callee.ends_with(starter)) {
        return !callee.starts_with("request_context::");
    }
    let mut parts = callee.rsplit([':', '.']).filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or_default();
    let qualifier = parts.next().unwrap_or_default();
    if !NAMES.contains(&name) || callee.starts_with("request_context::") {
        return false;
    }
    if matches!(
        callee.split("::").next(),
        Some("wasm_bindgen_futures" | "leptos" | "yew" | "gloo" | "bevy")
    ) {
        return false;
    }
    if callee.starts_with('.') {
        let receiver =
            spawn.receiver.names.last().map(|name| name.to_lowercase()).unwrap_or_default();
        // Children of the operating system, and what a thread waits for before it goes on.
        if receiver.contains("command") || receiver == "cmd" {
            return false;
        }
        let own = workspace.functions[id].member_of().unwrap_or_default();
        let is_own = |id: &usize| workspace.functions[*id].facts.has_self;
        let members: Vec<_> =
            workspace.by_name.get(name).into_iter().flatten().filter(|id| is_own(id)).collect();
        // `self.spawn(..)` is the workspace's own; so is a receiver that only it can be.
        let is_self = spawn.receiver.names == ["self"];
        let is_known = members.iter().any(|id| workspace.functions[**id].member_of() == Some(own));
        return !(is_self && is_known || workspace.is_own_spawn(id, &spawn.receiver.names, name));
    }
    let file = workspace.functions[id].file;
    workspace.is_foreign(file, callee) && callee.contains("::")
        || workspace.path_targets(id, qualifier, name).is_empty()
}
