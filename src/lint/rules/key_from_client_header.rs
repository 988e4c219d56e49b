//! Keys that any client can choose.

use super::Found;
use super::found::proof;
use super::who_from_header;
use super::who_from_header::says_who;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Handed;
use crate::lint::facts::Header;
use crate::lint::facts::Param;
use crate::lint::facts::Place;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        // One finding for a map: where it is written, or else where it is read.
        let mut seen = Vec::new();
        let mut find = |header: &str, span, (place, shared): (&Place, &Shared<'_>)| {
            let at = (shared.file, shared.span, header.to_owned());
            let text = workspace.text_of_name(function.file, header);
            let is_vouched = is_address(text) && asks_for_proxy(function.facts);
            if !is_harmless(text) && !is_vouched && !seen.contains(&at) {
                seen.push(at);
                found.push(finding(workspace, id, header, span, (place, shared)));
            }
        };
        let accesses = &function.facts.accesses;
        let (writes, reads): (Vec<_>, Vec<_>) =
            accesses.iter().partition(|access| access.value.is_some());
        let handed = function.facts.handed.iter().flat_map(|handed| {
            let to = |at| keyed_by(workspace, id, handed, at);
            handed.args.iter().enumerate().filter_map(move |(at, arg)| {
                let header = arg.header.as_ref()?;
                Some((&*header.name, header.span, to(at)?))
            })
        });
        let own = |access| kept_by(workspace, id, access);
        let (writes, reads) = (writes.into_iter(), reads.into_iter());
        let all = writes.filter_map(own).chain(handed).chain(reads.filter_map(own));
        for (header, span, to) in all {
            find(header, span, to);
        }
    }
    limited_by_header(workspace, found);
    who_from_header::check(workspace, found);
}

/// Limits and bans by an address that a client names itself: it is somebody else at each request.
fn limited_by_header(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    let mut seen = Vec::new();
    for (id, function) in workspace.functions.iter().enumerate() {
        let handed = function.facts.handed.iter().filter(|handed| handed.limits);
        for (call, arg) in handed.flat_map(|call| call.args.iter().map(move |arg| (call, arg))) {
            let Some(reader) = reader_of(workspace, id, arg) else { continue };
            let (file, facts) =
                (workspace.functions[reader].file, workspace.functions[reader].facts);
            if asks_for_proxy(facts) || asks_for_proxy(function.facts) {
                continue;
            }
            for header in &facts.headers {
                let text = workspace.text_of_name(file, &header.name);
                if !is_address(text) || seen.contains(&(file, header.span)) {
                    continue;
                }
                seen.push((file, header.span));
                let name = &call.name;
                let mut finding = Found {
                    file,
                    span: header.span,
                    message: format!("`{name}` goes by the header `{text}`, which any client may set"),
                    label: "whoever sends another one is somebody else".to_owned(),
                    others: vec![(function.file, call.span, "limited by it here".to_owned())],
                    item: workspace.path_of(&workspace.functions[reader]),
                    key: format!("{name} {text}"),
                    story: "A sends another address with each request and is never stopped; with B's address, \
                            B is shut out"
                        .to_owned(),
                    mend: "take it from the connection, or from the header only where a proxy that you trust \
                           has set it"
                        .to_owned(),
                    proof: proof("TestRequest::get(\"/\").header(\"..\", \"the-same-for-all\")"),
                };
                finding.reached(workspace, id);
                found.push(finding);
            }
        }
    }
}

/// The function that reads the header which a value was made of: the one that has the value, one that it
/// calls, or that of an extractor.
fn reader_of(workspace: &Workspace<'_>, id: usize, value: &Flow) -> Option<usize> {
    if value.header.is_some() {
        return Some(id);
    }
    let gives = |targets: Vec<usize>| match targets[..] {
        [target] => workspace.functions[target].facts.header.is_some().then_some(target),
        _ => None,
    };
    let by_call = |call: &String| gives(workspace.path_targets(id, "", call));
    let mut params = workspace.functions[id].facts.params.iter();
    value.calls.iter().find_map(by_call).or_else(|| {
        params.find_map(|param| {
            let is_it = param.names.iter().any(|name| value.has(name));
            is_it.then(|| gives(workspace.extraction_of(&param.ty))).flatten()
        })
    })
}

/// A header that a function itself uses as the key of a map, where, and of which.
type Kept<'w> = (&'w str, Span, (&'w Place, &'w Shared<'w>));

fn kept_by<'w>(workspace: &'w Workspace<'_>, id: usize, access: &'w Access) -> Option<Kept<'w>> {
    let key = access.key.as_ref()?;
    let header = &*header_of(workspace, id, key)?.name;
    // A function that gives it to all is told of once.
    let file = workspace.functions[id].file;
    if key.header.is_none() && says_who(workspace.text_of_name(file, header)) {
        return None;
    }
    let shared = workspace.shared_at(id, &access.place)?;
    let is_map = matches!(shared.container, Container::Map { .. });
    is_map.then_some((header, access.span, (&access.place, shared)))
}

/// What a called function keeps by the argument at `at`.
fn keyed_by<'w>(
    workspace: &'w Workspace<'_>,
    id: usize,
    handed: &Handed,
    at: usize,
) -> Option<(&'w Place, &'w Shared<'w>)> {
    // What is looked up together with a credential is that of its holder.
    let mut others = handed.args.iter().flat_map(|arg| &arg.names);
    if others.any(|name| is_credential(name)) {
        return None;
    }
    let [target] = workspace.targets(id, &handed.call())[..] else { return None };
    let facts = workspace.functions[target].facts;
    let Param { names, ty, .. } = facts.params.get(at)?;
    let is_text = |ty: &Ty| {
        who_from_header::is_text(ty)
            || matches!(&*ty.name, "IpAddr" | "SocketAddr" | "Ipv4Addr" | "Ipv6Addr")
    };
    if !ty.any(is_text) && workspace.type_named(workspace.functions[target].file, ty).is_none() {
        return None;
    }
    facts.accesses.iter().find_map(|access| {
        let key = access.key.as_ref()?;
        let shared = workspace.shared_at(target, &access.place)?;
        let is_map = matches!(shared.container, Container::Map { .. });
        (is_map && names.iter().any(|name| key.has(name))).then_some((&access.place, shared))
    })
}

fn finding(
    workspace: &Workspace<'_>,
    id: usize,
    header: &str,
    span: Span,
    (place, shared): (&Place, &Shared<'_>),
) -> Found {
    let place = place.text();
    let function = &workspace.functions[id];
    let mut finding = Found {
        file: function.file,
        span,
        message: format!("the key of `{place}` is the header `{header}`, which any client may set"),
        label: "whoever sends the same header reads and writes here".to_owned(),
        others: vec![(shared.file, shared.span, "shared by all requests".to_owned())],
        item: workspace.path_of(function),
        key: format!("{place} {header}"),
        story: "A's entry is under the header that A sent; B sends the same and is given it"
            .to_owned(),
        mend: "use the verified identity as the key, alone or with the header: \
               `RequestContext::current().require_user()`"
            .to_owned(),
        proof: proof("TestRequest::get(\"/\").header(\"..\", \"the-same-for-all\")"),
    };
    finding.reached(workspace, id);
    finding
}

/// The header that a key was read from: by the function itself, by one that it calls, or by the extractor
/// that it is given.
fn header_of<'w>(workspace: &'w Workspace<'_>, id: usize, key: &'w Flow) -> Option<&'w Header> {
    let given_by = |targets: &[usize]| {
        let first = workspace.functions[*targets.first()?].facts.header.as_ref()?;
        (targets.len() == 1).then_some(first)
    };
    let by_call = |call: &String| given_by(&workspace.path_targets(id, "", call));
    let params = workspace.functions[id].facts.params.iter();
    let mut extracted = params.filter(|param| param.names.iter().any(|name| key.has(name)));
    let by_extractor = |param: &Param| given_by(&workspace.extraction_of(&param.ty));
    let called = || key.calls.iter().find_map(by_call);
    key.header.as_ref().or_else(called).or_else(|| extracted.find_map(by_extractor))
}

/// Whether a header tells an address.
fn is_address(header: &str) -> bool {
    words(header).iter().any(|word| matches!(&**word, "forwarded" | "ip" | "addr" | "address"))
}

/// Whether a function asks whether a proxy that is trusted has set the header.
fn asks_for_proxy(facts: &FnFacts) -> bool {
    let names = facts.params.iter().flat_map(|param| &param.names);
    let mut names = names.chain(facts.calls.iter().flat_map(|call| [&call.name, &call.qualifier]));
    facts.asks_for_proxy
        || names.any(|name| {
            let words = words(name);
            // The operator may tell that there is one.
            words.iter().any(|word| {
                matches!(&**word, "trust" | "trusted" | "trusts" | "proxies" | "env" | "var")
            })
        })
}

fn is_credential(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let is_one = |word: &String| {
        matches!(
            &**word,
            "token" | "secret" | "password" | "credential" | "credentials" | "authorization"
        )
    };
    words.iter().any(is_one) || has("api") && has("key")
}

/// A credential names its holder.
pub(super) fn is_harmless(header: &str) -> bool {
    let words = words(header);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    has("authorization")
        || has("cookie")
        || has("token")
        || has("session")
        || has("host")
        || has("agent")
        || has("accept")
        || has("content")
        || has("origin")
        || has("etag")
        || has("secret")
        || has("key") && (has("api") || has("access"))
        || has("websocket")
        || has("bearer")
        || has("encoding")
        || has("signature")
}
