//! One place in which each request leaves what is its own.

use super::Found;
use super::found::proof;
use super::keyed_user_registry::is_registry;
use super::loader_key_misses_identity::is_service;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::facts::Ty;
use crate::lint::resolve::CALLERS;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_sender;
use crate::lint::resolve::is_swap;
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
            let is_entry = workspace.reach.is_entry(id);
            let lent = lent(function, access, shared);
            if !is_for_all(&shared.kind) || lent.is_none() && is_of_program(shared, is_entry) {
                continue;
            }
            let payload = match &shared.container {
                Container::Slot(payload) => payload,
                // Whoever comes first leaves it for all others.
                Container::Other if access.method == "set" && is_entry => {
                    match written_once(&shared.ty) {
                        Some(payload) => payload,
                        None => continue,
                    }
                }
                _ => continue,
            };
            // A list of what users have is a registry, and a set forgets nobody.
            let is_more = access.method.starts_with("push");
            // Nothing is added to what only gives way as a whole: that is done to a copy.
            if is_more && shared.ty.any(is_swap) {
                continue;
            }
            if is_set(payload) || is_more && (!is_entry || is_registry(workspace, shared)) {
                continue;
            }
            let is_last = matches!(shared.kind, SharedKind::Static) && is_last(shared.name);
            let how = How { is_plain: is_plain(payload), is_entry, is_last };
            let from = lent.or_else(|| written_from(workspace, function, access, value, how));
            let Some(from) = from else { continue };
            if payload.any(is_sender) || !seen.insert((shared.file, shared.span)) {
                continue;
            }
            let readers = match shared.kind {
                SharedKind::Field { .. } | SharedKind::Given(_) => Vec::new(),
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

/// What a function leaves in a place until it puts back what was there before, and awaits meanwhile.
fn lent(function: &Function<'_>, access: &Access, shared: &Shared<'_>) -> Option<String> {
    let is_saved = |name: &String| {
        words(name).first().is_some_and(|first| {
            matches!(
                &**first,
                "original" | "orig" | "previous" | "prev" | "old" | "saved" | "prior"
            )
        })
    };
    let is_back = |other: &Access| {
        other.place.names == access.place.names
            && other.span.start > access.span.start
            && other.value.as_ref().is_some_and(|value| {
                value.names.first().is_some_and(is_saved) && value.has(shared.name)
            })
    };
    let from = access.value.as_ref()?.names.first().filter(|name| !is_saved(name))?;
    let is_plain = matches!(&shared.container, Container::Slot(payload) if is_plain(payload));
    let is_lent =
        function.facts.is_async && !is_plain && function.facts.accesses.iter().any(is_back);
    is_lent.then(|| from.clone())
}

/// What a cell that is written once holds.
fn written_once(ty: &Ty) -> Option<&Ty> {
    match &*ty.name {
        "OnceLock" | "OnceCell" | "SetOnce" => ty.args.first(),
        _ => None,
    }
}

/// Whether it is certain that one serves all requests: a type that requests call may be made for each.
fn is_for_all(kind: &SharedKind) -> bool {
    !matches!(kind, SharedKind::Field { by, .. } if by == CALLERS)
}

/// Whether it is what the program runs by, whoever changes it: its settings, its own credentials.
fn is_of_program(shared: &Shared<'_>, by_request: bool) -> bool {
    const PROGRAM: &[&str] = &[
        "config",
        "configuration",
        "settings",
        "options",
        "client",
        "connection",
        "conn",
        "endpoint",
        "provider",
        "model",
        "models",
        "mode",
        "level",
        "flag",
        "flags",
        "status",
        "health",
        "version",
        "schema",
        "pool",
        "limiter",
        "limit",
        "policy",
        "manager",
        "handler",
        "callback",
        "hook",
        "license",
        "warnings",
        "metrics",
        "error",
        "jwks",
        // The account that the program itself runs as.
        "bot",
    ];
    /// What the program has of its own, unless a request hands it over.
    const CREDENTIALS: &[&str] =
        &["credential", "credentials", "token", "tokens", "key", "keys", "secret", "cert", "auth"];
    let mut said = words(shared.name);
    shared.ty.walk(&mut |ty| said.extend(words(&ty.name)));
    let has = |list: &[&str]| said.iter().any(|word| list.contains(&&**word));
    has(PROGRAM) || !by_request && has(CREDENTIALS)
}

fn is_set(ty: &Ty) -> bool {
    matches!(&*ty.name, "HashSet" | "BTreeSet" | "IndexSet" | "DashSet" | "SkipSet")
}

/// Whether a name says that each value takes the place of the one before.
fn is_last(name: &str) -> bool {
    let words = words(name);
    words.first().is_some_and(|first| matches!(&**first, "last" | "latest" | "current"))
}

/// Where a value is written to, and by whom.
#[derive(Clone, Copy)]
struct How {
    is_plain: bool,
    is_entry: bool,
    is_last: bool,
}

/// What of the request a value was made of.
fn written_from(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    access: &Access,
    value: &Flow,
    how: How,
) -> Option<String> {
    let more = &workspace.settings.identity;
    let params = function.facts.params.iter().chain(&function.facts.callers).filter(|param| {
        !matches!(&*param.ty.name, "Data" | "Next" | "Context") && !is_service(&param.ty)
    });
    // What a request is handed to is given what is its own; what that calls, much else.
    let is_of_user = |name: &str| is_identity(name, more) && (how.is_entry || is_person(name));
    // `CurrentUser` is somebody; `SessionLife` is a thing.
    let is_whose = |ty: &Ty| words(&ty.name).last().is_some_and(|last| is_of_user(last));
    let typed = params.clone().find_map(|param| {
        let name = param.names.iter().find(|name| value.has(name))?;
        param.ty.any(is_whose).then(|| name.clone())
    });
    let mut names = params.flat_map(|param| param.names.iter());
    let said = || value.names.iter().chain(&access.place.names);
    let fits = if how.is_plain || !how.is_entry {
        // A number says something of somebody only by its name.
        said().any(|name| is_of_user(name))
    } else {
        said().any(|name| is_of_user(name) || is_user_data(name, more))
    };
    let brings = |name: &String| fits || how.is_last && !how.is_plain && is_brought(name);
    names.find(|name| value.has(name) && brings(name)).cloned().or(typed)
}

/// Whether a name is that of somebody, and not of what somebody may or shows.
fn is_person(name: &str) -> bool {
    const PERSONS: &[&str] = &[
        "user",
        "uid",
        "userid",
        "username",
        "tenant",
        "org",
        "organization",
        "organisation",
        "account",
        "session",
        "principal",
        "subject",
        "caller",
        "claims",
        "customer",
        "viewer",
        "member",
        "requester",
        "patient",
    ];
    words(name).iter().any(|word| PERSONS.contains(&&**word))
}

/// Whether a name is that of what a request says.
pub(super) fn is_brought(name: &str) -> bool {
    words(name).last().is_some_and(|last| {
        matches!(
            &**last,
            "headers"
                | "request"
                | "req"
                | "message"
                | "msg"
                | "prompt"
                | "body"
                | "payload"
                | "input"
                | "query"
        )
    })
}
