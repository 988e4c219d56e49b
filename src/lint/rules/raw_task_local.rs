//! Task-locals beside the context.

use super::Found;
use super::found::proof;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (file, source) in workspace.files.iter().enumerate() {
        if workspace.settings.clippy.has_task_local(source.package) {
            continue;
        }
        for invocation in &source.facts.macros {
            if invocation.path.rsplit("::").next() != Some("task_local") {
                continue;
            }
            let names = invocation.names.join("`, `");
            found.push(Found {
                file,
                span: invocation.span,
                message: format!("the task-local `{names}` is not carried along"),
                label: "only this task has it".to_owned(),
                others: Vec::new(),
                item: format!("{}::{}", workspace.module_of(file, invocation.scope), invocation.names.join("+")),
                key: String::new(),
                story: "a handler starts a task; in there the task-local is not set, or what is set in its place is \
                        somebody else's"
                    .to_owned(),
                mend: "make it a `ContextValue` and put it into the context; it declares how far it travels"
                    .to_owned(),
                proof: proof("TestRequest::get(\"/\")  // what spawned tasks hold is a sink"),
            });
        }
    }
}
