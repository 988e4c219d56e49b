//! Entries that whoever knows their ID is given.

use super::Found;
use super::fan_out::is_fan_out;
use super::found::proof;
use super::from_client::is_from_client;
use super::from_client::senders_of;
use super::keyed_user_registry::is_by_credential;
use super::user_data::is_cache;
use super::user_data::says_nothing;
use crate::lint::facts::Access;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_request;
use std::collections::HashSet;

/// Reads that are marked.
const MAX_READS: usize = 8;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    let mut seen = HashSet::new();
    for shared in &workspace.shared {
        let Container::Map { value, .. } = &shared.container else { continue };
        let askers = askers(workspace, shared);
        if askers.is_empty() || !seen.insert(shared.declared()) {
            continue;
        }
        let (file, span) = shared.declared();
        let others = askers.iter().map(|(asker, span)| {
            let function = &workspace.functions[*asker];
            let name = &function.facts.name;
            (function.file, *span, format!("`{name}` asks by an ID from the request"))
        });
        found.push(Found {
            file,
            span,
            message: format!(
                "the entries of `{}` do not know whose they are, and are read by their ID",
                shared.name
            ),
            label: format!("`{value}` names no owner"),
            others: others.collect(),
            item: shared.path.clone(),
            key: shared.ty.to_string(),
            story: "B sends the ID of A's entry and is given it: nothing compares the two"
                .to_owned(),
            mend: "keep `Owned<T>` in it: each access checks the current user".to_owned(),
            proof: proof("TestRequest::get(\"/by-the-id-of-the-other\")"),
        });
    }
}

/// The handlers that are given entries of `shared` by an ID that the client sent, and that do not know who
/// the client is; and where they ask.
pub(super) fn askers(workspace: &Workspace<'_>, shared: &Shared<'_>) -> Vec<(usize, Span)> {
    let mut askers: Vec<(usize, Span)> = Vec::new();
    for (id, access) in ownerless_reads(workspace, shared) {
        for (asker, span) in asked_at(workspace, id, access) {
            let is_new = askers.iter().all(|(known, _)| *known != asker);
            if is_new && askers.len() < MAX_READS && !knows_caller(workspace, asker) {
                askers.push((asker, span));
            }
        }
    }
    let is_none = askers.is_empty()
        || is_fan_out(workspace, shared)
        || !is_brought_by_requests(workspace, shared)
        || is_by_credential(workspace, shared)
        || is_cache(workspace, shared);
    if is_none { Vec::new() } else { askers }
}

/// Whether something that a handler is given says who sent the request.
fn knows_caller(workspace: &Workspace<'_>, id: usize) -> bool {
    let more = &workspace.settings.identity;
    let facts = workspace.functions[id].facts;
    !facts.callers.is_empty()
        || facts.params.iter().any(|param| {
            param.ty.any(|ty| is_identity(&ty.name, more) || is_request(&ty.name))
                || param.names.iter().any(|name| is_identity(name, more))
        })
}

/// Where requests ask for the entry that an access reads: there, or where they call what reads it.
fn asked_at(workspace: &Workspace<'_>, id: usize, access: &Access) -> Vec<(usize, Span)> {
    if workspace.reach.is_entry(id) {
        return vec![(id, access.span)];
    }
    let Some(key) = &access.key else { return Vec::new() };
    let askers = senders_of(workspace, id, key).into_iter().filter_map(|asker| {
        let mut calls = workspace.functions[asker].facts.calls.iter();
        let call = calls.find(|call| {
            call.name == workspace.functions[id].facts.name && {
                // A name alone, such as `get`, may mean anything.
                let (targets, is_guess) = workspace.targets_and_how(asker, call);
                !is_guess && targets.contains(&id)
            }
        })?;
        Some((asker, call.span))
    });
    askers.collect()
}

/// The reads of `shared` by what a client sent, where its entries name no owner.
fn ownerless_reads<'w>(
    workspace: &'w Workspace<'_>,
    shared: &'w Shared<'_>,
) -> Vec<(usize, &'w Access)> {
    let Container::Map { key, value } = &shared.container else { return Vec::new() };
    let more = &workspace.settings.identity;
    // Who asks an index is given no more than an ID.
    if says_nothing(workspace, shared.file, value)
        || is_plain(value)
        || matches!(&*value.name, "Uuid" | "Ulid")
        || knows_owner(workspace, shared.file, value)
        || knows_owner(workspace, shared.file, key)
        || is_identity(&key.name, more)
    {
        return Vec::new();
    }
    let names_somebody = |access: &Access| {
        let mut names = access.key.iter().flat_map(|key| &key.names);
        names.any(|name| is_identity(name, more))
    };
    let reads = reads_by_client(workspace, shared);
    reads.filter(|(_, access)| !names_somebody(access)).collect()
}

/// Whether a client says which entry it is given.
pub(super) fn is_asked_by_client(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    reads_by_client(workspace, shared).next().is_some()
}

/// The reads by what a client sent.
fn reads_by_client<'w>(
    workspace: &'w Workspace<'_>,
    shared: &'w Shared<'_>,
) -> impl Iterator<Item = (usize, &'w Access)> {
    workspace.accesses_to(shared).filter(|(id, access)| {
        let is_read = matches!(
            &*access.method,
            "get" | "get_mut" | "remove" | "get_async" | "read_async" | "peek"
        );
        let by = access.key.as_ref().filter(|_| is_read && workspace.reach.is_reached(*id));
        by.is_some_and(|key| is_from_client(workspace, *id, key))
    })
}

/// Whether requests put its entries in.
fn is_brought_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    workspace.accesses_to(shared).any(|(id, access)| {
        let fills = access.value.is_some() || access.method.starts_with("entry");
        fills && access.key.is_some() && workspace.reach.is_reached(id)
    })
}

/// Types inside types that are followed.
const MAX_TYPES: u8 = 10;

/// Parts of parts of an entry that are followed.
const MAX_PARTS: u8 = 2;

/// Whether a value has a part that names somebody.
fn knows_owner(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    has_owner(workspace, file, ty, MAX_TYPES)
}

fn has_owner(workspace: &Workspace<'_>, file: usize, ty: &Ty, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let more = &workspace.settings.identity;
    let (file, ty) = workspace.expanded(file, ty);
    if is_identity(&ty.name, more)
        || ty.name == "Owned"
        || ty.name == "PerSession"
        || ty.name == "PerUser"
    {
        return true;
    }
    // What is in a list or map of the entry is not whose the entry is.
    let is_part = |field: &Field| {
        field.ty.args.is_empty() && field.ty.name != ty.name && !is_plain(&field.ty)
    };
    if let Some((at, decl)) = workspace.type_named(file, &ty)
        && let Shape::Struct(fields) | Shape::Enum(fields) = &decl.shape
        && fields.iter().any(|field| {
            is_identity(&field.name, more)
                || is_identity(&field.ty.name, more)
                || is_part(field) && has_owner(workspace, at, &field.ty, depth.min(MAX_PARTS))
        })
    {
        return true;
    }
    ty.args.iter().any(|arg| has_owner(workspace, file, arg, depth))
}
