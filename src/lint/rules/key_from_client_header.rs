//! Keys that any client can choose.

use super::Found;
use super::found::proof;
use crate::lint::facts::Flow;
use crate::lint::resolve::Container;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        // One finding for a map: where it is written, or else where it is read.
        let mut seen = Vec::new();
        let accesses = &function.facts.accesses;
        let (writes, reads): (Vec<_>, Vec<_>) =
            accesses.iter().partition(|access| access.value.is_some());
        for access in writes.into_iter().chain(reads) {
            let Some(header) = access.key.as_ref().and_then(|key| header_of(workspace, id, key))
            else {
                continue;
            };
            let Some(shared) = workspace.shared_at(id, &access.place) else { continue };
            if !matches!(shared.container, Container::Map { .. }) || is_harmless(header) {
                continue;
            }
            if seen.contains(&(shared.file, shared.span, header)) {
                continue;
            }
            seen.push((shared.file, shared.span, header));
            let place = access.place.text();
            let mut finding = Found {
                file: function.file,
                span: access.span,
                message: format!(
                    "the key of `{place}` is the header `{header}`, which any client may set"
                ),
                label: "whoever sends the same header reads and writes here".to_owned(),
                others: vec![(shared.file, shared.span, "shared by all requests".to_owned())],
                item: workspace.path_of(function),
                key: format!("{place} {header}"),
                story:
                    "A's entry is under the header that A sent; B sends the same and is given it"
                        .to_owned(),
                mend: "use the verified identity as the key, alone or with the header: \
                       `RequestContext::current().require_user()`"
                    .to_owned(),
                proof: proof("TestRequest::get(\"/\").header(\"..\", \"the-same-for-all\")"),
            };
            finding.reached(workspace, id);
            found.push(finding);
        }
    }
}

/// The header that a key was read from, by the function itself or by one that it calls.
fn header_of<'w>(workspace: &'w Workspace<'_>, id: usize, key: &'w Flow) -> Option<&'w str> {
    if let Some(header) = &key.header {
        return Some(header);
    }
    key.calls.iter().find_map(|call| {
        let targets = workspace.path_targets(id, "", call);
        let first = workspace.functions[*targets.first()?].facts.header.as_deref()?;
        (targets.len() == 1).then_some(first)
    })
}

/// A credential names its holder, and an address is no entry of anybody.
fn is_harmless(header: &str) -> bool {
    let words = words(header);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    has("authorization")
        || has("cookie")
        || has("token")
        || has("session")
        || has("forwarded")
        || has("ip")
        || has("host")
        || has("agent")
        || has("accept")
        || has("content")
        || has("origin")
        || has("etag")
        || has("secret")
        || has("key") && has("api")
        || has("bearer")
        || has("encoding")
        || has("signature")
}
