//! A cache that is filled by hand, by a key that leaves an identity out.

use super::Found;
use super::found::proof;
use super::loader_key_misses_identity::is_service;
use super::loader_key_misses_identity::missing_identity;
use crate::lint::facts::Flow;
use crate::lint::facts::Header;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;
use crate::lint::resolve::is_request;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        found.extend(key_of_address(workspace, id, function));
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
            let place = &insert.place;
            let missing = missing_identity(workspace, function, Some(key), value, place)
                .or_else(|| holder_of_identity(workspace, function, key, value));
            let Some(missing) = missing else { continue };
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

/// A parameter that holds an identity among other fields, and that `value` is made of and `key` is not.
fn holder_of_identity(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    key: &Flow,
    value: &Flow,
) -> Option<String> {
    let more = &workspace.settings.identity;
    if key.names.iter().any(|name| is_identity(name, more)) {
        return None;
    }
    let holds = |ty: &Ty| {
        workspace.type_named(function.file, ty).is_some_and(|(_, decl)| {
            matches!(&decl.shape, Shape::Struct(fields)
                if fields.iter().any(|field| is_identity(&field.name, more) && !is_service(&field.ty)))
        })
    };
    let params = function.facts.params.iter();
    let mut params = params.filter(|param| !is_service(&param.ty) && param.ty.any(holds));
    params.find_map(|param| {
        let name = param.names.iter().find(|name| value.has(name))?;
        (!key.has(name)).then(|| name.clone())
    })
}

/// A function that makes the key of a cache of a request, and of no more than what is asked for.
fn key_of_address(workspace: &Workspace<'_>, id: usize, function: &Function<'_>) -> Option<Found> {
    const ADDRESS: &[&str] = &["uri", "url", "path", "path_and_query", "method"];
    // Calls that add nothing to what they are given.
    const PLAIN: &[&str] = &[
        "query",
        "as_str",
        "as_bytes",
        "as_ref",
        "to_string",
        "to_owned",
        "to_vec",
        "clone",
        "into",
        "into_bytes",
        "new",
        "from",
        "default",
        "unwrap_or",
        "unwrap_or_default",
        "map",
        "hash",
        "finish",
        "finalize",
        "update",
        "Ok",
        "Some",
        "String",
        "Vec",
    ];
    let key = function.facts.key.as_ref()?;
    let is_known =
        |call: &String| ADDRESS.contains(&&**call) || PLAIN.contains(&&**call) || is_type(call);
    let param = function.facts.params.iter().find(|param| {
        let name = &*param.ty.name;
        is_request(name) || name == "RequestHeader" || is_parts(workspace, function.file, name)
    })?;
    let names: Vec<_> = key.names.iter().filter(|name| !param.names.contains(name)).collect();
    let mut said = key.calls.iter().chain(names.iter().copied());
    let is_address = said.any(|name| ADDRESS.contains(&&**name));
    if !is_address
        || !key.calls.iter().all(is_known)
        || !names.iter().all(|name| is_known(name))
        || !param.names.iter().any(|name| key.has(name))
        || !(has_place_for_identity(workspace, function) || is_for_somebody(workspace, id))
    {
        return None;
    }
    let name = &function.facts.name;
    Some(Found {
        file: function.file,
        span: function.facts.span,
        message: format!("the cache key that `{name}` makes of a request is its address alone"),
        label: "whoever asks for the same is given the same".to_owned(),
        others: vec![(
            function.file,
            param.span,
            "who asks, and of which host, is here too".to_owned(),
        )],
        item: workspace.path_of(function),
        key: "address".to_owned(),
        story: "A's answer is kept under what A asked for; B asks for the same and is given it"
            .to_owned(),
        mend:
            "put the host and the verified identity into the key, or keep answers for one user in \
               `PerUser<..>`"
                .to_owned(),
        proof: proof("TestRequest::get(\"/the-same-for-all\")"),
    })
}

/// Whether the type of the key that a function makes has a field for an identity.
fn has_place_for_identity(workspace: &Workspace<'_>, function: &Function<'_>) -> bool {
    let more = &workspace.settings.identity;
    let own = function.member_of().map(Ty::named);
    let has_one = |ty: &Ty| {
        workspace.type_named(function.file, ty).is_some_and(|(_, decl)| {
            matches!(&decl.shape, Shape::Struct(fields)
                if fields.iter().any(|field| is_identity(&field.name, more)))
        })
    };
    own.as_ref().is_some_and(has_one)
        || function.facts.output.as_ref().is_some_and(|output| output.any(has_one))
}

/// Whether a function that knows who asks calls this one: what is public is the same for all.
fn is_for_somebody(workspace: &Workspace<'_>, id: usize) -> bool {
    let more = &workspace.settings.identity;
    let name = &workspace.functions[id].facts.name;
    let is_one = |name: &String| is_identity(name, more);
    let knows_who = |function: &Function<'_>| {
        let params = function.facts.params.iter().filter(|param| !is_service(&param.ty));
        let mut bound = params.chain(&function.facts.callers);
        let is_credential = |header: &Header| {
            let words = words(workspace.text_of_name(function.file, &header.name));
            words.iter().any(|word| matches!(&**word, "authorization" | "cookie"))
        };
        bound.any(|param| param.names.iter().any(is_one) || param.ty.any(|ty| is_one(&ty.name)))
            || function.facts.headers.iter().any(is_credential)
    };
    workspace.functions.iter().enumerate().any(|(from, function)| {
        let mut calls = function.facts.calls.iter().filter(|call| call.name == *name);
        calls.any(|call| workspace.targets(from, call).contains(&id)) && knows_who(function)
    })
}

/// Whether a name is that which a package gives to `http::request::Parts`.
fn is_parts(workspace: &Workspace<'_>, file: usize, name: &str) -> bool {
    let package = workspace.files[file].package;
    let files = workspace.files.iter().filter(|file| file.package == package);
    let mut imports = files.flat_map(|file| &file.facts.scopes).flat_map(|scope| &scope.imports);
    imports.any(|import| import.name == name && import.path == "http::request::Parts")
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase())
}
