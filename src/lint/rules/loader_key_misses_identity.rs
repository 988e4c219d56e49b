//! Loaders of caches that use an identity which the key leaves out.

use super::Found;
use super::found::proof;
use crate::lint::facts::Access;
use crate::lint::facts::CallKind;
use crate::lint::facts::Flow;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Handed;
use crate::lint::facts::Param;
use crate::lint::facts::Place;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_map;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        for access in &function.facts.accesses {
            if is_loader(&access.method)
                && let Some(finding) = check_loader(workspace, id, access)
            {
                found.push(finding);
            }
        }
        for handed in &function.facts.handed {
            found.extend(check_handed(workspace, id, handed));
        }
        check_memoized(workspace, function, found);
    }
}

fn is_loader(method: &str) -> bool {
    matches!(
        method,
        "or_insert_with" | "or_try_insert_with" | "or_optionally_insert_with" | "or_insert_with_if"
    ) || method.contains("get_with")
        || method.starts_with("get_or_")
        || method.ends_with("get_or_set_with")
}

/// Whether a method is given a future, and not the value itself.
fn gives_work(method: &str, access: &Access) -> bool {
    method.contains("get_with") || method.starts_with("or_") && access.is_awaited
}

fn check_loader(workspace: &Workspace<'_>, id: usize, access: &Access) -> Option<Found> {
    let function = &workspace.functions[id];
    let loader = access.value.as_ref()?;
    let shared = workspace.shared_at(id, &access.place);
    let is_init = access.key.is_none();
    let is_shared = match shared {
        Some(shared) if is_init => shared.kind == SharedKind::Static,
        Some(shared) => matches!(shared.container, Container::Map { .. }),
        // A cache's own methods tell what it is, wherever it comes from.
        None => {
            let is_cache =
                access.place.names.iter().any(|name| name.to_lowercase().contains("cache"));
            !is_init
                && (!access.method.starts_with("or_") || is_cache)
                && access.place.names.len() > 1
        }
    };
    // A cache of futures is given one that a call makes.
    let is_work = loader.is_work || !loader.calls.is_empty() && gives_work(&access.method, access);
    // What a program does once, when it starts, is done for nobody.
    if !is_shared || !is_work || is_init && !workspace.reach.is_reached(id) {
        return None;
    }
    // A method of the workspace is what its body is.
    let mut calls = function.facts.calls.iter();
    if let Some(call) = calls.find(|call| call.span == access.span)
        && let [target] = workspace.targets(id, call)[..]
        && keeps_nothing(workspace.functions[target].facts)
    {
        return None;
    }
    let missing =
        missing_identity(workspace, function, access.key.as_ref(), loader, &access.place)?;
    let place = access.place.text();
    let mut others = Vec::new();
    if let Some(shared) = shared {
        others.push((shared.file, shared.span, "shared by all requests".to_owned()));
    }
    if let Some(param) = function.facts.params.iter().find(|param| param.names.contains(&missing)) {
        others.push((function.file, param.span, "what is loaded depends on this".to_owned()));
    }
    let keyed = if is_init { "there is no key at all" } else { "the key does not cover it" };
    let what = format!("the loader of `{place}` uses `{missing}`, and {keyed}");
    let key = format!("{place}.{} {missing}", access.method);
    Some(finding(workspace, function, &missing, (access.span, what, others, key)))
}

/// A key and a loader that are given to a function of the workspace which keeps what it loads.
fn check_handed(workspace: &Workspace<'_>, id: usize, handed: &Handed) -> Option<Found> {
    let function = &workspace.functions[id];
    let loader = handed.args.iter().position(|arg| arg.is_work)?;
    let targets = workspace.targets(id, &handed.call());
    let target = *targets.first()?;
    let by = keyed_by(workspace, target, loader, targets.len() == 1)?;
    let mut key = Flow::default();
    for arg in by {
        key.add(handed.args.get(arg)?);
    }
    let place = Place::default();
    let missing = missing_identity(workspace, function, Some(&key), &handed.args[loader], &place)?;
    let helper = &workspace.functions[target];
    let kept = "kept by the key that this is given".to_owned();
    let others = vec![(helper.file, helper.facts.span, kept)];
    let name = &handed.name;
    let what =
        format!("the loader given to `{name}` uses `{missing}`, and the key does not cover it");
    let key = format!("{name} {missing}");
    Some(finding(workspace, function, &missing, (handed.span, what, others, key)))
}

/// What is told of a loader that uses `missing`: where it is, what it is, who has a part in it, and the key
/// of its fingerprint.
fn finding(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    missing: &str,
    (span, message, others, key): (Span, String, Vec<(usize, Span, String)>, String),
) -> Found {
    Found {
        file: function.file,
        span,
        message,
        label: format!("runs for the first `{missing}` only"),
        others,
        item: workspace.path_of(function),
        key,
        story: format!(
            "A loads it with A's `{missing}`; B asks by the same key and is given what was A's to see"
        ),
        mend: format!("put `{missing}` into the key, or keep one cache per user: `PerUser<..>`"),
        proof: proof("TestRequest::get(\"/the-same-for-all\")"),
    }
}

/// The parameters of a function by which it keeps what the one at `loader` gives; none where it keeps
/// nothing. Its name tells where its body does not, and where it is the only one that is meant.
fn keyed_by(
    workspace: &Workspace<'_>,
    id: usize,
    loader: usize,
    is_only: bool,
) -> Option<Vec<usize>> {
    let facts = workspace.functions[id].facts;
    let work = facts.params.get(loader)?.names.first()?;
    // A map that the caller brings along may be the caller's own.
    if !facts.callables.contains(work) || facts.params.iter().any(|param| is_map(&param.ty)) {
        return None;
    }
    let is_loaded = |access: &&Access| {
        let mut value = access.value.iter();
        value.any(|value| value.has(work) || value.calls.contains(work))
    };
    let kept: Vec<_> =
        facts.accesses.iter().filter(is_loaded).filter_map(|access| access.key.as_ref()).collect();
    let words = words(&facts.name);
    let says_so =
        words.iter().any(|word| matches!(&**word, "cache" | "cached" | "memo" | "memoized"))
            || facts.name.starts_with("get_or_");
    let is_named = is_only && says_so && may_keep(facts, work);
    let is_key = |param: &Param| {
        let is_named_key = |name: &String| is_named && (name == "key" || name.ends_with("_key"));
        param.names.iter().any(|name| is_named_key(name) || kept.iter().any(|key| key.has(name)))
    };
    let by: Vec<_> = (0..facts.params.len()).filter(|at| is_key(&facts.params[*at])).collect();
    (!by.is_empty()).then_some(by)
}

/// Whether a function does no more than to call what it is given.
fn keeps_nothing(facts: &FnFacts) -> bool {
    let mut work = facts.callables.iter();
    facts.accesses.is_empty() && work.any(|work| !may_keep(facts, work))
}

/// Whether a function calls something, beside the work that it is given, that may keep what this gives.
fn may_keep(facts: &FnFacts, work: &str) -> bool {
    facts.calls.iter().any(|call| {
        let is_plain = matches!(
            &*call.name,
            "clone" | "to_string" | "to_owned" | "into" | "now" | "elapsed" | "map" | "map_err"
        );
        call.kind != CallKind::Macro && call.name != work && !is_plain
    })
}

/// An identity in `value`, from outside the function, that `key` leaves out.
pub(super) fn missing_identity(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    key: Option<&Flow>,
    value: &Flow,
    place: &Place,
) -> Option<String> {
    let more = &workspace.settings.identity;
    let covers = |name: &String| is_identity(name, more);
    // A key that has some identity covers those that hang on it.
    if key.is_some_and(|key| key.names.iter().any(covers)) || place.picked_by.iter().any(covers) {
        return None;
    }
    if place.names.iter().any(covers) {
        return None;
    }
    let params = function.facts.params.iter().filter(|param| !is_service(&param.ty));
    let bound = params.chain(&function.facts.callers);
    let mut names = bound.flat_map(|param| param.names.iter().map(move |name| (name, &param.ty)));
    let missing = names.find(|(name, ty)| {
        let is_one = is_identity(name, more) || names_somebody(ty, more);
        is_one && value.has(name) && !key.is_some_and(|key| key.has(name))
    });
    let asks = |call: &&String| {
        let asked = call.strip_prefix("current_").or_else(|| call.strip_prefix("require_"));
        asked.is_some_and(|asked| asked == "context" || is_identity(asked, more))
    };
    let is_asked_in_key = key.is_some_and(|key| key.calls.iter().any(|call| asks(&call)));
    let asked = || value.calls.iter().find(asks).filter(|_| !is_asked_in_key);
    missing.map(|(name, _)| name).or_else(asked).cloned()
}

/// Whether a type is that of somebody, pointers and extractors taken off.
fn names_somebody(ty: &Ty, more: &[String]) -> bool {
    match &*ty.name {
        "Arc" | "Box" | "Option" | "Extension" | "ReqData" | "Result" | "Rc" => {
            ty.args.first().is_some_and(|inner| names_somebody(inner, more))
        }
        name => is_identity(name, more),
    }
}

/// Whether a type is that of a part of the program, whatever it is about.
pub(super) fn is_service(ty: &Ty) -> bool {
    const PARTS: &[&str] = &[
        "Service",
        "Store",
        "Manager",
        "Client",
        "Repository",
        "Repo",
        "Config",
        "Provider",
        "Backend",
        "Pool",
        "Factory",
        "Registry",
        "Storage",
        "Database",
        "Cache",
        "Layer",
        "State",
        "Settings",
        "Verifier",
        "Validator",
        "Authenticator",
        "Authorizer",
        "Api",
        "Handle",
        "Sender",
        "Builder",
        "Engine",
        "Server",
        "Resolver",
        "Loader",
        "Checker",
        "Connection",
        "Middleware",
        "Adapter",
        "Gateway",
        "Keys",
    ];
    match &*ty.name {
        "State" => true,
        "Arc" | "Box" | "Option" | "Rc" | "dyn" | "Extension" | "Data" | "ReqData" => {
            ty.args.first().is_some_and(is_service)
        }
        name => PARTS.iter().any(|end| name.ends_with(end)),
    }
}

/// `#[cached]` and its kin with a key of their own, or with none.
fn check_memoized(workspace: &Workspace<'_>, function: &Function<'_>, found: &mut Vec<Found>) {
    let more = &workspace.settings.identity;
    for attribute in &function.facts.attributes {
        let name = attribute.path.rsplit("::").next().unwrap_or_default();
        if !matches!(name, "cached" | "io_cached" | "once" | "memoize") {
            continue;
        }
        let args = &attribute.args;
        let convert = args
            .split_once("convert")
            .map(|(_, convert)| convert.split(", ty").next().unwrap_or(convert));
        let has_key = name != "once" && convert.is_none();
        let missing = function.facts.params.iter().find(|param| {
            let is_one = param.names.iter().any(|name| is_identity(name, more))
                || is_identity(&param.ty.name, more);
            let is_in_key = convert.is_some_and(|convert| {
                param.names.iter().any(|name| {
                    convert
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|word| word == name)
                })
            });
            is_one && !has_key && !is_in_key
        });
        let Some(missing) =
            missing.and_then(|param| param.names.first().map(|name| (name, param.span)))
        else {
            continue;
        };
        let (missing, span) = missing;
        found.push(Found {
            file: function.file,
            span: attribute.span,
            message: format!(
                "what `{}` gives depends on `{missing}`, and its cache does not",
                function.facts.name
            ),
            label: "kept for all requests".to_owned(),
            others: vec![(function.file, span, "what is kept depends on this".to_owned())],
            item: workspace.path_of(function),
            key: format!("{name} {missing}"),
            story: format!(
                "A calls it with A's `{missing}`; B calls it and is given what was kept for A"
            ),
            mend: format!("put `{missing}` into the key (`convert`), or do not keep it"),
            proof: proof("TestRequest::get(\"/the-same-for-all\")"),
        });
    }
}
