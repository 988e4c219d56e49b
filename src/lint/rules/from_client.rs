//! What of a function's parameters a client has sent.

use crate::lint::facts::Flow;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;

/// Whether a value is made of what a client has sent: of what a function was handed, or given under the same
/// name by one that was.
pub(super) fn is_from_client(workspace: &Workspace<'_>, id: usize, value: &Flow) -> bool {
    workspace.reach.is_entry(id) && sent_to(workspace, id).any(|name| value.has(name))
        || !senders_of(workspace, id, value).is_empty()
}

/// The functions that requests are handed to, and that hand on what a value in `id` is made of under the
/// name that the client's part has.
pub(super) fn senders_of(workspace: &Workspace<'_>, id: usize, value: &Flow) -> Vec<usize> {
    let params = workspace.functions[id].facts.params.iter().flat_map(|param| &param.names);
    let given: Vec<_> = params.filter(|name| value.has(name)).collect();
    let entries = workspace.reach.entries_to(id).iter().copied();
    let sends = |entry: &usize| {
        sent_to(workspace, *entry).any(|sent| given.contains(&sent))
            || is_passed(workspace, *entry, id, &given)
    };
    entries.filter(sends).collect()
}

/// Whether `entry` passes what a client has sent to the function `id`, as one of the parameters `given`.
fn is_passed(workspace: &Workspace<'_>, entry: usize, id: usize, given: &[&String]) -> bool {
    let (from, to) = (workspace.functions[entry].facts, workspace.functions[id].facts);
    from.passed.iter().any(|passed| {
        let sent = from.params.get(usize::from(passed.origin.param));
        let param = passed.param_of(to).and_then(|at| to.params.get(usize::from(at)));
        passed.call.name == to.name
            && sent.is_some_and(|sent| is_of_client(&sent.ty))
            && param.is_some_and(|param| param.names.iter().any(|name| given.contains(&name)))
    })
}

/// The names of what a client has sent, in a function that requests are handed to.
fn sent_to<'a>(workspace: &Workspace<'a>, id: usize) -> impl Iterator<Item = &'a String> + use<'a> {
    let facts = workspace.functions[id].facts;
    // What only answers like a handler may be given anything.
    let is_handler = workspace.reach.is_of_router(id)
        || !facts.attributes.is_empty()
        || facts.member_of.is_some();
    let is_sent = move |ty: &Ty| is_of_client(ty) || is_handler && is_plain_part(ty);
    facts.params.iter().filter(move |param| is_sent(&param.ty)).flat_map(|param| &param.names)
}

/// Whether a framework makes a value of the type of a part of the request: of its path, query or body.
fn is_of_client(ty: &Ty) -> bool {
    match &*ty.name {
        "Path" | "Query" | "Json" | "Parameters" | "Form" | "Multipart" => true,
        "Request" => !ty.args.is_empty(),
        _ => false,
    }
}

/// Whether a type without an extractor stands for a part of the request in a handler's parameters.
fn is_plain_part(ty: &Ty) -> bool {
    match &*ty.name {
        "Option" | "Vec" => ty.args.iter().all(is_plain_part),
        "String" | "str" | "Uuid" | "ID" | "u32" | "u64" | "i32" | "i64" | "usize" => true,
        _ => false,
    }
}
