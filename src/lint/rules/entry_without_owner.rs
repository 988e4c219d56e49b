//! Entries that whoever knows their ID is given.

use super::Found;
use super::fan_out::is_fan_out;
use super::found::proof;
use super::keyed_user_registry::is_by_credential;
use super::user_data::says_user_data;
use crate::lint::facts::Access;
use crate::lint::facts::Param;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_plain;

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
        if !is_brought_by_requests(workspace, shared)
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
    if is_plain(value)
        || knows_owner(workspace, shared.file, value)
        || knows_owner(workspace, shared.file, key)
    {
        return None;
    }
    let more = &workspace.settings.identity;
    if is_identity(&key.name, more) || is_of_nobody(shared.name) {
        return None;
    }
    for (id, access) in
        workspace.accesses_to(shared).filter(|(id, _)| workspace.reach.is_entry(*id))
    {
        let from_client = |param: &&Param| {
            matches!(&*param.ty.name, "Path" | "Query" | "Json" | "Parameters" | "Form")
        };
        let params = workspace.functions[id].facts.params.iter().filter(from_client);
        let mut ids = params.flat_map(|param| &param.names);
        let Some(read_by) = &access.key else { continue };
        let is_read = matches!(
            &*access.method,
            "get" | "get_mut" | "remove" | "get_async" | "read_async" | "peek"
        );
        let names_somebody = read_by.names.iter().any(|name| is_identity(name, more));
        if is_read && !names_somebody && ids.any(|id| read_by.has(id)) {
            return Some((id, access));
        }
    }
    None
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
    let words = crate::lint::resolve::words(name);
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
    if let Some((_, decl)) = workspace.type_named(file, &ty)
        && let Shape::Struct(fields) | Shape::Enum(fields) = &decl.shape
        && fields
            .iter()
            .any(|field| is_identity(&field.name, more) || is_identity(&field.ty.name, more))
    {
        return true;
    }
    ty.args.iter().any(|arg| has_owner(workspace, file, arg, depth))
}
