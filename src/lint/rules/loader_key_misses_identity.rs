//! Loaders of caches that use an identity which the key leaves out.

use super::Found;
use super::found::proof;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_identity;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        for access in &function.facts.accesses {
            if is_loader(&access.method)
                && let Some(finding) = check_loader(workspace, id, access)
            {
                found.push(finding);
            }
        }
        check_memoized(workspace, function, found);
    }
}

fn is_loader(method: &str) -> bool {
    matches!(method, "or_insert_with" | "or_try_insert_with")
        || method.contains("get_with")
        || method.starts_with("get_or_")
}

fn check_loader(workspace: &Workspace<'_>, id: usize, access: &Access) -> Option<Found> {
    let function = &workspace.functions[id];
    let loader = access.value.as_ref()?;
    let shared = workspace.shared_at(id, &access.place);
    let is_init = access.key.is_none();
    let is_shared = match shared {
        Some(shared) if is_init => shared.kind == SharedKind::Static,
        Some(shared) => matches!(shared.container, Container::Map { .. }),
        // A cache's own methods tell what it is, wherever it comes from.
        None => !is_init && !access.method.starts_with("or_") && access.place.names.len() > 1,
    };
    if !is_shared || !loader.is_work {
        return None;
    }
    let missing = missing_identity(workspace, function, access.key.as_ref(), loader, access)?;
    let place = access.place.text();
    let mut others = Vec::new();
    if let Some(shared) = shared {
        others.push((shared.file, shared.span, "shared by all requests".to_owned()));
    }
    if let Some(param) = function.facts.params.iter().find(|param| param.names.contains(&missing)) {
        others.push((function.file, param.span, "what is loaded depends on this".to_owned()));
    }
    let keyed = if is_init { "there is no key at all" } else { "the key does not cover it" };
    Some(Found {
        file: function.file,
        span: access.span,
        message: format!("the loader of `{place}` uses `{missing}`, and {keyed}"),
        label: format!("runs for the first `{missing}` only"),
        others,
        item: workspace.path_of(function),
        key: format!("{place}.{} {missing}", access.method),
        story: format!(
            "A loads it with A's `{missing}`; B asks by the same key and is given what was A's to see"
        ),
        mend: format!("put `{missing}` into the key, or keep one cache per user: `PerUser<..>`"),
        proof: proof("TestRequest::get(\"/the-same-for-all\")"),
    })
}

/// An identity in `value`, from outside the function, that `key` leaves out.
pub(super) fn missing_identity(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    key: Option<&Flow>,
    value: &Flow,
    access: &Access,
) -> Option<String> {
    let more = &workspace.settings.identity;
    let covers = |name: &String| is_identity(name, more);
    // A key that has some identity covers those that hang on it.
    if key.is_some_and(|key| key.names.iter().any(covers))
        || access.place.picked_by.iter().any(covers)
    {
        return None;
    }
    if access.place.names.iter().any(covers) {
        return None;
    }
    let params = function.facts.params.iter().filter(|param| {
        !matches!(&*param.ty.name, "State" | "Data" | "Extension")
            && !param.ty.name.ends_with("Pool")
    });
    let mut names = params.flat_map(|param| param.names.iter().map(move |name| (name, &param.ty)));
    let missing = names.find(|(name, ty)| {
        let is_one =
            is_identity(name, more) || is_identity(&ty.name, more) && !is_service_name(&ty.name);
        is_one && value.has(name) && !key.is_some_and(|key| key.has(name))
    });
    missing.map(|(name, _)| name.clone())
}

fn is_service_name(ty: &str) -> bool {
    ["Service", "Store", "Manager", "Client", "Repository", "Config", "Provider"]
        .iter()
        .any(|end| ty.ends_with(end))
}

/// `#[cached]` and its kin with a key of their own, or with none.
fn check_memoized(workspace: &Workspace<'_>, function: &Function<'_>, found: &mut Vec<Found>) {
    let more = &workspace.settings.identity;
    for attribute in &function.facts.attributes {
        let name = attribute.path.rsplit("::").next().unwrap_or_default();
        if !matches!(name, "cached" | "io_cached" | "once" | "memoize") {
            continue;
        }
        let args = &attribute.args;
        let convert = args
            .split_once("convert")
            .map(|(_, convert)| convert.split(", ty").next().unwrap_or(convert));
        let has_key = name != "once" && convert.is_none();
        let missing = function.facts.params.iter().find(|param| {
            let is_one = param.names.iter().any(|name| is_identity(name, more))
                || is_identity(&param.ty.name, more);
            let is_in_key = convert.is_some_and(|convert| {
                param.names.iter().any(|name| {
                    convert
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|word| word == name)
                })
            });
            is_one && !has_key && !is_in_key
        });
        let Some(missing) =
            missing.and_then(|param| param.names.first().map(|name| (name, param.span)))
        else {
            continue;
        };
        let (missing, span) = missing;
        found.push(Found {
            file: function.file,
            span: attribute.span,
            message: format!(
                "what `{}` gives depends on `{missing}`, and its cache does not",
                function.facts.name
            ),
            label: "kept for all requests".to_owned(),
            others: vec![(function.file, span, "what is kept depends on this".to_owned())],
            item: workspace.path_of(function),
            key: format!("{name} {missing}"),
            story: format!(
                "A calls it with A's `{missing}`; B calls it and is given what was kept for A"
            ),
            mend: format!("put `{missing}` into the key (`convert`), or do not keep it"),
            proof: proof("TestRequest::get(\"/the-same-for-all\")"),
        });
    }
}
