//! Keys that any client can choose.

use super::Found;
use super::found::proof;
use crate::lint::facts::Flow;
use crate::lint::facts::Ty;
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
            // A function that gives it to all is told of once.
            let is_told =
                access.key.as_ref().is_some_and(|key| key.header.is_none()) && says_who(header);
            if !matches!(shared.container, Container::Map { .. }) || is_harmless(header) || is_told
            {
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
    givers(workspace, found);
}

/// Functions that take who asks, or for whom, from a header that anybody may set.
fn givers(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let Some(header) = function.facts.header.as_deref() else { continue };
        let gives_text = function.facts.output.as_ref().is_some_and(|output| {
            let is_text = |ty: &Ty| matches!(&*ty.name, "String" | "str" | "Uuid" | "HeaderValue");
            output.any(is_text) && !output.any(|ty| ty.name == "HeaderMap")
        });
        if !says_who(header) || is_harmless(header) || !gives_text {
            continue;
        }
        let name = &function.facts.name;
        let asks = |from: usize| {
            let mut calls = workspace.functions[from].facts.calls.iter();
            calls.any(|call| call.name == *name && workspace.targets(from, call) == [id])
        };
        let handler = (0..workspace.functions.len())
            .find(|from| workspace.reach.is_entry(*from) && asks(*from));
        let Some(handler) = handler else { continue };
        let handler = &workspace.functions[handler];
        found.push(Found {
            file: function.file,
            span: function.facts.span,
            message: format!("`{name}` gives the header `{header}`, which any client may set"),
            label: "whoever sends the same header is taken for the same".to_owned(),
            others: vec![(
                handler.file,
                handler.facts.span,
                format!("`{}` goes by it", handler.facts.name),
            )],
            item: workspace.path_of(function),
            key: format!("gives {header}"),
            story: "A's data is found by the header that A sent; B sends the same and is given it"
                .to_owned(),
            mend: "take it from the verified identity, or compare it with that: \
                   `RequestContext::current().require_user()`"
                .to_owned(),
            proof: proof("TestRequest::get(\"/\").header(\"..\", \"the-same-for-all\")"),
        });
    }
}

/// Whether a header says who asks, or for whom.
fn says_who(header: &str) -> bool {
    const WHO: &[&str] =
        &["tenant", "user", "uid", "org", "organization", "account", "customer", "workspace"];
    words(header).iter().any(|word| WHO.contains(&&**word))
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
