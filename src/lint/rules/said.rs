//! What requests say beside who and what they ask for, and which functions are given it.

use super::shown::Types;
use super::telling::can_show;
use super::telling::is_any_value;
use super::telling::is_content_field;
use super::telling::is_data_field;
use super::telling::is_mail;
use super::telling::is_text;
use super::telling::peeled;
use super::texts::holds_texts;
use super::texts::is_stream;
use super::texts::is_thing;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Log;
use crate::lint::facts::Made;
use crate::lint::facts::Param;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_exchanged_with_models;
use crate::lint::resolve::is_said;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::words;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::VecDeque;

/// Calls after each other that are followed.
const MAX_STEPS: u8 = 3;

/// What of a parameter a request says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// What its type says that it is.
    Type,
    /// All of it, whatever it is.
    All,
}

/// The parameters that requests say, by their functions and places.
#[derive(Debug, Default)]
pub(super) struct Said {
    params: HashMap<(usize, u16), Of>,
    /// The packages that users send statements of SQL: they read some, or speak the protocol of a database.
    statements: HashSet<usize>,
    /// The packages of which a request is let in by what stands in the query of its address.
    secret_queries: HashSet<usize>,
}

impl Said {
    pub(super) fn of(types: &Types<'_, '_>, workspace: &Workspace<'_>) -> Self {
        let secret_queries = Self::secret_queries(types, workspace);
        let mut said = Self { secret_queries, ..Self::default() };
        for file in workspace.files {
            let mut imports = file.facts.scopes.iter().flat_map(|scope| &scope.imports);
            if imports.any(|import| is_of_database(&import.path)) {
                said.statements.insert(file.package);
            }
        }
        let mut to_see = VecDeque::new();
        for (id, function) in workspace.functions.iter().enumerate() {
            if !workspace.reach.is_reached(id) {
                continue;
            }
            let is_entry = workspace.reach.is_entry(id);
            for (at, param) in (0_u16..).zip(&function.facts.params) {
                let (_, ty) = workspace.expanded(function.file, &param.ty);
                let of = if is_entry {
                    said_by(function.facts, param, &ty)
                } else {
                    let is_one = |ty: &Ty| is_stream(ty) || is_bytes(ty);
                    ty.any(is_one).then_some(Of::All)
                };
                if let Some(of) = of {
                    said.params.insert((id, at), of);
                    to_see.push_back((id, at, 0));
                }
            }
        }
        while let Some((id, at, steps)) = to_see.pop_front() {
            let of = said.params[&(id, at)];
            let passed = workspace.functions[id].facts.passed.iter();
            for passed in passed.filter(|passed| passed.origin.param == at) {
                let part = passed.origin.part.as_deref();
                // A part that is no content by its name is judged by its type.
                let of = match part {
                    _ if passed.origin.is_whole => of,
                    Some(part) if is_content_field(part) => Of::All,
                    _ => Of::Type,
                };
                for target in workspace.targets(id, &passed.call) {
                    let facts = workspace.functions[target].facts;
                    let Some(at) = passed.param_of(facts) else { continue };
                    let key = (target, at);
                    if steps < MAX_STEPS && !said.params.contains_key(&key) {
                        said.params.insert(key, of);
                        to_see.push_back((target, at, steps + 1));
                    }
                }
            }
        }
        said
    }

    /// Whether what a function of a package writes may be an address with a credential in it.
    pub(super) fn has_secret_queries(&self, workspace: &Workspace<'_>, id: usize) -> bool {
        self.secret_queries.contains(&workspace.files[workspace.functions[id].file].package)
    }

    /// The packages whose handlers take credentials out of the query of an address.
    fn secret_queries(types: &Types<'_, '_>, workspace: &Workspace<'_>) -> HashSet<usize> {
        let is_one = |file: usize, param: &Param| {
            let ty = &param.ty;
            let is_query = ty.name.contains("Query") && !ty.args.is_empty();
            let declared =
                ty.args.first().filter(|_| is_query).and_then(|of| types.declared(file, of));
            declared.is_some_and(|(_, decl)| match &decl.shape {
                Shape::Struct(fields) => {
                    fields.iter().any(|field| is_secret_key(&field.name) && is_text(&field.ty))
                }
                _ => false,
            })
        };
        let readers = workspace.functions.iter().filter(|function| {
            function.facts.query_keys.iter().any(|key| key == "auth" || is_secret_key(key))
                || function.facts.params.iter().any(|param| is_one(function.file, param))
        });
        readers.map(|function| workspace.files[function.file].package).collect()
    }

    /// Whether what a log writes is a statement of a user, with its values.
    pub(super) fn is_statement(&self, types: &Types<'_, '_>, id: usize, log: &Log) -> bool {
        let last = words(&log.own).pop().unwrap_or_default();
        let is_named = matches!(
            &*last,
            "sql" | "stmt" | "stmts" | "statement" | "statements" | "query" | "queries"
        ) || matches!(&*log.own, "plan" | "params");
        // What the server puts together itself has no values of a user in it.
        let is_sent = log.origin.is_some();
        if !is_named || !is_sent || !self.statements.contains(&types.package_of(id)) {
            return false;
        }
        let made = log.made.as_ref().map(|made| types.types_of(id, made)).unwrap_or_default();
        made.iter().all(|(_, ty)| can_show(ty) && !is_stream(ty))
    }

    /// Whether what a log writes is what a tool is given: any value that is called so, or a part of a call.
    pub(super) fn is_argument(
        types: &Types<'_, '_>,
        workspace: &Workspace<'_>,
        id: usize,
        log: &Log,
        of_models: bool,
    ) -> bool {
        if !is_exchanged_with_models(&log.own) {
            return false;
        }
        let params = &workspace.functions[id].facts.params;
        let is_of_tool = |param: &Param| words(&param.ty.name).iter().any(|word| word == "tool");
        let of_call = log.origin.as_ref().is_some_and(|origin| {
            let param = params.get(usize::from(origin.param));
            param.is_some_and(|param| !origin.is_whole && is_of_tool(param))
        });
        // Any value may be called an input; that of a tool is what somebody said.
        let is_given = of_models
            || params.iter().any(is_of_tool)
            || words(&log.own).last().is_some_and(|last| last == "arguments");
        let made = log.made.as_ref().map(|made| types.types_of(id, made)).unwrap_or_default();
        of_call || is_given && !made.is_empty() && made.iter().all(|(_, ty)| is_any_value(ty))
    }

    /// Whether what a log writes is content of a request.
    pub(super) fn is_content(&self, types: &Types<'_, '_>, id: usize, log: &Log) -> bool {
        let Some(origin) = &log.origin else { return false };
        let Some(of) = self.params.get(&(id, origin.param)) else { return false };
        match log.made {
            Some(Made::Fault(_)) => return false,
            // What stands in a text is there as it is.
            Some(Made::Composed) => return *of == Of::All && origin.is_whole,
            _ => {}
        }
        let made = log.made.as_ref().map(|made| types.types_of(id, made)).unwrap_or_default();
        if !made.is_empty() {
            return made.iter().all(|(file, ty)| {
                if !can_show(ty) {
                    return false;
                }
                let is_named = is_content_field(&log.own) || is_said(&log.own);
                let is_whole = origin.is_whole && *of == Of::All;
                if is_any_value(ty) {
                    return is_named || is_whole || is_data_field(&log.own);
                }
                if is_text(ty) || peeled(ty).name == "HashMap" {
                    return is_named || is_whole;
                }
                if is_stream(ty) {
                    return true;
                }
                log.is_debug
                    && (holds_texts(types, *file, ty)
                        || origin.is_whole && *of == Of::All && is_unknown(types, *file, ty))
            });
        }
        if *of == Of::All {
            return origin.is_whole
                || is_content_field(&log.own)
                || log.is_debug && !is_thing(&log.own);
        }
        is_content_field(&log.own) && log.is_debug
    }

    /// Whether a parameter is content of a request that a span records.
    pub(super) fn is_recorded(
        &self,
        types: &Types<'_, '_>,
        id: usize,
        at: usize,
        file: usize,
        ty: &Ty,
    ) -> bool {
        let Ok(at) = u16::try_from(at) else { return false };
        let Some(of) = self.params.get(&(id, at)) else { return false };
        can_show(ty)
            && match of {
                Of::All => !is_stream(ty),
                Of::Type => holds_texts(types, file, ty),
            }
    }
}

fn is_unknown(types: &Types<'_, '_>, file: usize, ty: &Ty) -> bool {
    types.declared(file, ty).is_none()
}

/// What a parameter of a function that a request is handed to is of it.
fn said_by(facts: &FnFacts, param: &Param, ty: &Ty) -> Option<Of> {
    let name = &*ty.name;
    if ty.any(is_stream) {
        return Some(Of::All);
    }
    let is_wrapper = !ty.args.is_empty()
        && (name.contains("Json")
            || name.contains("Form")
            || matches!(
                name,
                "Request"
                    | "Parameters"
                    | "LambdaEvent"
                    | "Protobuf"
                    | "Msgpack"
                    | "MsgPack"
                    | "Yaml"
                    | "Xml"
                    | "Cbor"
                    | "Valid"
                    | "Validated"
                    | "Payload"
                    | "Streaming"
            ));
    if is_wrapper {
        let inner = peeled(ty);
        let is_all = is_text(inner) || is_any_value(inner) || is_any_value(ty);
        return Some(if is_all { Of::All } else { Of::Type });
    }
    if matches!(name, "Option" | "Result" | "Either") {
        return ty.args.first().and_then(|inner| said_by(facts, param, inner));
    }
    if is_bytes(ty) || matches!(name, "CallToolRequestParam" | "CallToolRequestParams") {
        return Some(Of::All);
    }
    // The body as a text, where no place of the path is one.
    let is_body = matches!(name, "String" | "Value")
        && facts.member_of.is_none()
        && facts.params.last().is_some_and(|last| std::ptr::eq(last, param))
        && !facts.attributes.iter().any(|attribute| attribute.args.contains('<'));
    if is_body
        && matches!(
            param.names.first().map(String::as_str),
            Some(
                "body"
                    | "payload"
                    | "data"
                    | "text"
                    | "content"
                    | "raw"
                    | "raw_body"
                    | "json"
                    | "req_body"
                    | "request_body"
            )
        )
    {
        return Some(Of::All);
    }
    // What a resolver or a method of a service is given.
    let is_argument = facts.has_self
        && facts.member_of.is_some()
        && (ty.name.ends_with("Input")
            || ty.name.ends_with("Request")
            || ty.name.ends_with("Params"));
    is_argument.then_some(Of::Type)
}

/// Whether a name in a query is that of a credential, and not of a code that is good for once or opens nothing.
fn is_secret_key(name: &str) -> bool {
    is_secret(name)
        && !is_mail(name)
        && !words(name)
            .iter()
            .any(|word| matches!(&**word, "code" | "phone" | "reset" | "csrf" | "xsrf"))
}

/// Whether a path is of a crate that reads SQL, or speaks the protocol of a database.
fn is_of_database(path: &str) -> bool {
    path.split("::")
        .next()
        .is_some_and(|first| matches!(first, "sqlparser" | "pgwire" | "opensrv_mysql"))
}

/// Whether a type is of bytes that came over a network.
fn is_bytes(ty: &Ty) -> bool {
    matches!(&*ty.name, "Bytes" | "BytesMut")
}
