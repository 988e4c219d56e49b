//! `static mut`.

use super::Found;
use super::found::proof;
use crate::lint::facts::StaticKind;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (file, source) in workspace.files.iter().enumerate() {
        for decl in source.facts.statics.iter().filter(|decl| decl.kind == StaticKind::Mutable) {
            let users = workspace.users_of(file, &decl.name);
            let others = users.iter().take(2).map(|(id, span)| {
                let function = &workspace.functions[*id];
                (function.file, *span, format!("`{}` uses it", function.facts.name))
            });
            found.push(Found {
                file,
                span: decl.span,
                message: format!("`static mut {}` is shared by all requests without any protection", decl.name),
                label: format!("one `{}` for the whole process", decl.ty),
                others: others.collect(),
                item: format!("{}::{}", workspace.module_of(file, decl.scope), decl.name),
                key: decl.ty.to_string(),
                story: "one request writes it while another reads it: a data race, and what is read is the other's"
                    .to_owned(),
                mend: "keep one value per session, `static X: PerSession<T> = PerSession::new()`, or put it behind a \
                       lock if it is nobody's"
                    .to_owned(),
                proof: proof("TestRequest::get(\"/\")"),
            });
        }
    }
}
