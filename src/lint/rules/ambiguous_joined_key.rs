//! Keys that are joined so that two different pairs give the same key.

use super::Found;
use super::found::proof;
use crate::lint::resolve::Container;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let mut seen = Vec::new();
        for access in &function.facts.accesses {
            let Some(joined) = access.key.as_ref().and_then(|key| key.ambiguous) else { continue };
            let shared = workspace.shared_at(id, &access.place);
            let is_map =
                shared.is_some_and(|shared| matches!(shared.container, Container::Map { .. }));
            let is_cache =
                access.place.names.iter().any(|name| name.to_lowercase().contains("cache"));
            if !(is_map || is_cache) || seen.contains(&joined) {
                continue;
            }
            seen.push(joined);
            let place = access.place.text();
            let mut others =
                vec![(function.file, joined, "two values with nothing between them".to_owned())];
            if let Some(shared) = shared {
                others.push((shared.file, shared.span, "shared by all requests".to_owned()));
            }
            found.push(Found {
                file: function.file,
                span: access.span,
                message: format!("the key of `{place}` is joined so that two pairs can give the same key"),
                label: "the key is ambiguous".to_owned(),
                others,
                item: workspace.path_of(function),
                key: place,
                story: "`ab` with `c` and `a` with `bc` are one key: B chooses a value that makes it A's".to_owned(),
                mend: "use a tuple `(a, b)` or a struct as the key".to_owned(),
                proof: proof("TestRequest::get(\"/\")  // with \"ab\", \"c\" for one session and \"a\", \"bc\" for the other"),
            });
        }
    }
}
