//! Credentials and personal data in the log.

use super::Found;
use super::found::proof;
use super::shown::can_show;
use super::shown::has_headers;
use super::shown::has_secret;
use super::shown::shows_secret;
use crate::lint::facts::Attribute;
use crate::lint::facts::Log;
use crate::lint::facts::Param;
use crate::lint::facts::Span;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_about;
use crate::lint::resolve::is_content;
use crate::lint::resolve::is_exchanged;
use crate::lint::resolve::is_exchanged_with_models;
use crate::lint::resolve::is_of_request;
use crate::lint::resolve::is_said;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::is_whole;
use crate::lint::resolve::talks_to_models;
use crate::lint::resolve::words;
use std::collections::HashSet;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let item = workspace.path_of(function);
        let is_request = workspace.reach.is_reached(id);
        let is_client = function.member_of().is_some_and(|ty| ty.ends_with("Client"));
        let of_models = talks_to_models(&item);
        let is_command = is_command(workspace, function, &item);
        let is_reported = |log: &&Log| {
            // What a command was asked for, it prints.
            if log.macro_name.contains("print") && (is_command || is_told_to_user(log)) {
                return false;
            }
            let is_part = is_of_request(&log.value) || log.is_debug && is_whole(&log.value);
            // A client's own end: what it asks for, and of whom.
            let is_own = is_of_request(&log.value) || is_whole(&log.value);
            if is_client && is_own && !is_content(&log.value) {
                return false;
            }
            let is_told = log.own == log.value || !is_about(&log.own);
            // What is printed is a text; shown with its parts, the parameters of a page.
            let is_page = log.is_debug && log.value.ends_with("query");
            // A part that a field calls a query is none of a database.
            let is_renamed = log.own != log.value && !has_sql(&log.own);
            let is_said =
                is_said(&log.value) && !is_page && (is_renamed || !asks_database(function));
            let is_part = is_part || words(&log.own).last().is_some_and(|last| last == "headers");
            let is_part = is_request
                && (is_part || is_said || is_peer(function, &log.value))
                && !is_id(function, &log.value)
                && (log.is_serialized || !is_answer_of_client(function, &log.value));
            let is_exchanged = is_exchanged(&log.value)
                || (of_models || log.is_field && log.macro_name.ends_with("span"))
                    && is_exchanged_with_models(&log.value)
                || of_models && log.is_debug && matches!(&*log.value, "result" | "content");
            // The answer of a model is what a user is given; that of another service is not.
            if log.value == "answer_body" {
                return of_models;
            }
            let is_one = is_secret(&log.value)
                || is_exchanged
                || is_content(&log.value)
                || is_part
                || is_recipient(&log.value, &item);
            is_told && is_one || log.is_debug && shows_secret(workspace, id, log)
        };
        let mut lines = HashSet::new();
        let mut has_span = false;
        for log in function.facts.logs.iter().filter(is_reported) {
            // What is said, written into one span piece by piece, is one place.
            if log.macro_name == "record" && has_span && !is_secret(&log.value) {
                continue;
            }
            has_span |= log.macro_name == "record" || log.macro_name.ends_with("span");
            // A value of a type that shows nothing of itself.
            let params = function.facts.params.iter();
            if params.clone().any(|param| param.names.contains(&log.value) && !can_show(&param.ty))
            {
                continue;
            }
            // One line is one place, whatever else it writes.
            if !lines.insert(log.at) {
                continue;
            }
            let by = match &*log.macro_name {
                "instrument" => "`#[instrument]`".to_owned(),
                "record" => "`record`".to_owned(),
                name => format!("`{name}!`"),
            };
            found.push(Found {
                file: function.file,
                span: log.at,
                message: format!("{by} writes `{}` to the log", log.value),
                label: format!("`{}` is written as it is", log.value),
                others: if log.span == log.at { Vec::new() } else { vec![(function.file, log.span, "this value".to_owned())] },
                item: item.clone(),
                key: format!("{} {}", log.macro_name, log.value),
                story: "whoever may read the log is given what belongs to one user alone".to_owned(),
                mend: "leave it out; the context's `request.id`, `session.id` and `user.id` are on the line already"
                    .to_owned(),
                proof: proof("TestRequest::post(\"/\").body(session.canary(\"secret\"))  // log lines are a sink"),
            });
        }
        let instrument = function.facts.attributes.iter().find(|attribute| {
            let last = attribute.path.rsplit("::").next().unwrap_or(&attribute.path);
            workspace.real_name(function.file, last) == "instrument"
        });
        let Some(attribute) = instrument else { continue };
        if lines.contains(&attribute.span) {
            continue;
        }
        let params = &function.facts.params;
        let param =
            params.iter().find(|param| is_recorded(workspace, function, &item, attribute, param));
        let recorded =
            param.map(|param| (param.names.first().cloned().unwrap_or_default(), param.span));
        let recorded = recorded.or_else(|| returned(workspace, function, attribute));
        if let Some((name, span)) = recorded {
            found.push(Found {
                file: function.file,
                span: attribute.span,
                message: format!(
                    "`#[instrument]` records `{name}` on each span of `{}`",
                    function.facts.name
                ),
                label: "records each parameter that it is not told to skip".to_owned(),
                others: vec![(function.file, span, "this one".to_owned())],
                item,
                key: format!("instrument {name}"),
                story: "whoever may read the log is given what belongs to one user alone"
                    .to_owned(),
                mend: format!(
                    "`#[instrument(skip({name}))]`, or `skip_all` and the fields that you want"
                ),
                proof: proof(
                    "TestRequest::post(\"/\").body(session.canary(\"secret\"))  // spans are a sink",
                ),
            });
        }
    }
}

/// Whether what is printed is for whoever sits at the terminal: a question, or the code of a login there.
fn is_told_to_user(log: &Log) -> bool {
    matches!(&*log.macro_name, "print" | "eprint") || log.value == "user_code"
}

/// Whether a function is of a command, which prints what it was asked for.
fn is_command(workspace: &Workspace<'_>, function: &Function<'_>, item: &str) -> bool {
    workspace.files[function.file].facts.fns.iter().any(|of| of.name == "main")
        || item.split("::").any(|part| matches!(part, "cli" | "cmd" | "commands" | "command"))
}

fn has_sql(name: &str) -> bool {
    words(name).iter().any(|word| matches!(&**word, "sql" | "statement" | "stmt"))
}

/// Whether a query, in this function, is one of a database.
fn asks_database(function: &Function<'_>) -> bool {
    function.facts.calls.iter().any(|call| {
        let name = &*call.name;
        name.starts_with("fetch_")
            || name.starts_with("query")
            || matches!(
                name,
                "execute" | "prepare" | "bind" | "load" | "get_result" | "get_results"
            )
    })
}

/// Whether a response is that of a client, whose `Debug` shows no body.
fn is_answer_of_client(function: &Function<'_>, name: &str) -> bool {
    function.facts.calls.iter().any(|call| {
        call.qualifier == name
            && matches!(&*call.name, "status" | "text" | "bytes" | "json" | "error_for_status")
    })
}

/// Whether a parameter of request code is an address, and not one of the server's own.
fn is_peer(function: &Function<'_>, name: &String) -> bool {
    const OWN: &[&str] =
        &["server", "local", "bind", "listen", "service", "own", "upstream", "target"];
    let is_own = OWN.iter().any(|own| name.contains(own));
    let mut params = function.facts.params.iter();
    !is_own
        && params.any(|param| {
            param.names.contains(name)
                && matches!(&*param.ty.name, "SocketAddr" | "IpAddr" | "Ipv4Addr" | "Ipv6Addr")
        })
}

/// Whether a name, where mail is sent, is that of who gets it.
fn is_recipient(name: &str, item: &str) -> bool {
    matches!(name, "recipient" | "recipients" | "mail_to" | "to")
        && words(item).iter().any(|word| matches!(&**word, "mail" | "mailer" | "email" | "smtp"))
}

/// Whether a parameter is no more than what tells a thing or a user apart.
fn is_id(function: &Function<'_>, name: &String) -> bool {
    let mut params = function.facts.params.iter();
    params.any(|param| {
        param.names.contains(name) && (param.ty.name.ends_with("Id") || param.ty.name == "Uuid")
    })
}

/// Whether a span records a parameter that must not be there.
fn is_recorded(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    item: &str,
    attribute: &Attribute,
    param: &Param,
) -> bool {
    let file = function.file;
    let of_models = talks_to_models(item);
    let says_search = words(item).iter().any(|word| word == "search") && !asks_database(function);
    let args: String = attribute.args.chars().filter(|c| !c.is_whitespace()).collect();
    if args.contains("skip_all") || !can_show(&param.ty) {
        return false;
    }
    let skipped =
        args.split("skip(").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
    let is_skipped = |name: &String| skipped.split(',').any(|skipped| skipped == name);
    let is_telling = has_headers(&param.ty) || has_secret(workspace, file, &param.ty);
    let is_text = param.ty.any(|ty| matches!(&*ty.name, "str" | "String" | "Cow"));
    param.names.iter().any(|name| {
        let is_one = is_telling
            || is_secret(name)
            || is_content(name)
            || is_login(name)
            || is_exchanged(name)
            || of_models && matches!(&**name, "messages" | "arguments" | "prompt" | "prompts")
            || is_text && is_said(name) && says_search;
        is_one && !is_skipped(name)
    })
}

fn is_login(name: &str) -> bool {
    matches!(name, "username" | "login" | "user_name")
}

/// What `ret` records, if that must not be there.
fn returned(
    workspace: &Workspace<'_>,
    function: &Function<'_>,
    attribute: &Attribute,
) -> Option<(String, Span)> {
    let mut words = attribute.args.split(|c: char| !c.is_alphanumeric() && c != '_');
    let output = function.facts.output.as_ref()?;
    let is_recorded = words.any(|word| word == "ret") && can_show(output) && !output.is_unit();
    let name = &function.facts.name;
    let is_one = is_secret(name) || has_secret(workspace, function.file, output);
    (is_recorded && is_one).then(|| (format!("what `{name}` gives"), function.facts.span))
}
