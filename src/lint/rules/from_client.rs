//! What of a function's parameters a client has sent.

use crate::lint::facts::Flow;
use crate::lint::facts::Param;
use crate::lint::resolve::Workspace;

/// Whether a value is made of what a client has sent: of what a function was handed, or given under the same
/// name by one that was.
pub(super) fn is_from_client(workspace: &Workspace<'_>, id: usize, value: &Flow) -> bool {
    let of_client = |id: usize| {
        let params = workspace.functions[id].facts.params.iter().filter(is_of_client);
        params.flat_map(|param| &param.names)
    };
    if workspace.reach.is_entry(id) {
        return of_client(id).any(|name| value.has(name));
    }
    let entries = workspace.reach.entries_to(id);
    let params = workspace.functions[id].facts.params.iter().flat_map(|param| &param.names);
    let mut given = params.filter(|name| value.has(name));
    given.any(|name| entries.iter().any(|entry| of_client(*entry).any(|sent| sent == name)))
}

fn is_of_client(param: &&Param) -> bool {
    matches!(&*param.ty.name, "Path" | "Query" | "Json" | "Parameters" | "Form" | "Multipart")
}
