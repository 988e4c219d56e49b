//! Credentials and personal data in the log.

use super::Found;
use super::found::proof;
use crate::lint::facts::Attribute;
use crate::lint::facts::Log;
use crate::lint::facts::Param;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_of_request;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::is_whole;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        let item = workspace.path_of(function);
        let is_request = workspace.reach.is_reached(id);
        let is_reported = |log: &&Log| {
            let is_part = is_of_request(&log.value) || log.is_debug && is_whole(&log.value);
            is_secret(&log.value) || is_request && is_part
        };
        for log in function.facts.logs.iter().filter(is_reported) {
            // A value of a type that shows nothing of itself.
            let params = function.facts.params.iter();
            if params.clone().any(|param| param.names.contains(&log.value) && !can_show(param)) {
                continue;
            }
            found.push(Found {
                file: function.file,
                span: log.at,
                message: format!("`{}!` writes `{}` to the log", log.macro_name, log.value),
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
        let instrument = function
            .facts
            .attributes
            .iter()
            .find(|attribute| attribute.path.rsplit("::").next() == Some("instrument"));
        let Some(attribute) = instrument else { continue };
        if let Some(param) =
            function.facts.params.iter().find(|param| is_recorded(attribute, param))
        {
            let name = param.names.first().map(String::as_str).unwrap_or_default();
            found.push(Found {
                file: function.file,
                span: attribute.span,
                message: format!(
                    "`#[instrument]` records `{name}` on each span of `{}`",
                    function.facts.name
                ),
                label: "records each parameter that it is not told to skip".to_owned(),
                others: vec![(function.file, param.span, "this one".to_owned())],
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

/// Whether a span records a parameter that must not be there.
fn is_recorded(attribute: &Attribute, param: &Param) -> bool {
    let args: String = attribute.args.chars().filter(|c| !c.is_whitespace()).collect();
    if args.contains("skip_all") || !can_show(param) {
        return false;
    }
    let skipped =
        args.split("skip(").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
    let is_skipped = |name: &String| skipped.split(',').any(|skipped| skipped == name);
    // Headers hold credentials.
    let has_headers = param.ty.any(|ty| {
        matches!(
            &*ty.name,
            "HttpRequest" | "HeaderMap" | "Authorization" | "BearerAuth" | "BasicAuth"
        )
    });
    param.names.iter().any(|name| (has_headers || is_secret(name)) && !is_skipped(name))
}

/// Whether the `Debug` of a parameter may show its value.
fn can_show(param: &Param) -> bool {
    !param.ty.any(|ty| {
        let name = &*ty.name;
        matches!(
            name,
            "CancellationToken"
                | "bool"
                | "usize"
                | "u32"
                | "u64"
                | "i32"
                | "i64"
                | "Duration"
                | "TokenStream"
        ) || name.contains("Secret")
            || name.contains("Redacted")
            || name.contains("Sensitive")
            || name.contains("Masked")
            || name.contains("Zeroizing")
            || name.contains("Mailer")
            || name.contains("Service")
    })
}
