//! Guards of spans, contexts and scopes that live over an await.

use super::Found;
use super::found::proof;
use crate::lint::facts::GuardKind;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for function in &workspace.functions {
        // One task runs `main`: nobody else is on its thread's span.
        if function.facts.name == "main" {
            continue;
        }
        for guard in &function.facts.guards {
            let is_clippys =
                workspace.settings.clippy.has_guards(workspace.files[function.file].package);
            if guard.kind == GuardKind::Tracing && is_clippys {
                continue;
            }
            let (what, mend) = match guard.kind {
                GuardKind::Tracing => (
                    "span",
                    "`.instrument(span)` on the future, or `.in_current_context()`, which takes the span along",
                ),
                GuardKind::OpenTelemetry => {
                    ("context", "`.with_context(cx)` of `FutureExt` on the future")
                }
                GuardKind::Sentry => {
                    ("scope", "`.bind_hub(Hub::new_from_top(Hub::current()))` on the future")
                }
            };
            found.push(Found {
                file: function.file,
                span: guard.span,
                message: format!("the guard `{}` of a {what} lives over an await", guard.name),
                label: format!("the {what} is entered on this thread here"),
                others: vec![(function.file, guard.held_over, "the task may be set aside here, still inside".to_owned())],
                item: workspace.path_of(function),
                key: guard.name.clone(),
                story: format!(
                    "A enters the {what} and awaits; the thread runs B, whose log lines get A's fields"
                ),
                mend: format!("use {mend}; or drop the guard before the await"),
                proof: proof("TestRequest::get(\"/\")  // the log lines of each session are a sink"),
            });
        }
    }
}
