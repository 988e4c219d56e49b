//! Calls that rules ask for: work that is started, the environment, routes, and shared state.

use super::attributes::path_text;
use super::body::Walker;
use super::body::is_capital;
use crate::lint::facts::Access;
use crate::lint::facts::EnvironmentWrite;
use crate::lint::facts::Flow;
use crate::lint::facts::Place;
use crate::lint::facts::Spawn;
use syn::Expr;
use syn::ExprCall;
use syn::ExprMethodCall;
use syn::Token;
use syn::punctuated::Punctuated;
use syn::visit::Visit;

type Args = Punctuated<Expr, Token![,]>;

const ROUTE_FUNCTIONS: &[&str] = &[
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "head",
    "options",
    "any",
    "on",
    "handler",
    "service_fn",
];
const ROUTE_METHODS: &[&str] = &[
    "post",
    "put",
    "delete",
    "patch",
    "to",
    "to_async",
    "fallback",
    "on_upgrade",
    "method_not_allowed_fallback",
];

/// The methods of maps that are given a key and a value, or what makes one.
const BY_KEY: &[&str] = &[
    "get_with",
    "try_get_with",
    "get_with_by_ref",
    "try_get_with_by_ref",
    "optionally_get_with",
    "try_get_or_insert",
    "insert",
    "put",
    "try_insert",
    "insert_async",
    "insert_sync",
    "cache_set",
    "set",
    "push",
];
/// Those that are given a key alone.
const KEY_ALONE: &[&str] = &[
    "get",
    "get_mut",
    "contains_key",
    "remove",
    "peek",
    "cache_get",
    "get_async",
    "read_async",
    "entry",
    "entry_async",
    "get_value_or_guard_async",
];
/// The methods of slots, which are given a value alone.
const VALUE_ALONE: &[&str] = &[
    "get_or_init",
    "get_or_try_init",
    "get_or_insert_with",
    "store",
    "swap",
    "set",
    "replace",
    "send_replace",
    "insert",
    "push",
    "fetch_max",
    "send",
    "rcu",
    "send_modify",
    "push_back",
];

/// Which arguments of a method of a map or slot are its key and its value.
fn operands(method: &str, count: usize) -> Option<(Option<usize>, Option<usize>)> {
    match count {
        1 if KEY_ALONE.contains(&method) => Some((Some(0), None)),
        1 if VALUE_ALONE.contains(&method) => Some((None, Some(0))),
        // The other is the ordering.
        2 if matches!(method, "store" | "swap") => Some((None, Some(0))),
        2 if BY_KEY.contains(&method) || method.starts_with("get_or_") => Some((Some(0), Some(1))),
        3 if method.starts_with("get_or_") || matches!(method, "insert_with_ttl" | "set_ex") => {
            Some((Some(0), Some(1)))
        }
        _ => None,
    }
}

impl Walker<'_, '_> {
    pub(super) fn call(&mut self, call: &ExprCall) {
        let is_awaited = std::mem::take(&mut self.is_awaited);
        let Expr::Path(func) = &*call.func else {
            self.visit_expr(&call.func);
            return self.arguments(&call.args, false);
        };
        let Some(last) = func.path.segments.last() else { return };
        let (name, span) = (last.ident.to_string(), self.extractor.span(last.ident.span()));
        let is_route = ROUTE_FUNCTIONS.contains(&&*name) && call.args.len() <= 2;
        if is_route {
            self.routes(&call.args);
        }
        let function = self.extractor.resolve(&path_text(&func.path));
        let called = function.rsplit("::").next().unwrap_or_default();
        if matches!(called, "set_var" | "remove_var" | "set_current_dir") {
            self.facts.environment.push(EnvironmentWrite {
                function,
                in_route: self.in_route,
                span,
            });
        }
        if name.starts_with("spawn") && !call.args.is_empty() {
            let callee = self.extractor.resolve(&path_text(&func.path));
            let spawn = Spawn {
                callee,
                receiver: Place::default(),
                work: self.work(&call.args),
                arguments: call.args.len() as u8,
                in_route: self.in_route,
                is_awaited,
                span,
            };
            self.facts.spawns.push(spawn);
        } else if !is_route
            && let Expr::Path(_) = &*call.func
            && self.resolves_to_spawn(&func.path)
        {
            let callee = self.extractor.resolve(&path_text(&func.path));
            let work = self.work(&call.args);
            let arguments = call.args.len() as u8;
            let (receiver, in_route) = (Place::default(), self.in_route);
            self.facts.spawns.push(Spawn {
                callee,
                receiver,
                work,
                arguments,
                in_route,
                is_awaited,
                span,
            });
        }
        self.arguments(&call.args, is_route);
    }

    /// Whether an import gives a spawn another name: `use tokio::spawn as start`.
    fn resolves_to_spawn(&self, path: &syn::Path) -> bool {
        path.get_ident().is_some_and(|name| {
            let resolved = self.extractor.resolve(&name.to_string());
            resolved.contains("::")
                && resolved.rsplit("::").next().is_some_and(|last| last.starts_with("spawn"))
        })
    }

    /// The last argument that is work, or what all of them are made of.
    fn work(&self, args: &Args) -> Flow {
        let mut work = Flow::default();
        for arg in args {
            let flow = self.flow(arg);
            work.add(&flow);
            // A span or context that is handed over travels, whoever enters it.
            let is_span =
                |name: &String| name == "span" || name.ends_with("_span") || name.ends_with("_cx");
            work.is_carried |= flow.names.iter().any(is_span);
        }
        work
    }

    fn arguments(&mut self, args: &Args, in_route: bool) {
        for arg in args {
            match arg {
                Expr::Closure(closure) => self.closure(closure, in_route),
                arg => self.visit_expr(arg),
            }
        }
    }

    /// Notes the functions that a router is given.
    fn routes(&mut self, args: &Args) {
        for arg in args {
            if let Expr::Path(path) = arg {
                let text = path_text(&path.path);
                let is_local = self.bound.contains_key(&text);
                let is_function = path
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| !is_capital(&last.ident.to_string()));
                if is_function && !is_local {
                    let resolved = self.extractor.resolve(&text);
                    self.extractor.facts.routes.push(resolved);
                }
            }
        }
    }

    pub(super) fn method_call(&mut self, call: &ExprMethodCall) {
        let is_awaited = std::mem::take(&mut self.is_awaited);
        let method = call.method.to_string();
        let span = self.extractor.span(call.method.span());
        // `spawn(..).await` and `spawn(..).map(..).await` both wait for it.
        self.is_awaited = is_awaited;
        self.visit_expr(&call.receiver);
        self.is_awaited = false;
        let on_router = matches!(&*call.receiver, Expr::Call(inner) if matches!(&*inner.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| ROUTE_FUNCTIONS.contains(&&*last.ident.to_string()))));
        let is_route = ROUTE_METHODS.contains(&&*method) || method == "get" && on_router;
        if is_route {
            self.routes(&call.args);
        }
        if method.starts_with("spawn") && !call.args.is_empty() {
            let spawn = Spawn {
                callee: format!(".{method}"),
                receiver: self.place(&call.receiver).unwrap_or_default(),
                work: self.work(&call.args),
                arguments: call.args.len() as u8,
                in_route: self.in_route,
                is_awaited,
                span,
            };
            self.facts.spawns.push(spawn);
        }
        self.access(call, &method, span);
        if matches!(
            &*method,
            "with" | "with_borrow_mut" | "with_borrow" | "rcu" | "send_modify" | "and_modify"
        ) && let Some(Expr::Closure(closure)) = call.args.last()
        {
            let place = self.place(&call.receiver);
            return self.closure_over(place.as_ref(), closure);
        }
        self.arguments(&call.args, is_route);
    }

    fn access(&mut self, call: &ExprMethodCall, method: &str, span: crate::lint::facts::Span) {
        let (receiver, method, entry_key) = match (&*call.receiver, method) {
            // `entry(key).or_insert_with(loader)` is one operation.
            (Expr::MethodCall(entry), "or_insert_with" | "or_try_insert_with" | "or_insert")
                if entry.method == "entry" || entry.method == "entry_async" =>
            {
                (&*entry.receiver, method, entry.args.first())
            }
            (Expr::Await(entry), "or_insert_with" | "or_insert") => match &*entry.base {
                Expr::MethodCall(entry) if entry.method == "entry_async" => {
                    (&*entry.receiver, method, entry.args.first())
                }
                _ => return,
            },
            (receiver, method) => (receiver, method, None),
        };
        let (key, value) = match entry_key {
            Some(key) => (Some(key), call.args.first()),
            None => match operands(method, call.args.len()) {
                Some((key, value)) => {
                    let arg = |at: Option<usize>| at.and_then(|at| call.args.get(at));
                    (arg(key), arg(value))
                }
                None => return,
            },
        };
        let Some(place) = self.place(receiver) else { return };
        if place.is_fresh || place.names.is_empty() {
            return;
        }
        let access = Access {
            method: method.to_owned(),
            key: key.map(|key| self.flow(key)),
            value: value.map(|value| self.flow(value)),
            in_route: self.in_route,
            place,
            span,
        };
        self.facts.accesses.push(access);
    }
}
