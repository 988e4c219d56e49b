//! Maps of users' data that all requests reach.

use super::Found;
use super::entry_without_owner::askers;
use super::fan_out::is_fan_out;
use super::found::proof;
use super::loader_key_misses_identity::is_service;
use super::user_data::holds_user_data;
use super::user_data::is_of_app;
use super::user_data::is_set;
use crate::lint::facts::Flow;
use crate::lint::facts::Param;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::is_swap;
use crate::lint::resolve::is_user_data;
use crate::lint::resolve::words;
use std::collections::HashMap;
use std::collections::HashSet;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    let mut seen = HashSet::new();
    let handed_on = handed_on(workspace);
    for (at, shared) in workspace.shared.iter().enumerate() {
        let Some((key, value)) = entries(shared) else { continue };
        let (key, value) = (&key, &value);
        if handed_on.get(&at).is_some_and(|first| *first != at) {
            continue;
        }
        if is_fan_out(workspace, shared)
            || !holds_user_data(workspace, shared, key, value)
            || is_by_caller(workspace, shared)
            || !askers(workspace, shared).is_empty()
            || is_set(key) && is_by_credential(workspace, shared)
            || !seen.insert(shared.declared())
        {
            continue;
        }
        let what = match &shared.kind {
            SharedKind::Field { of, .. } => format!("`{of}::{}`", shared.name),
            _ => format!("`{}`", shared.name),
        };
        // What is in a list or a set is found by no key.
        let (by, asks) = if is_set(key) {
            (String::new(), "for an entry".to_owned())
        } else {
            (format!(" by `{key}`"), format!("by a `{key}`"))
        };
        let (file, span) = shared.declared();
        found.push(Found {
            file,
            span,
            message: format!("{what} keeps `{value}` of users{by} where all requests reach it"),
            label: shared.by_whom(),
            others: shared.hidden_in().into_iter().chain(users(workspace, shared)).collect(),
            item: shared.path.clone(),
            key: shared.ty.to_string(),
            story: format!("B asks {asks} that is A's, guessed, reused or left over, and is given A's entry"),
            mend: "`PerSession<T>` or `PerUser<T>` look the entry up by the current context; `Owned<T>` as value \
                   checks whose it is at each access"
                .to_owned(),
            proof: proof("TestRequest::get(\"/by-the-id-of-the-other\")"),
        });
    }
    memoized(workspace, found);
}

/// Where one `Arc` of a map is a field of several structs of the app: for each of these fields the one that
/// stands in the struct which holds most.
fn handed_on(workspace: &Workspace<'_>) -> HashMap<usize, usize> {
    let mut fields: HashMap<_, Vec<(usize, &str)>> = HashMap::new();
    let mut held: HashMap<&str, usize> = HashMap::new();
    for (at, shared) in workspace.shared.iter().enumerate() {
        if let SharedKind::Field { of, root: None, .. } = &shared.kind
            && shared.container != Container::Other
        {
            *held.entry(of).or_default() += 1;
            if workspace.expanded(shared.file, &shared.ty).1.name == "Arc" {
                let same = fields.entry((shared.name, shared.ty.to_string())).or_default();
                same.push((at, of));
            }
        }
    }
    let first = |same: &Vec<(usize, &str)>| {
        same.iter().rev().max_by_key(|(_, of)| held[of]).map(|(at, _)| *at)
    };
    let firsts = fields.values().filter_map(|same| Some((first(same)?, same)));
    firsts.flat_map(|(first, same)| same.iter().map(move |(at, _)| (*at, first))).collect()
}

/// The keys and values of a map, a list or a set.
fn entries(shared: &Shared<'_>) -> Option<(Ty, Ty)> {
    // A container for anything is judged by the state that it is the type of.
    if shared.is_generic && matches!(shared.kind, SharedKind::Field { root: None, .. }) {
        return None;
    }
    match &shared.container {
        // What is remembered by the key alone.
        Container::Map { key, value } if value.is_unit() => Some((Ty::named("_"), key.clone())),
        Container::Map { key, value } => Some((key.clone(), value.clone())),
        Container::Slot(ty)
            if is_list(ty) && is_of_app(&shared.kind) && !shared.ty.any(is_swap) =>
        {
            Some((Ty::named("_"), ty.args.first()?.clone()))
        }
        _ => None,
    }
}

fn is_list(ty: &Ty) -> bool {
    matches!(
        &*ty.name,
        "Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "IndexSet" | "DashSet" | "SkipSet" | "Slab"
    )
}

/// Whether it is reported as a registry.
pub(super) fn is_registry(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    entries(shared).is_some_and(|(key, value)| holds_user_data(workspace, shared, &key, &value))
}

/// Functions that keep their results in a static that a macro hides.
fn memoized(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for function in &workspace.functions {
        let kept = function.facts.attributes.iter().find(|attribute| {
            matches!(attribute.path.rsplit("::").next(), Some("cached" | "io_cached" | "memoize"))
        });
        let Some(attribute) = kept else { continue };
        let more = &workspace.settings.user_data;
        let is_of_users = function.facts.params.iter().any(|param| {
            param.names.iter().any(|name| is_user_data(name, more) || is_identity(name, more))
        });
        if is_of_users {
            found.push(Found {
                file: function.file,
                span: attribute.span,
                message: format!("the results of `{}` for one user are kept where all requests reach them", function.facts.name),
                label: "a static map by the arguments".to_owned(),
                others: vec![(function.file, function.facts.span, "of this function".to_owned())],
                item: workspace.path_of(function),
                key: "cached".to_owned(),
                story: "what was kept for A stays after A's logout, and is given to whoever calls with A's arguments"
                    .to_owned(),
                mend: "keep it per user, `PerUser<T>`, which a logout empties".to_owned(),
                proof: proof("TestRequest::get(\"/by-the-id-of-the-other\")"),
            });
        }
    }
}

/// Whether each read is by a credential: who has that may have the entry, and so may the user whose it is.
pub(super) fn is_by_credential(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let is_secret = |name: &String| is_secret(name) || name.contains("hash");
    is_read_by(workspace, shared, |id, key| {
        // What a browser brings back from a redirect says only that it was there.
        let is_state = key.names.first().is_some_and(|name| {
            words(name).iter().any(|word| matches!(&**word, "state" | "nonce" | "csrf"))
        });
        is_of_caller(workspace, id, key) || !is_state && key.names.iter().any(is_secret)
    })
}

/// Whether each read is by the user whom the framework has verified.
fn is_by_caller(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    is_read_by(workspace, shared, |id, key| is_of_caller(workspace, id, key))
}

/// Whether it is read, and each time by such a key.
fn is_read_by(
    workspace: &Workspace<'_>,
    shared: &Shared<'_>,
    is: impl Fn(usize, &Flow) -> bool,
) -> bool {
    let mut is_read = false;
    for (id, access) in workspace.accesses_to(shared) {
        let Some(key) = &access.key else { continue };
        let is_access = access.method.contains("get_with")
            || matches!(
                &*access.method,
                "get" | "get_mut" | "contains_key" | "get_async" | "peek" | "contains" | "remove"
            );
        if is_access && !is(id, key) {
            return false;
        }
        is_read |= is_access;
    }
    is_read
}

/// Whether a key is made of who has sent the request.
fn is_of_caller(workspace: &Workspace<'_>, id: usize, key: &Flow) -> bool {
    let function = workspace.functions[id].facts;
    let verified = function.callers.iter().chain(function.params.iter().filter(is_verified));
    let mut names = verified.flat_map(|param| &param.names);
    names.any(|name| key.has(name))
}

/// Whether a parameter is who the framework says has sent the request.
fn is_verified(param: &&Param) -> bool {
    let name = &*param.ty.name;
    name == "Extension" && !is_service(&param.ty)
        || matches!(
            name,
            "Claims"
                | "AuthUser"
                | "CurrentUser"
                | "AuthenticatedUser"
                | "Identity"
                | "AuthSession"
        )
}

/// Up to two functions that write or read it.
pub(super) fn users(
    workspace: &Workspace<'_>,
    shared: &Shared<'_>,
) -> Vec<(usize, crate::lint::facts::Span, String)> {
    let mut others = Vec::new();
    let (mut has_writer, mut has_reader) = (false, false);
    for (id, access) in workspace.accesses_to(shared) {
        let function = &workspace.functions[id];
        let writes = access.value.is_some();
        let has = if writes { &mut has_writer } else { &mut has_reader };
        if !*has {
            *has = true;
            let verb = if writes { "writes" } else { "reads" };
            others.push((
                function.file,
                access.span,
                format!("`{}` {verb} it", function.facts.name),
            ));
        }
    }
    if others.is_empty() && matches!(shared.kind, SharedKind::Static | SharedKind::ThreadLocal) {
        let used = workspace.users_of(shared.file, shared.name);
        others.extend(used.iter().take(2).map(|(id, span)| {
            let function = &workspace.functions[*id];
            (function.file, *span, format!("`{}` uses it", function.facts.name))
        }));
    }
    others
}
