//! Calls that rules ask for: the environment, routes, and shared state.

use super::attributes::path_text;
use super::body::Walker;
use super::body::is_capital;
use super::origin::Items;
use crate::lint::facts::Access;
use crate::lint::facts::EnvironmentWrite;
use crate::lint::facts::Span;
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
    "from_fn",
    "from_fn_with_state",
    "map_request",
    "map_request_with_state",
    "map_response",
    "map_response_with_state",
    "handler_fn",
    "get_with",
    "post_with",
    "put_with",
    "delete_with",
    "patch_with",
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
    "endpoint",
    "register_method",
    "register_async_method",
    "register_subscription",
    "wrap_fn",
    "hoop",
    "goal",
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
    "contains",
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
/// Those that give all that is in a map.
const OF_ALL: &[&str] = &["values", "values_mut", "iter", "iter_mut", "keys", "drain"];

/// Which arguments of a method of a map or slot are its key and its value.
fn operands(method: &str, count: usize) -> Option<(Option<usize>, Option<usize>)> {
    match count {
        0 if OF_ALL.contains(&method) => Some((None, None)),
        1 if KEY_ALONE.contains(&method) => Some((Some(0), None)),
        1 if VALUE_ALONE.contains(&method) => Some((None, Some(0))),
        // The other is the ordering.
        2 if matches!(method, "store" | "swap") => Some((None, Some(0))),
        2 if BY_KEY.contains(&method) || is_get_or(method) => Some((Some(0), Some(1))),
        3 if is_get_or(method) || matches!(method, "insert_with_ttl" | "set_ex") => {
            Some((Some(0), Some(1)))
        }
        _ => None,
    }
}

/// Whether a method gives what is there, or else what it is told to make.
fn is_get_or(method: &str) -> bool {
    method.starts_with("get_or_") || method.ends_with("get_or_set_with")
}

impl Walker<'_, '_> {
    pub(super) fn call(&mut self, call: &ExprCall) {
        let is_awaited = std::mem::take(&mut self.is_awaited);
        let Expr::Path(func) = &*call.func else {
            self.visit_expr(&call.func);
            return self.arguments(&call.args, false, None);
        };
        let Some(last) = func.path.segments.last() else { return };
        let (name, span) = (last.ident.to_string(), self.extractor.span(last.ident.span()));
        let real = self.extractor.resolve(&path_text(&func.path));
        // What a closure calls that a router was given is what the router was given.
        if self.in_route && !self.bound.contains_key(&real) {
            self.extractor.facts.routes.push(real.clone());
        }
        let is_to = real.ends_with("web::to");
        let real = real.rsplit("::").next().unwrap_or(&name);
        let is_route = is_to || ROUTE_FUNCTIONS.contains(&real) && call.args.len() <= 2;
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
        let from: Vec<_> = call.args.iter().collect();
        self.changed_by_reference(&call.args, &from);
        let spawn = if is_route { None } else { self.spawned_by_call(call, is_awaited) };
        if spawn.is_none() {
            self.handed_by_call(call);
            self.passed_by_call(call);
        }
        self.reads(self.header_by_call(call));
        let around = self.inside_spawn;
        self.inside_spawn = spawn.or(around);
        let is_waited_for = is_awaited && matches!(real, "timeout" | "timeout_at");
        let visit = |walker: &mut Self| {
            if let (true, Some(Expr::Call(work))) = (is_waited_for, call.args.last()) {
                let before = call.args.iter().take(call.args.len() - 1);
                before.for_each(|arg| walker.visit_expr(arg));
                walker.is_awaited = true;
                return walker.call(work);
            }
            walker.arguments(&call.args, is_route, None);
        };
        visit(self);
        self.inside_spawn = around;
    }

    /// Visits what a call is given, which fills a cell once for all if `is_once`.
    fn once(&mut self, is_once: bool, visit: impl FnOnce(&mut Self), parens: &syn::token::Paren) {
        if is_once && !self.in_once {
            let span = self.extractor.span(parens.span.join());
            self.facts.once.push(span);
        }
        let around = self.in_once;
        self.in_once |= is_once;
        visit(self);
        self.in_once = around;
    }

    /// Whether a chain begins with a filter of warp.
    fn is_filter(&self, expr: &Expr) -> bool {
        match expr {
            Expr::MethodCall(call) => self.is_filter(&call.receiver),
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => {
                    self.extractor.resolve(&path_text(&path.path)).starts_with("warp::")
                }
                _ => false,
            },
            Expr::Macro(invocation) => {
                let path = self.extractor.resolve(&path_text(&invocation.mac.path));
                path.starts_with("warp::")
            }
            _ => false,
        }
    }

    /// The functions in `routes!(a, b)`.
    pub(super) fn routes_in(&mut self, invocation: &syn::Macro) {
        let parsed = invocation.parse_body_with(Args::parse_terminated);
        self.routes(&parsed.unwrap_or_default());
    }

    fn arguments(&mut self, args: &Args, in_route: bool, of: Option<&Items>) {
        for arg in args {
            match arg {
                Expr::Closure(closure) => self.closure(closure, in_route, of),
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
        let chain = self.chain_of(call);
        let is_chain = chain.is_some();
        self.chain = chain.or(self.chain.take());
        self.visit_expr(&call.receiver);
        self.is_awaited = false;
        let is_route = ROUTE_METHODS.contains(&&*method)
            || method == "get" && is_router(&call.receiver)
            || method == "and_then" && self.is_filter(&call.receiver);
        if is_route {
            self.routes(&call.args);
        }
        let spawn = self.spawned_by_method(call, &method, is_awaited);
        if spawn.is_none() {
            self.handed_by_method(call);
            self.passed_by_method(call);
        }
        let around = self.inside_spawn;
        // What the pool runs stands in the arguments of the methods that follow.
        let of_chain = self.chain.as_ref().and_then(|chain| chain.spawn);
        self.inside_spawn = spawn.or(of_chain).or(around);
        self.access(call, &method, is_awaited, span);
        self.reads(self.header_by_method(call));
        self.facts.query_keys.extend(self.query_key(call, &method));
        if method == "record" {
            self.recorded(call, span);
        }
        // What this call has made is filled at each.
        let is_kept = || self.place(&call.receiver).is_some_and(|place| !place.is_fresh);
        let is_once = fills_once(&method, call.args.len()) && is_kept();
        let visit = |walker: &mut Self| walker.method_arguments(call, &method, is_route);
        self.once(is_once, visit, &call.paren_token);
        self.inside_spawn = around;
        if is_chain {
            self.chain = None;
        }
        self.changed_by_method(call, &method);
    }

    fn method_arguments(&mut self, call: &ExprMethodCall, method: &str, is_route: bool) {
        if matches!(
            method,
            "with" | "with_borrow_mut" | "with_borrow" | "rcu" | "send_modify" | "and_modify"
        ) && let Some(Expr::Closure(closure)) = call.args.last()
        {
            let place = self.place(&call.receiver);
            return self.closure_over(place.as_ref(), closure);
        }
        let of = self.items_of(call);
        self.arguments(&call.args, is_route, of.as_ref());
    }

    fn access(&mut self, call: &ExprMethodCall, method: &str, is_awaited: bool, span: Span) {
        let (receiver, method, entry_key) = match (&*call.receiver, method) {
            // `entry(key).or_insert_with(loader)` is one operation.
            (Expr::MethodCall(entry), method)
                if method.starts_with("or_")
                    && matches!(
                        &*entry.method.to_string(),
                        "entry" | "entry_by_ref" | "entry_ref" | "entry_async"
                    ) =>
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
            is_awaited,
            place,
            span,
        };
        self.facts.accesses.push(access);
    }
}

/// Whether a method fills a cell with what its argument gives, the first time that it is called.
fn fills_once(method: &str, count: usize) -> bool {
    count == 1
        && matches!(method, "get_or_init" | "get_or_try_init" | "call_once" | "call_once_force")
}

/// Whether an expression is a route that is written so far: `get(a)`, `MethodRouter::new()`, `app.at("/")`.
fn is_router(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return false };
            let mut names =
                path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let last = names.next().unwrap_or_default();
            let before = names.next().unwrap_or_default();
            ROUTE_FUNCTIONS.contains(&&*last) || last == "new" && before.ends_with("Router")
        }
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            method == "at" || ROUTE_METHODS.contains(&&*method) || is_router(&call.receiver)
        }
        _ => false,
    }
}
