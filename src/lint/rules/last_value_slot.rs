//! One place in which each request leaves what is its own.

use super::Found;
use super::found::proof;
use super::keyed_user_registry::is_registry;
use super::loader_key_misses_identity::is_service;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_sender;
use crate::lint::resolve::is_user_data;
use crate::lint::resolve::words;
use std::collections::HashSet;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    let mut seen = HashSet::new();
    for (id, function) in workspace.functions.iter().enumerate() {
        if !workspace.reach.is_reached(id) {
            continue;
        }
        for access in &function.facts.accesses {
            let Some(value) = &access.value else { continue };
            if !matches!(
                &*access.method,
                "=" | "store"
                    | "swap"
                    | "set"
                    | "replace"
                    | "insert"
                    | "send_replace"
                    | "push"
                    | "push_back"
            ) {
                continue;
            }
            if access.key.is_some() {
                continue;
            }
            let Some(shared) = workspace.shared_at(id, &access.place) else { continue };
            let payload = match &shared.container {
                Container::Slot(payload) => payload,
                // Whoever comes first leaves it for all others.
                Container::Other if access.method == "set" => match written_once(&shared.ty) {
                    Some(payload) => payload,
                    None => continue,
                },
                _ => continue,
            };
            // A list of what users have is a registry.
            if access.method.starts_with("push") && is_registry(workspace, shared) {
                continue;
            }
            let Some(from) = written_from(workspace, function, access, value, is_plain(payload))
            else {
                continue;
            };
            if payload.any(is_sender) || !seen.insert((shared.file, shared.span)) {
                continue;
            }
            let readers = match shared.kind {
                SharedKind::Field { .. } => Vec::new(),
                _ => workspace.users_of(shared.file, shared.name),
            };
            let reader = readers.iter().find(|(reader, _)| *reader != id).map(|(reader, span)| {
                let reader = &workspace.functions[*reader];
                (reader.file, *span, format!("`{}` reads it, for whomever", reader.facts.name))
            });
            let mut others = vec![(
                function.file,
                access.span,
                format!("`{}` writes `{from}` of its request here", function.facts.name),
            )];
            others.extend(reader);
            let (file, span) = shared.declared();
            others.extend(shared.hidden_in());
            let mut finding = Found {
                file,
                span,
                message: format!("`{}` keeps the `{from}` of whichever request wrote last", shared.name),
                label: "one value for all requests".to_owned(),
                others,
                item: shared.path.clone(),
                key: shared.ty.to_string(),
                story: format!("A writes A's `{from}` here and awaits; B writes B's; A goes on and reads B's"),
                mend: "keep one per session, `static X: PerSession<T>`, or hand it down in the context".to_owned(),
                proof: proof("TestRequest::post(\"/\").body(session.canary(\"value\"))"),
            };
            finding.reached(workspace, id);
            found.push(finding);
        }
    }
}

/// What a cell that is written once holds.
fn written_once(ty: &Ty) -> Option<&Ty> {
    match &*ty.name {
        "OnceLock" | "OnceCell" | "SetOnce" => ty.args.first(),
        _ => None,
    }
}

/// What of the request a value was made of.
fn written_from(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    access: &Access,
    value: &Flow,
    is_plain: bool,
) -> Option<String> {
    let more = &workspace.settings.identity;
    let params = function.facts.params.iter().chain(&function.facts.callers).filter(|param| {
        !matches!(&*param.ty.name, "Data" | "Next" | "Context") && !is_service(&param.ty)
    });
    // `CurrentUser` is somebody; `SessionLife` is a thing.
    let is_whose = |ty: &Ty| words(&ty.name).last().is_some_and(|last| is_identity(last, more));
    let typed = params.clone().find_map(|param| {
        let name = param.names.iter().find(|name| value.has(name))?;
        param.ty.any(is_whose).then(|| name.clone())
    });
    let mut names = params.flat_map(|param| param.names.iter());
    let place = &access.place.names;
    let is_of_somebody = |name: &String| is_identity(name, more) || is_user_data(name, more);
    let is_of_user = |name: &String| is_identity(name, more);
    let said: Vec<_> = value.names.iter().chain(place).collect();
    let fits = if is_plain {
        // A number says something of somebody only by its name.
        said.iter().any(|name| is_of_user(name))
    } else {
        said.iter().any(|name| is_of_somebody(name))
    };
    names.find(|name| value.has(name)).filter(|_| fits).cloned().or(typed)
}
