//! Keys that any client can choose.

use super::Found;
use super::found::proof;
use crate::lint::resolve::Container;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        for access in &function.facts.accesses {
            let Some(header) = access.key.as_ref().and_then(|key| key.header.as_ref()) else {
                continue;
            };
            let Some(shared) = workspace.shared_at(id, &access.place) else { continue };
            if !matches!(shared.container, Container::Map { .. }) || is_harmless(header) {
                continue;
            }
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
