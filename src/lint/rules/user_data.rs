//! Whether shared state is of users, and not of the program.

use super::entry_without_owner::is_of_nobody;
use super::fan_out::is_answer;
use super::fan_out::is_worker;
use super::fan_out::sends;
use super::from_client::is_from_client;
use super::keyed_user_registry::is_by_credential;
use super::last_value_slot::is_brought;
use super::whose::is_somebody;
use super::whose::is_somebodys;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::CALLERS;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_sender;
use crate::lint::resolve::is_user_data;
use crate::lint::resolve::words;

/// Whether it is certain that all requests share it: many types have a list inside for their own work.
pub(super) fn is_of_app(kind: &SharedKind) -> bool {
    match kind {
        SharedKind::Field { by, .. } => by != CALLERS,
        _ => true,
    }
}

/// Whether requests put in what they bring, and requests look at it.
fn is_fed_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let (mut is_written, mut is_read) = (false, false);
    for (id, access) in workspace.accesses_to(shared) {
        if !workspace.reach.is_reached(id) {
            continue;
        }
        match &access.value {
            Some(value) => {
                is_written |= access.key.is_some() && is_from_client(workspace, id, value);
            }
            None => is_read |= access.key.is_some(),
        }
    }
    is_written && is_read
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
    let more = &workspace.settings.user_data;
    if is_public(shared.name) || is_public(&value.name) {
        return false;
    }
    let is_of_somebody = !is_set(key)
        && (is_somebodys(workspace, at, &value)
            || key.any(|ty| is_somebody(workspace, shared.file, ty)));
    // An index from IDs to IDs says nothing; what a credential leads to, who somebody is.
    let says_who = is_of_somebody && is_by_credential(workspace, shared);
    if !says_who && says_nothing(workspace, at, &value, MAX_TYPES) {
        return false;
    }
    let mut said = vec![shared.name, &*key.name];
    if let SharedKind::Field { of, .. } = &shared.kind
        && is_any(shared.name)
    {
        // Where it is kept, and not what.
        said.push(of.trim_start_matches("In").trim_start_matches("Memory"));
    }
    let mut types = Vec::new();
    value.walk(&mut |ty| types.push(ty.name.clone()));
    said.extend(types.iter().map(String::as_str));
    let is_of = |name: &str| is_user_data(name, more) && !is_public(name);
    let is_data = said.iter().any(|name| is_of(name) && !is_work(name))
        || is_of_app(&shared.kind)
            && said.iter().any(|name| is_of(name))
            && is_used_by_requests(workspace, shared)
        || !is_of_nobody(shared.name) && is_fed_by_requests(workspace, shared)
        || is_of_app(&shared.kind) && is_by_whose(workspace, shared)
        || (is_of_somebody || is_connection) && is_accessed_by_requests(workspace, shared);
    let is_code = value.any(|ty| matches!(&*ty.name, "fn" | "FnMut" | "Fn" | "FnOnce"));
    is_data && !is_code && !is_lock_only(&value)
}

/// Whether it is filled and asked by the ID of somebody, or of what somebody says or asks for.
pub(super) fn is_by_whose(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    const WHOSE: &[&str] = &[
        "user",
        "session",
        "account",
        "tenant",
        "customer",
        "member",
        "conversation",
        "chat",
        "channel",
        "thread",
        "room",
        "upload",
        "client",
        "device",
        "connection",
        "conn",
        "player",
        "participant",
        "subscriber",
        "org",
        "organization",
        "organisation",
        "workspace",
    ];
    let is_whose = |name: &str, is_from_client: &dyn Fn() -> bool| match &*words(name) {
        // A bare `channel` may be anything that the program calls so.
        [whose] => WHOSE.contains(&&**whose) && is_from_client(),
        [.., whose, last] => WHOSE.contains(&&**whose) && matches!(&**last, "id" | "key" | "uuid"),
        [] => false,
    };
    let (mut is_filled, mut is_asked) = (false, false);
    for (id, access) in workspace.accesses_to(shared) {
        let Some(key) = &access.key else { continue };
        is_filled |= access.value.is_some() || access.method.starts_with("entry");
        // What it was made of comes after it; a part of a request, after the request.
        let name = key.names.iter().find(|name| !is_brought(name));
        let is_from_client = || is_from_client(workspace, id, key);
        is_asked |= name.is_some_and(|name| is_whose(name, &is_from_client));
    }
    is_filled && is_asked
}

/// Whether its name or its types say that users have it, or requests put in what they bring.
pub(super) fn says_user_data(
    workspace: &Workspace<'_>,
    shared: &Shared<'_>,
    key: &Ty,
    value: &Ty,
) -> bool {
    let more = &workspace.settings.user_data;
    let (file, value) = workspace.expanded(shared.file, value);
    if is_public(shared.name)
        || is_public(&value.name)
        || says_nothing(workspace, file, &value, MAX_TYPES)
    {
        return false;
    }
    let is_of = |name: &str| is_user_data(name, more) && !is_public(name);
    is_of(shared.name)
        || is_of(&key.name)
        || value.any(|ty| is_of(&ty.name))
        || is_by_whose(workspace, shared)
        || workspace.accesses_to(shared).any(|(id, access)| {
            access.value.is_some() && access.key.is_some() && workspace.reach.is_reached(id)
        })
}

/// Types inside types that are followed.
const MAX_TYPES: u8 = 6;

/// Whether a value is of numbers, flags, IDs and handles alone.
fn says_nothing(workspace: &Workspace<'_>, file: usize, ty: &Ty, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let (file, ty) = workspace.expanded(file, ty);
    if is_answer(&ty) || is_plain(&ty) && ty.name != "()" || is_part(workspace, file, &ty) {
        return true;
    }
    let is_id = words(&ty.name).last().is_some_and(|last| last == "id");
    if is_id && ty.args.is_empty() {
        return true;
    }
    if let Some((at, decl)) = workspace.type_named(file, &ty) {
        let says = |field: &Field| !says_nothing(workspace, at, &field.ty, depth);
        return match &decl.shape {
            Shape::Struct(fields) => !fields.is_empty() && !fields.iter().any(says),
            _ => false,
        };
    }
    matches!(&*ty.name, "()" | "Option" | "Arc" | "Box" | "Mutex" | "RwLock")
        && ty.args.iter().all(|arg| says_nothing(workspace, file, arg, depth))
}

/// Whether a value is a part of the program: most of its fields are such parts, or its name says so and
/// they do not say otherwise.
fn is_part(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    const PARTS: &[&str] = &[
        "manager",
        "scheduler",
        "pool",
        "store",
        "registry",
        "service",
        "engine",
        "driver",
        "provider",
        "adapter",
        "runtime",
        "factory",
        "backend",
        "dispatcher",
        "supervisor",
        "config",
    ];
    let is_named = |ty: &Ty| words(&ty.name).last().is_some_and(|last| PARTS.contains(&&**last));
    let has = |field: &&Field| field.ty.any(|ty| is_named(ty) || is_sender(ty));
    match workspace.type_named(file, ty).map(|(_, decl)| &decl.shape) {
        Some(Shape::Struct(fields)) if !fields.is_empty() => {
            let texts = fields.iter().filter(|field| field.ty.any(|ty| ty.name == "String"));
            let is_of_texts = texts.count() * 2 >= fields.len();
            fields.iter().filter(has).count() * 2 > fields.len()
                || is_named(ty) && !is_of_texts && !is_somebodys(workspace, file, ty)
        }
        _ => is_named(ty),
    }
}

/// Whether a field's name says nothing of what is in it.
fn is_any(name: &str) -> bool {
    matches!(
        name,
        "0" | "inner" | "map" | "data" | "entries" | "items" | "cache" | "store" | "storage"
    )
}

/// Whether what a name calls a user's data is as often the program's own: it depends on who uses it.
fn is_work(name: &str) -> bool {
    const WORK: &[&str] = &[
        "conn",
        "connection",
        "connected",
        "peer",
        "socket",
        "ws",
        "websocket",
        "job",
        "task",
        "client",
        "subscription",
        "subscriber",
        "pending",
        "run",
        "execution",
        "upload",
        "thread",
        "bot",
        "setting",
        "notification",
        "history",
        "histories",
        "permission",
        "grant",
        "order",
        "transfer",
        "tunnel",
        "relay",
        "auth",
        "team",
        "org",
        "organization",
        "workspace",
        "verification",
        "device",
        "room",
        "flow",
        "draft",
        "memory",
        "memories",
        "profile",
        "message",
        "msg",
    ];
    let words = words(name);
    let is_work = |word: &str| WORK.contains(&word) || WORK.contains(&word.trim_end_matches('s'));
    words.iter().any(|word| is_work(word))
        && words.iter().all(|word| is_work(word) || !is_user_data(word, &[]))
}

/// Whether it is a list or a set, which is asked for by no key.
pub(super) fn is_set(key: &Ty) -> bool {
    key.name == "_"
}

/// Whether a request gets to it.
fn is_accessed_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    workspace.accesses_to(shared).any(|(id, _)| workspace.reach.is_reached(id))
}

/// Whether requests change it, and look things up in it.
fn is_used_by_requests(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let (mut is_written, mut is_read) = (false, false);
    for (id, access) in workspace.accesses_to(shared) {
        if workspace.reach.is_reached(id) {
            let is_write = access.value.is_some() || access.method == "entry";
            is_written |= is_write;
            is_read |= !is_write && access.key.is_some();
        }
    }
    is_written && is_read
}

/// Whether a name is that of what belongs to nobody, or of who may what, which the operator says.
fn is_public(name: &str) -> bool {
    let words = words(name);
    let may = |word: &String| matches!(&**word, "admin" | "authorized" | "allowed" | "blocked");
    let is_whom =
        |word: &String| matches!(&**word, "users" | "chats" | "members" | "accounts" | "ids");
    words.iter().any(|word| PUBLIC.contains(&&**word))
        || words.windows(2).any(|pair| may(&pair[0]) && is_whom(&pair[1]))
}

/// Words of what belongs to nobody, whatever else the name says.
const PUBLIC: &[&str] = &[
    "config",
    "definition",
    "definitions",
    "type",
    "types",
    "default",
    "defaults",
    "allowlist",
    "blocklist",
    "aliases",
    "snapshot",
    "snapshots",
    "schema",
    "template",
    "metrics",
    "regex",
    "limiter",
    "health",
    "stats",
    "jwks",
    "keys",
    "factory",
    "providers",
    "router",
    "routers",
    "feature",
    "flags",
    "ratelimit",
    "ratelimits",
    "limits",
    "throttle",
];

/// Locks by key hold nothing themselves.
fn is_lock_only(value: &Ty) -> bool {
    matches!(&*value.name, "Arc" | "Mutex" | "RwLock" | "Semaphore" | "Notify" | "OnceCell")
        && value.args.iter().all(|arg| arg.is_unit() || is_lock_only(arg))
}
