//! Credentials and personal data in the log.

use super::Found;
use super::found::proof;
use super::said::Said;
use super::shown::Shown;
use super::shown::Types;
use super::telling::can_show;
use crate::lint::facts::Attribute;
use crate::lint::facts::Log;
use crate::lint::facts::Made;
use crate::lint::facts::OF_ADDRESS;
use crate::lint::facts::OF_HEADER;
use crate::lint::facts::Param;
use crate::lint::facts::Span;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_about;
use crate::lint::resolve::is_content;
use crate::lint::resolve::is_exchanged;
use crate::lint::resolve::is_exchanged_with_models;
use crate::lint::resolve::is_said;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::is_whole;
use crate::lint::resolve::talks_to_models;
use crate::lint::resolve::words;
use crate::lint::source::is_log_macro;
use std::collections::HashSet;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    let types = Types::of(workspace);
    let said = Said::of(&types, workspace);
    for (id, function) in workspace.functions.iter().enumerate() {
        let item = workspace.path_of(function);
        let is_request = workspace.reach.is_reached(id);
        let is_client = function.member_of().is_some_and(|ty| ty.ends_with("Client"));
        let of_models = !function.facts.logs.is_empty() && talks_to_models(&item);
        let is_command = is_command(workspace, function, &item);
        let is_reported = |log: &&Log| {
            if !is_of_log(workspace, &log.macro_name) {
                return false;
            }
            // What a command was asked for, it prints; a request is asked by nobody at the terminal.
            let is_output = !is_request && log.macro_name.contains("print");
            if is_output && (is_command || is_told_to_user(log)) {
                return false;
            }
            if log.value == OF_ADDRESS {
                return said.has_secret_queries(workspace, id);
            }
            let shown = types.written(id, log);
            if shown == Shown::Secret && log.is_debug || types.is_telling(id, log) || is_record(log)
            {
                return true;
            }
            if is_request
                && (said.is_content(&types, id, log) || said.is_statement(&types, id, log))
            {
                return true;
            }
            if Said::is_argument(&types, workspace, id, log, of_models || is_request) {
                return true;
            }
            // A number or a flag, or of a type that shows nothing of itself.
            if shown == Shown::Nothing && (log.is_debug || is_secret(&log.value)) {
                return false;
            }
            // What the program has put together is no body.
            if matches!(log.made, Some(Made::Composed)) && !is_secret(&log.value) {
                return false;
            }
            let is_part = log.is_debug && is_whole(&log.value);
            // A client's own end: what it asks for, of which a builder shows no body.
            if (is_client || is_built(log)) && is_whole(&log.value) {
                return false;
            }
            let is_told = log.own == log.value || log.value == OF_HEADER || !is_about(&log.own);
            let is_part = is_part || words(&log.own).last().is_some_and(|last| last == "headers");
            let is_part = is_request
                && (is_part || is_said(&log.value))
                && !is_id(function, &log.value)
                && (log.is_serialized || !is_answer_of_client(function, &log.value));
            let is_field = log.is_field && log.macro_name.ends_with("span");
            let is_exchanged = is_exchanged(&log.value)
                || (of_models || is_request && is_field) && is_exchanged_with_models(&log.value)
                || of_models && log.is_debug && matches!(&*log.value, "result" | "content");
            // How much was said is not what was said.
            let is_exchanged = is_exchanged && !types.is_plain(id, log);
            // The answer of a model is what a user is given; that of another service is not.
            if log.value == "answer_body" {
                return of_models;
            }
            let is_one = is_secret(&log.value)
                || is_exchanged
                || is_content(&log.value)
                || is_part
                || is_recipient(&log.value, &item);
            is_told && is_one
        };
        let mut lines = HashSet::new();
        let mut has_span = false;
        for log in function.facts.logs.iter().filter(is_reported) {
            // What is said, written into one span piece by piece, is one place.
            if log.macro_name == "record" && has_span && !is_secret(&log.value) {
                continue;
            }
            has_span |= log.macro_name == "record" || log.macro_name.ends_with("span");
            // One line is one place, whatever else it writes.
            if !lines.insert(log.at) {
                continue;
            }
            // It is called what stands in the source.
            let name = match &*log.value {
                OF_HEADER => &log.own,
                OF_ADDRESS => "the whole address",
                value => value,
            };
            let by = match &*log.macro_name {
                "instrument" => "`#[instrument]`".to_owned(),
                "record" => "`record`".to_owned(),
                by => format!("`{by}!`"),
            };
            found.push(Found {
                file: function.file,
                span: log.at,
                message: format!("{by} writes `{name}` to the log"),
                label: format!("`{name}` is written as it is"),
                others: if log.span == log.at { Vec::new() } else { vec![(function.file, log.span, "this value".to_owned())] },
                item: item.clone(),
                key: format!("{} {name}", log.macro_name),
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
        let is_said = |at: usize, param: &Param| {
            let is_left = |name: &String| !is_skipped(attribute, name);
            said.is_recorded(&types, id, at, function.file, &param.ty)
                && param.names.iter().any(is_left)
        };
        let mut all = params.iter().enumerate();
        let param = all.find(|(at, param)| {
            is_recorded(&types, id, &item, attribute, param) || is_said(*at, param)
        });
        let recorded =
            param.map(|(_, param)| (param.names.first().cloned().unwrap_or_default(), param.span));
        let recorded = recorded.or_else(|| {
            let is_own = function.facts.has_self
                && !is_skipped(attribute, "self")
                && types.own(function) == Shown::Secret;
            is_own.then(|| ("self".to_owned(), function.facts.span))
        });
        let recorded = recorded.or_else(|| returned(&types, function, attribute));
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

/// Whether a macro writes to a log: one that is known, or that hands on to one.
fn is_of_log(workspace: &Workspace<'_>, name: &str) -> bool {
    let own = || workspace.by_name.get(&*format!("{name}!")).into_iter().flatten();
    is_log_macro(name.as_bytes())
        || matches!(name, "record" | "instrument")
        || name.ends_with("_span")
        || own().any(|id| workspace.functions[*id].facts.is_log)
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

/// Whether a value is what a database keeps of a user, as the call gives it that runs the query.
fn is_record(log: &Log) -> bool {
    const RUNS: &[&str] =
        &["exec", "fetch_one", "fetch_optional", "fetch_all", "get_result", "get_results", "one"];
    const RECORDS: &[&str] = &["user", "users", "account", "accounts"];
    let is_run = matches!(&log.made, Some(Made::Method(name)) if RUNS.contains(&&**name));
    let words = words(&log.own);
    is_run && log.is_debug && words.last().is_some_and(|last| RECORDS.contains(&&**last))
}

/// Whether a request is one that is being put together.
fn is_built(log: &Log) -> bool {
    const BUILDS: &[&str] =
        &["json", "header", "headers", "body", "form", "query", "bearer_auth", "basic_auth"];
    let is_request =
        words(&log.value).last().is_some_and(|last| last == "request" || last == "req");
    is_request && matches!(&log.made, Some(Made::Method(name)) if BUILDS.contains(&&**name))
}

/// Whether a response is that of a client, whose `Debug` shows no body.
fn is_answer_of_client(function: &Function<'_>, name: &str) -> bool {
    function.facts.calls.iter().any(|call| {
        call.qualifier == name
            && matches!(&*call.name, "status" | "text" | "bytes" | "json" | "error_for_status")
    })
}

/// Whether a name, where mail is sent, is that of who gets it.
fn is_recipient(name: &str, item: &str) -> bool {
    matches!(name, "recipient" | "recipients" | "to")
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
    types: &Types<'_, '_>,
    id: usize,
    item: &str,
    attribute: &Attribute,
    param: &Param,
) -> bool {
    let of_models = talks_to_models(item);
    if !can_show(&param.ty) {
        return false;
    }
    let name = param.names.first().map(String::as_str).unwrap_or_default();
    let shown = types.shown_of(id, name, param);
    param.names.iter().any(|name| {
        let is_one = shown == Shown::Secret
            || shown == Shown::Unknown && (is_secret(name) || is_content(name))
            || is_exchanged(name)
            || shown == Shown::Nothing && types.is_record_of_texts(id, param)
            || of_models && matches!(&**name, "messages" | "arguments" | "prompt" | "prompts");
        is_one && !is_skipped(attribute, name)
    })
}

/// Whether a span is told to leave a parameter out.
fn is_skipped(attribute: &Attribute, name: &str) -> bool {
    let args: String = attribute.args.chars().filter(|c| !c.is_whitespace()).collect();
    let skipped = args.split("skip(").nth(1).and_then(|rest| rest.split(')').next());
    args.contains("skip_all")
        || skipped.unwrap_or_default().split(',').any(|skipped| skipped == name)
}

/// What `ret` records, if that must not be there.
fn returned(
    types: &Types<'_, '_>,
    function: &Function<'_>,
    attribute: &Attribute,
) -> Option<(String, Span)> {
    let mut words = attribute.args.split(|c: char| !c.is_alphanumeric() && c != '_');
    let output = function.facts.output.as_ref()?;
    let is_recorded = words.any(|word| word == "ret") && can_show(output) && !output.is_unit();
    let name = &function.facts.name;
    let is_one = is_secret(name) || types.shown(function.file, output) == Shown::Secret;
    (is_recorded && is_one).then(|| (format!("what `{name}` gives"), function.facts.span))
}
