//! A cache that is filled by hand, by a key that leaves an identity out.

use super::Found;
use super::found::proof;
use super::loader_key_misses_identity::missing_identity;
use crate::lint::resolve::Container;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let accesses = &function.facts.accesses;
        for (at, insert) in accesses.iter().enumerate() {
            let (Some(key), Some(value)) = (&insert.key, &insert.value) else { continue };
            if !matches!(&*insert.method, "insert" | "put" | "cache_set" | "insert_async" | "set") {
                continue;
            }
            let is_same = |place: &crate::lint::facts::Place| place.names == insert.place.names;
            let get = accesses[..at].iter().find(|get| {
                is_same(&get.place)
                    && matches!(
                        &*get.method,
                        "get" | "get_async" | "peek" | "cache_get" | "read_async"
                    )
            });
            let Some(get) = get else { continue };
            let shared = workspace.shared_at(id, &insert.place);
            let is_cache =
                insert.place.names.iter().any(|name| name.to_lowercase().contains("cache"));
            let is_shared =
                shared.is_some_and(|shared| matches!(shared.container, Container::Map { .. }));
            if !(is_shared || is_cache && insert.place.names.len() > 1) {
                continue;
            }
            let Some(missing) =
                missing_identity(workspace, function, Some(key), value, &insert.place)
            else {
                continue;
            };
            // What is asked for by the identity is not given to another, whatever it is kept under.
            let mut names = get.key.iter().flat_map(|key| &key.names);
            if names.any(|name| *name == missing || is_identity(name, &workspace.settings.identity))
            {
                continue;
            }
            let place = insert.place.text();
            let mut others =
                vec![(function.file, get.span, "read by the same key here".to_owned())];
            if let Some(shared) = shared {
                others.push((shared.file, shared.span, "shared by all requests".to_owned()));
            }
            found.push(Found {
                file: function.file,
                span: insert.span,
                message: format!(
                    "what is kept in `{place}` depends on `{missing}`, and its key does not"
                ),
                label: format!("kept for everybody, made for one `{missing}`"),
                others,
                item: workspace.path_of(function),
                key: format!("{place} {missing}"),
                story: format!(
                    "A fills it with A's `{missing}`; B reads by the same key what was made for A"
                ),
                mend: format!(
                    "put `{missing}` into the key, or keep one cache per user: `PerUser<..>`"
                ),
                proof: proof("TestRequest::get(\"/the-same-for-all\")"),
            });
        }
    }
}
