//! Entries that whoever knows their ID is given.

use super::Found;
use super::fan_out::is_fan_out;
use super::found::proof;
use super::from_client::is_from_client;
use super::keyed_user_registry::is_by_credential;
use super::user_data::is_by_whose;
use super::user_data::says_user_data;
use crate::lint::facts::Access;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for shared in &workspace.shared {
        if is_fan_out(workspace, shared) {
            continue;
        }
        let Some((id, access)) = ownerless_read(workspace, shared) else { continue };
        if is_by_credential(workspace, shared) {
            continue;
        }
        let function = &workspace.functions[id];
        let Container::Map { key, value } = &shared.container else { continue };
        if !(is_brought_by_requests(workspace, shared) || is_by_whose(workspace, shared))
            || !says_user_data(workspace, shared, key, value)
        {
            continue;
        }
        let (file, span) = shared.declared();
        found.push(Found {
            file,
            span,
            message: format!(
                "the entries of `{}` do not know whose they are, and are read by their ID",
                shared.name
            ),
            label: format!("`{value}` names no owner"),
            others: vec![(
                function.file,
                access.span,
                format!("`{}` reads by an ID from the request", function.facts.name),
            )],
            item: shared.path.clone(),
            key: shared.ty.to_string(),
            story: "B sends the ID of A's entry and is given it: nothing compares the two"
                .to_owned(),
            mend: "keep `Owned<T>` in it: each access checks the current user".to_owned(),
            proof: proof("TestRequest::get(\"/by-the-id-of-the-other\")"),
        });
    }
}

/// A read of `shared` by what a client sent, where its entries name no owner.
pub(super) fn ownerless_read<'w>(
    workspace: &'w Workspace<'_>,
    shared: &'w Shared<'_>,
) -> Option<(usize, &'w Access)> {
    let Container::Map { key, value } = &shared.container else { return None };
    // Who asks an index is given no more than an ID.
    if is_plain(value)
        || matches!(&*value.name, "Uuid" | "Ulid")
        || knows_owner(workspace, shared.file, value)
        || knows_owner(workspace, shared.file, key)
    {
        return None;
    }
    let more = &workspace.settings.identity;
    if is_identity(&key.name, more) || is_of_nobody(shared.name) {
        return None;
    }
    let names_somebody = |access: &Access| {
        let mut names = access.key.iter().flat_map(|key| &key.names);
        names.any(|name| is_identity(name, more))
    };
    reads_by_client(workspace, shared).find(|(_, access)| !names_somebody(access))
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

/// Whether requests put its entries in, as far as the writes are known.
fn is_brought_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let mut is_written = false;
    for (id, access) in workspace.accesses_to(shared) {
        if access.value.is_some() && access.key.is_some() {
            is_written = true;
            if workspace.reach.is_reached(id) {
                return true;
            }
        }
    }
    !is_written
}

/// Whether a name is that of what the program keeps for itself.
pub(super) fn is_of_nobody(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|word| {
        matches!(
            &**word,
            "config"
                | "cache"
                | "schema"
                | "template"
                | "templates"
                | "models"
                | "model"
                | "providers"
                | "plugins"
                | "tools"
                | "routes"
                | "routers"
                | "metrics"
                | "assets"
                | "stats"
                | "services"
                | "backends"
        )
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
