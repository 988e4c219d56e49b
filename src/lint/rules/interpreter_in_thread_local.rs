//! Interpreters that keep what one script left for the next.

use super::Found;
use super::found::proof;
use crate::lint::facts::StaticKind;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for (file, source) in workspace.files.iter().enumerate() {
        for decl in source.facts.statics.iter().filter(|decl| decl.kind == StaticKind::ThreadLocal)
        {
            let (_, ty) = workspace.expanded(file, &decl.ty);
            let imports = source.facts.scopes.iter().flat_map(|scope| &scope.imports);
            let has_scripts = { imports }.any(|import| import.path.starts_with("js_sandbox"));
            let is_script = |ty: &Ty| has_scripts && ty.name == "Script";
            if !ty.any(is_interpreter) && !ty.any(is_script) {
                continue;
            }
            let users = workspace.users_of(file, &decl.name);
            let others = users.iter().take(2).map(|(id, span)| {
                let function = &workspace.functions[*id];
                (function.file, *span, format!("`{}` runs something in it", function.facts.name))
            });
            found.push(Found {
                file,
                span: decl.span,
                message: format!("the interpreter `{}` serves all requests of its thread", decl.name),
                label: "keeps globals, modules and caches from one script to the next".to_owned(),
                others: others.collect(),
                item: format!("{}::{}", workspace.module_of(file, decl.scope), decl.name),
                key: decl.ty.to_string(),
                story: "A's script sets a global or replaces a function; B's script, on the same thread, meets it"
                    .to_owned(),
                mend: "make one interpreter per request or per tenant; a sandbox inside one is not enough".to_owned(),
                proof: proof("TestRequest::post(\"/run\").body(session.canary(\"global\"))"),
            });
        }
    }
}

fn is_interpreter(ty: &Ty) -> bool {
    const NAMES: &[&str] = &[
        "Lua",
        "JsRuntime",
        "Isolate",
        "OwnedIsolate",
        "Interpreter",
        "Engine",
        "AsyncRuntime",
        "AsyncContext",
        "PyInterpreter",
        "VirtualMachine",
        "Vm",
        "VM",
        "JSRuntime",
        "QuickJs",
        "DenoRuntime",
        "MainWorker",
        "Scope",
        "MiniV8",
        "Mlua",
        "Starlark",
        "Evaluator",
        "SandboxedIsolate",
        "RubyVm",
        "JsContext",
        "StoreContext",
    ];
    NAMES.contains(&&*ty.name)
        || ty.name == "Context"
            && matches!(&*ty.qualifier, "boa_engine" | "rquickjs" | "boa" | "quickjs")
        || ty.name == "Runtime" && matches!(&*ty.qualifier, "rquickjs" | "deno_core" | "v8")
        || ty.name == "Store" && ty.qualifier == "wasmtime"
}
