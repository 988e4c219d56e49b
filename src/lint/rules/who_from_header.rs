//! Who asks, or for whom, taken from a header that any client may set.

use super::Found;
use super::found::proof;
use super::key_from_client_header::is_harmless;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Header;
use crate::lint::facts::Param;
use crate::lint::facts::Shape;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_request;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        if let Some(header) = &function.facts.header {
            found.extend(given(workspace, id, header));
        }
        found.extend(extracted(workspace, id));
        if workspace.reach.is_entry(id) {
            found.extend(
                function.facts.params.iter().filter_map(|param| typed(workspace, id, param)),
            );
        }
    }
}

/// A function that gives handlers such a header.
fn given(workspace: &Workspace<'_>, id: usize, read: &Header) -> Option<Found> {
    let function = &workspace.functions[id];
    let header = workspace.text_of_name(function.file, &read.name);
    if !says_who(header) || is_harmless(header) || !gives_text(workspace, id) {
        return None;
    }
    let name = &function.facts.name;
    let entries = workspace.reach.entries_to(id).iter().copied();
    let asks = |from: &usize| {
        let mut calls = workspace.functions[*from].facts.calls.iter();
        calls.any(|call| call.name == *name && workspace.targets(*from, call) == [id])
    };
    let handler = entries.filter(asks).min();
    // What a request itself is asked for is for handlers.
    let is_of_request = function.member_of().is_some_and(is_request);
    if handler.is_none() && !is_of_request && !workspace.reach.is_entry(id) {
        return None;
    }
    let mut finding = finding(workspace, id, read.span, &format!("`{name}` gives"), header);
    finding.others.extend(handler.map(|handler| {
        let handler = &workspace.functions[handler];
        let what = format!("`{}` goes by it", handler.facts.name);
        (handler.file, handler.facts.span, what)
    }));
    Some(finding)
}

/// An extractor that makes somebody of such headers, or of a token that it does not verify.
fn extracted(workspace: &Workspace<'_>, id: usize) -> Vec<Found> {
    let function = &workspace.functions[id];
    let Some(own) = function.member_of() else { return Vec::new() };
    let facts = function.facts;
    // What gives no more than text is told of above.
    let is_extractor = matches!(&*facts.name, "from_request" | "from_request_parts");
    if !is_extractor || asks_whether_true(facts) {
        return Vec::new();
    }
    let is_read_only = reads_unverified(facts);
    let is_told = |read: &Header| {
        facts.header.as_ref().is_some_and(|given| given.span == read.span)
            && gives_text(workspace, id)
    };
    let mut found = Vec::new();
    for read in facts.headers.iter().filter(|read| !is_told(read)) {
        let header = workspace.text_of_name(function.file, &read.name);
        if says_who(header) && !is_harmless(header) || is_read_only && is_token(header) {
            found.push(finding(workspace, id, read.span, &format!("`{own}` is made of"), header));
        }
    }
    found
}

/// A parameter that is such a header: `TypedHeader<Tenant>`.
fn typed(workspace: &Workspace<'_>, id: usize, param: &Param) -> Option<Found> {
    let inner = match &*param.ty.name {
        "Option" => param.ty.args.first()?,
        _ => &param.ty,
    };
    let ty = inner.args.first().filter(|_| inner.name == "TypedHeader")?;
    let named = workspace.by_name.get("name")?.iter();
    let facts = named.map(|id| &workspace.functions[*id]).find(|function| {
        let of = function.facts.member_of.as_ref();
        of.is_some_and(|of| {
            of.ty == ty.name && of.of_trait.as_ref().is_some_and(|of| of.name == "Header")
        })
    })?;
    let name = &facts.facts.uses.first()?.name;
    let header = workspace.text_of_name(facts.file, name);
    if !says_who(header) || is_harmless(header) || asks_whether_true(workspace.functions[id].facts)
    {
        return None;
    }
    let name = &workspace.functions[id].facts.name;
    Some(finding(workspace, id, param.span, &format!("`{name}` is given"), header))
}

fn finding(workspace: &Workspace<'_>, id: usize, span: Span, what: &str, header: &str) -> Found {
    let function = &workspace.functions[id];
    Found {
        file: function.file,
        span,
        message: format!("{what} the header `{header}`, which any client may set"),
        label: "whoever sends the same header is taken for the same".to_owned(),
        others: Vec::new(),
        item: workspace.path_of(function),
        key: format!("gives {header}"),
        story: "A's data is found by the header that A sent; B sends the same and is given it"
            .to_owned(),
        mend: "take it from the verified identity, or compare it with that: \
               `RequestContext::current().require_user()`"
            .to_owned(),
        proof: proof("TestRequest::get(\"/\").header(\"..\", \"the-same-for-all\")"),
    }
}

pub(super) fn is_text(ty: &Ty) -> bool {
    matches!(&*ty.name, "String" | "str" | "Uuid" | "HeaderValue" | "Cow")
}

/// Whether a function gives text, or what is no more than text; an extractor gives itself.
fn gives_text(workspace: &Workspace<'_>, id: usize) -> bool {
    let function = &workspace.functions[id];
    let Some(output) = &function.facts.output else { return false };
    let own = function.member_of().unwrap_or_default();
    let is_newtype = |ty: &Ty| {
        let ty = if ty.name == "Self" { Ty::named(own) } else { ty.clone() };
        workspace.type_named(function.file, &ty).is_some_and(|(_, decl)| {
            matches!(&decl.shape, Shape::Struct(fields)
                if matches!(&fields[..], [only] if only.ty.any(is_text)))
        })
    };
    let is_one = |ty: &Ty| is_text(ty) || is_newtype(ty);
    output.any(is_one) && !output.any(|ty| ty.name == "HeaderMap")
}

/// Whether a header says who asks, or for whom.
pub(super) fn says_who(header: &str) -> bool {
    const WHO: &[&str] = &[
        "tenant",
        "user",
        "username",
        "uid",
        "email",
        "org",
        "organization",
        "organisation",
        "account",
        "customer",
        "workspace",
    ];
    // `X_USER_ID_HEADER` is about a user, `x-customer-algorithm` about no customer.
    const MORE: &[&str] = &["id", "name", "slug", "header", "field"];
    let words = words(header);
    let last = words.iter().rev().find(|word| !MORE.contains(&&***word));
    last.is_some_and(|last| WHO.contains(&&**last))
}

fn is_token(header: &str) -> bool {
    let is_one = |word: &String| matches!(&**word, "token" | "jwt" | "authorization" | "assertion");
    words(header).iter().any(is_one)
}

/// Whether a function looks into a token and leaves its signature alone.
fn reads_unverified(facts: &FnFacts) -> bool {
    // The parts of a token are base64 for URLs, with dots between them.
    let decodes = |call: &crate::lint::facts::Call| {
        call.name == "decode" && call.qualifier.contains("URL_SAFE")
    };
    let splits = |name: &str| matches!(name, "split" | "splitn" | "split_once" | "rsplit");
    let calls = &facts.calls;
    calls.iter().any(|call| {
        matches!(
            &*call.name,
            "insecure_decode"
                | "dangerous_insecure_decode"
                | "insecure_disable_signature_validation"
        )
    }) || calls.iter().any(decodes) && calls.iter().any(|call| splits(&call.name))
}

/// Whether a function asks whether what it was sent is true: by a signature, a secret, or a proxy that is
/// trusted.
fn asks_whether_true(facts: &FnFacts) -> bool {
    let names = facts.params.iter().flat_map(|param| &param.names);
    let asked = facts.accesses.iter().flat_map(|access| &access.place.names);
    let called = facts.calls.iter().flat_map(|call| [&call.name, &call.qualifier]);
    let mut names = names.chain(asked).chain(called);
    names.any(|name| {
        words(name).iter().any(|word| {
            matches!(
                &**word,
                "trust"
                    | "trusted"
                    | "trusts"
                    | "proxies"
                    | "verify"
                    | "verified"
                    | "verifier"
                    | "validate"
                    | "check"
                    | "authenticate"
                    | "authorize"
                    | "ct"
                    | "secret"
                    | "signature"
            )
        }) && name != "insecure_disable_signature_validation"
    })
}
