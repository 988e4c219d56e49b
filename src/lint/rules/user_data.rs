//! Whether shared state is of users, and not of the program.

use super::carried::carries_content;
use super::fan_out::is_answer;
use super::fan_out::is_worker;
use super::fan_out::sends;
use super::from_client::is_from_client;
use super::keyed_user_registry::is_by_credential;
use super::whose::is_somebody;
use super::whose::is_somebodys;
use crate::lint::facts::Field;
use crate::lint::facts::Flow;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::CALLERS;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_user_data;
use crate::lint::resolve::words;

/// Whether it is certain that all requests share it: many types have a list inside for their own work.
pub(super) fn is_of_app(kind: &SharedKind) -> bool {
    match kind {
        SharedKind::Field { by, .. } => by != CALLERS,
        _ => true,
    }
}

/// Whether requests put entries in and look entries up, by keys or with values that a client has sent.
fn is_kept_for_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let (mut is_filled, mut is_asked, mut is_sent) = (false, false, false);
    for (id, access) in workspace.accesses_to(shared) {
        if workspace.reach.is_reached(id) {
            let fills = access.value.is_some() || access.method.starts_with("entry");
            let asks = !fills || access.method.contains("get_");
            is_filled |= fills;
            is_asked |= asks && access.key.is_some();
            let mut given = access.key.iter().chain(&access.value);
            is_sent |= given.any(|flow| is_from_client(workspace, id, flow));
        }
    }
    is_filled && is_asked && is_sent
}

/// Whether entries are made where they are asked for and not found: what the key stands for, whoever asks.
pub(super) fn is_cache(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let accesses: Vec<_> = workspace.accesses_to(shared).collect();
    let mut fills = accesses.iter().filter(|(_, access)| access.value.is_some()).peekable();
    let is_asked_in = |id: usize, by: &Flow| {
        accesses.iter().any(|(other, access)| {
            let key = access.key.as_ref().and_then(|key| key.names.first());
            *other == id && access.method.starts_with("get") && key == by.names.first()
        })
    };
    fills.peek().is_some()
        && fills.all(|(id, access)| access.key.as_ref().is_some_and(|by| is_asked_in(*id, by)))
}

/// Whether a map is from numbers to texts: names that the program has given numbers.
fn is_number_of_name(key: &Ty, value: &Ty) -> bool {
    is_plain(key) && matches!(&*value.name, "String" | "str")
}

/// Whether a map with such keys and values keeps what users have.
pub(super) fn holds_user_data(
    workspace: &Workspace<'_>,
    shared: &Shared<'_>,
    key: &Ty,
    value: &Ty,
) -> bool {
    let (at, value) = workspace.expanded(shared.file, value);
    let is_connection =
        sends(workspace, at, &value) && !is_worker(shared.name) && !is_answer(&value);
    let is_address = matches!(&*key.name, "IpAddr" | "SocketAddr") && !is_connection;
    if is_plain(&value) || key.is_unit() || is_address || key.name == "TypeId" {
        return false;
    }
    let is_code = value.any(|ty| matches!(&*ty.name, "fn" | "FnMut" | "Fn" | "FnOnce"));
    if is_code || is_lock_only(&value) {
        return false;
    }
    let is_by_credential = is_by_credential(workspace, shared);
    let carries = carries_content(workspace, at, &value);
    if carries
        && !is_set(key)
        && !is_by_credential
        && !is_number_of_name(key, &value)
        && is_kept_for_requests(workspace, shared)
        && !is_cache(workspace, shared)
    {
        return true;
    }
    let is_of_somebody = !is_set(key)
        && (is_somebodys(workspace, at, &value)
            || key.any(|ty| is_somebody(workspace, shared.file, ty)));
    // An index from IDs to IDs says nothing; what a credential leads to, who somebody is.
    let says_who = is_of_somebody && is_by_credential;
    if !says_who && says_nothing(workspace, at, &value) {
        return false;
    }
    says_users(workspace, shared, key, &value)
        || (is_of_somebody || is_connection) && is_accessed_by_requests(workspace, shared)
}

/// Whether a name says that users have it.
fn says_users(workspace: &Workspace<'_>, shared: &Shared<'_>, key: &Ty, value: &Ty) -> bool {
    let is_of = |name: &str| is_user_data(name, &workspace.settings.user_data);
    // Where it is kept, and not what, where it has no name of its own.
    let kept_in = match &shared.kind {
        SharedKind::Field { of, .. } if is_any(shared.name) => {
            of.trim_start_matches("In").trim_start_matches("Memory")
        }
        _ => shared.name,
    };
    is_of(shared.name) || is_of(kept_in) || is_of(&key.name) || value.any(|ty| is_of(&ty.name))
}

/// Types inside types that are followed.
const MAX_TYPES: u8 = 6;

/// Whether a value is of numbers, flags, IDs and handles alone.
pub(super) fn says_nothing(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    says_nothing_inside(workspace, file, ty, MAX_TYPES)
}

fn says_nothing_inside(workspace: &Workspace<'_>, file: usize, ty: &Ty, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let (file, ty) = workspace.expanded(file, ty);
    if is_answer(&ty) || is_plain(&ty) && ty.name != "()" {
        return true;
    }
    let is_id = words(&ty.name).last().is_some_and(|last| last == "id");
    if is_id && ty.args.is_empty() {
        return true;
    }
    if let Some((at, decl)) = workspace.type_named(file, &ty) {
        let says = |field: &Field| !says_nothing_inside(workspace, at, &field.ty, depth);
        return match &decl.shape {
            Shape::Struct(fields) => !fields.is_empty() && !fields.iter().any(says),
            _ => false,
        };
    }
    matches!(&*ty.name, "()" | "Option" | "Arc" | "Box" | "Mutex" | "RwLock")
        && ty.args.iter().all(|arg| says_nothing_inside(workspace, file, arg, depth))
}

/// Whether a field's name says nothing of what is in it.
fn is_any(name: &str) -> bool {
    matches!(
        name,
        "0" | "inner" | "map" | "data" | "entries" | "items" | "cache" | "store" | "storage"
    )
}

/// Whether it is a list or a set, which is asked for by no key.
pub(super) fn is_set(key: &Ty) -> bool {
    key.name == "_"
}

/// Whether a request gets to it.
fn is_accessed_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    workspace.accesses_to(shared).any(|(id, _)| workspace.reach.is_reached(id))
}

/// Locks by key hold nothing themselves.
fn is_lock_only(value: &Ty) -> bool {
    matches!(&*value.name, "Arc" | "Mutex" | "RwLock" | "Semaphore" | "Notify" | "OnceCell")
        && value.args.iter().all(|arg| arg.is_unit() || is_lock_only(arg))
}
