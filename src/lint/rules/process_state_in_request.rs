//! The environment and the working directory, changed for everybody.

use super::Found;
use super::found::proof;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::words;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (id, function) in workspace.functions.iter().enumerate() {
        for write in &function.facts.environment {
            let mut parts = write.function.rsplit("::");
            let name = parts.next().unwrap_or_default();
            // What the operator wrote, read into the environment, whoever came first.
            if name == "set_var" && !workspace.reach.is_entry(id) && is_settings(workspace, id) {
                continue;
            }
            if parts.next() != Some("env") || !(workspace.reach.is_reached(id) || write.in_route) {
                continue;
            }
            let what = if name == "set_current_dir" { "working directory" } else { "environment" };
            let mut finding = Found {
                file: function.file,
                span: write.span,
                message: format!("request code changes the {what} of the process"),
                label: "changed for all requests".to_owned(),
                others: Vec::new(),
                item: workspace.path_of(function),
                key: name.to_owned(),
                story: format!("A sets the {what}; B, at work meanwhile, reads what A has set"),
                mend: "pass the value as a parameter, or put it into the context: `RequestContext::builder().insert(..)`"
                    .to_owned(),
                proof: proof("TestRequest::post(\"/\").body(session.canary(\"value\"))"),
            };
            finding.reached(workspace, id);
            found.push(finding);
        }
    }
}

/// Whether a function stands in a module that loads the settings of the process.
fn is_settings(workspace: &Workspace<'_>, id: usize) -> bool {
    let function = &workspace.functions[id];
    let loads = words(&function.facts.name)
        .iter()
        .any(|word| matches!(&**word, "load" | "apply" | "env" | "dotenv" | "override"));
    loads
        && words(&workspace.files[function.file].module)
            .iter()
            .any(|word| matches!(&**word, "config" | "configuration" | "settings" | "dotenv"))
}
