//! Routes: which function a router hands the requests of a path to, as axum's are written.

use super::attributes::is_test;
use super::attributes::path_text;
use crate::lint::source::reduce;
use syn::Expr;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Pat;
use syn::visit;
use syn::visit::Visit;

/// What a file says of routers.
#[derive(Debug, Default)]
pub(in crate::lint) struct Routes {
    pub(in crate::lint) routes: Vec<Route>,
    pub(in crate::lint) mounts: Vec<Mount>,
}

/// One method of one path.
#[derive(Debug)]
pub(in crate::lint) struct Route {
    pub(in crate::lint) at: At,
    /// None where it is not written out.
    pub(in crate::lint) path: Option<String>,
    pub(in crate::lint) method: String,
    /// The function, as it is named there.
    pub(in crate::lint) handler: String,
}

/// A router in another one.
#[derive(Debug)]
pub(in crate::lint) struct Mount {
    pub(in crate::lint) at: At,
    /// None where it is not written out.
    pub(in crate::lint) prefix: Option<String>,
    /// The function that makes it, or the variable that it is in.
    pub(in crate::lint) mounted: String,
    pub(in crate::lint) is_variable: bool,
}

/// Where a router is put together: the function, and the variable if there is one.
#[derive(Clone, Debug, Default)]
pub(in crate::lint) struct At {
    pub(in crate::lint) function: String,
    pub(in crate::lint) variable: String,
}

/// The routes of `text`; none where it nests too deep to be read. It needs as much of a stack as the
/// facts of a file do.
pub(in crate::lint) fn routes(text: &str) -> Routes {
    let mut find =
        Find { found: Routes::default(), at: At::default(), prefix: vec![Some(String::new())] };
    if reduce(text).too_deep.is_none()
        && let Ok(file) = syn::parse_file(text)
    {
        find.visit_file(&file);
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    find.found
}

/// A path below a prefix, as axum joins them.
pub(in crate::lint) fn joined(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim_end_matches('/');
    match path {
        "" | "/" if !prefix.is_empty() => prefix.to_owned(),
        path => format!("{prefix}{path}"),
    }
}

struct Find {
    found: Routes,
    at: At,
    /// That of each router written inside the one before.
    prefix: Vec<Option<String>>,
}

impl Find {
    fn within(&self, path: Option<String>) -> Option<String> {
        let prefix = self.prefix.last().cloned().flatten();
        prefix.zip(path).map(|(prefix, path)| joined(&prefix, &path))
    }

    fn in_function(&mut self, name: &syn::Ident, visit: impl FnOnce(&mut Self)) {
        let at = At { function: name.to_string(), variable: String::new() };
        let around = std::mem::replace(&mut self.at, at);
        visit(self);
        self.at = around;
    }

    fn in_variable(&mut self, name: &syn::Ident, made_by: &Expr) {
        let around = std::mem::replace(&mut self.at.variable, name.to_string());
        if let Some((base, true)) = base(made_by)
            && base != self.at.variable
        {
            self.mount(Some(String::new()), base, true);
        }
        self.visit_expr(made_by);
        self.at.variable = around;
    }

    fn mount(&mut self, prefix: Option<String>, mounted: String, is_variable: bool) {
        let (at, prefix) = (self.at.clone(), self.within(prefix));
        self.found.mounts.push(Mount { at, prefix, mounted, is_variable });
    }

    fn router(&mut self, prefix: Option<String>, router: &Expr) {
        if let Some((mounted, is_variable)) = base(router) {
            self.mount(prefix.clone(), mounted, is_variable);
        }
        let prefix = self.within(prefix);
        self.prefix.push(prefix);
        self.visit_expr(router);
        self.prefix.pop();
    }
}

impl<'ast> Visit<'ast> for Find {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if is_test(&item.attrs) {
            return;
        }
        self.in_function(&item.sig.ident, |find| visit::visit_item_fn(find, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.in_function(&item.sig.ident, |find| visit::visit_impl_item_fn(find, item));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        match (pattern, &local.init) {
            (Pat::Ident(name), Some(init)) => self.in_variable(&name.ident, &init.expr),
            _ => visit::visit_local(self, local),
        }
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        match &*assign.left {
            Expr::Path(path) if path.path.get_ident().is_some() => {
                if let Some(name) = path.path.get_ident() {
                    self.in_variable(name, &assign.right);
                }
            }
            _ => visit::visit_expr_assign(self, assign),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let args: Vec<_> = call.args.iter().collect();
        match (&*call.method.to_string(), &*args) {
            ("route", [path, methods]) => {
                let path = self.within(literal(path));
                handlers(methods, &mut |method, handler| {
                    let (at, path) = (self.at.clone(), path.clone());
                    self.found.routes.push(Route { at, path, method, handler });
                });
                self.visit_expr(&call.receiver);
            }
            ("nest", [prefix, router]) => {
                self.router(literal(prefix), router);
                self.visit_expr(&call.receiver);
            }
            ("merge", [router]) => {
                self.router(Some(String::new()), router);
                self.visit_expr(&call.receiver);
            }
            _ => visit::visit_expr_method_call(self, call),
        }
    }
}

/// What a chain of calls begins with: the function that is called, or a variable.
fn base(expr: &Expr) -> Option<(String, bool)> {
    match expr {
        Expr::MethodCall(call) => base(&call.receiver),
        Expr::Paren(inner) => base(&inner.expr),
        Expr::Await(inner) => base(&inner.base),
        Expr::Try(inner) => base(&inner.expr),
        Expr::Path(path) => path.path.get_ident().map(|name| (name.to_string(), true)),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => Some((path_text(&path.path), false)),
            _ => None,
        },
        _ => None,
    }
}

/// The methods of `get(a).post(b)`, each with its function.
fn handlers(expr: &Expr, found: &mut impl FnMut(String, String)) {
    let (name, args) = match expr {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => (path.path.segments.last().map(|last| &last.ident), &call.args),
            _ => return,
        },
        Expr::MethodCall(call) => {
            handlers(&call.receiver, found);
            (Some(&call.method), &call.args)
        }
        _ => return,
    };
    let Some(name) = name.map(ToString::to_string) else { return };
    let method = match name.trim_end_matches("_service") {
        "get" | "any" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        _ => return,
    };
    if let (Some(handler), 1) = (args.first(), args.len())
        && let Some(handler) = function(handler)
    {
        found(method.to_owned(), handler);
    }
}

/// The function that a handler is, with what is put around it: `read`, `read.layer(..)`.
fn function(handler: &Expr) -> Option<String> {
    match handler {
        Expr::Path(path) => Some(path_text(&path.path)),
        Expr::MethodCall(call) => function(&call.receiver),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Reference(inner) => literal(&inner.expr),
        _ => None,
    }
}
