//! Guards of spans that live over an await.

use super::body::Walker;
use super::macros;
use crate::lint::facts::Guard;
use crate::lint::facts::GuardKind;
use proc_macro2::Span;
use syn::Expr;
use syn::Local;
use syn::Pat;
use syn::Stmt;
use syn::visit;
use syn::visit::Visit;

impl Walker<'_, '_> {
    /// Notes a guard that `local` binds and one of `rest` holds over an await.
    pub(super) fn guard(&mut self, local: &Local, rest: &[Stmt]) {
        let Some(init) = &local.init else { return };
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let Pat::Ident(name) = pattern else { return };
        let Some((kind, made_at)) = self.guard_of(&init.expr) else { return };
        let name = &name.ident;
        let mut search = Search { guard: name.to_string(), found: None, is_dropped: false };
        for statement in rest {
            search.visit_stmt(statement);
            if search.is_dropped || search.found.is_some() {
                break;
            }
        }
        if let Some(held_over) = search.found {
            let (span, held_over) = (self.extractor.span(made_at), self.extractor.span(held_over));
            self.facts.guards.push(Guard { kind, name: name.to_string(), span, held_over });
        }
    }

    /// What guard an expression makes.
    fn guard_of(&self, expr: &Expr) -> Option<(GuardKind, Span)> {
        let call = match expr {
            Expr::MethodCall(call) => call,
            Expr::Paren(inner) => return self.guard_of(&inner.expr),
            _ => return None,
        };
        let at = call.method.span();
        match &*call.method.to_string() {
            "entered" if call.args.is_empty() => Some((GuardKind::Tracing, at)),
            "enter" if call.args.is_empty() && self.is_span(&call.receiver) => {
                Some((GuardKind::Tracing, at))
            }
            "attach" if call.args.is_empty() && self.is_otel(&call.receiver) => {
                Some((GuardKind::OpenTelemetry, at))
            }
            "push_scope" if call.args.is_empty() => Some((GuardKind::Sentry, at)),
            _ => None,
        }
    }

    /// Whether an expression is a span: a runtime has an `enter` as well.
    fn is_span(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Macro(invocation) => invocation
                .mac
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident.to_string().ends_with("span")),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                name.contains("span")
                    || self
                        .bound
                        .get(&name)
                        .is_some_and(|bound| bound.flow.is_carried && bound.flow.calls.is_empty())
            }),
            Expr::Field(field) => {
                matches!(&field.member, syn::Member::Named(name) if name.to_string().contains("span"))
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => path.path.segments.iter().any(|segment| {
                    let name = segment.ident.to_string();
                    name == "Span" || name.ends_with("span")
                }),
                _ => false,
            },
            Expr::MethodCall(call) => {
                call.method.to_string().contains("span") || self.is_span(&call.receiver)
            }
            Expr::Reference(inner) => self.is_span(&inner.expr),
            Expr::Paren(inner) => self.is_span(&inner.expr),
            _ => false,
        }
    }

    fn is_otel(&self, expr: &Expr) -> bool {
        let names = self.flow(expr);
        let is_context = |name: &String| {
            let name = name.to_ascii_lowercase();
            matches!(
                &*name,
                "cx" | "ctx" | "context" | "current_with_span" | "with_remote_span_context"
            ) || name.ends_with("_cx")
                || name.ends_with("_ctx")
                || name.ends_with("_context")
        };
        let is_imported = || {
            let scopes = &self.extractor.facts.scopes;
            scopes.iter().flat_map(|scope| &scope.imports).any(|import| {
                import.path.starts_with("opentelemetry")
                    || import.path.contains("tracing_opentelemetry")
            })
        };
        let is_full_path = || {
            matches!(expr, Expr::Call(call) if matches!(&*call.func, Expr::Path(path)
            if path.path.segments.first().is_some_and(|first| first.ident == "opentelemetry")))
        };
        is_full_path()
            || is_imported() && names.names.iter().chain(&names.calls).any(is_context)
            || is_imported() && names.calls.iter().any(|call| call == "current")
    }
}

/// Looks for an await while the guard lives.
struct Search {
    guard: String,
    found: Option<Span>,
    is_dropped: bool,
}

impl<'ast> Visit<'ast> for Search {
    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if self.found.is_none() && !self.is_dropped {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        visit::visit_expr_await(self, expr);
        if !self.is_dropped {
            self.found = self.found.or(Some(expr.await_token.span));
        }
    }

    fn visit_expr_yield(&mut self, expr: &'ast syn::ExprYield) {
        visit::visit_expr_yield(self, expr);
        if !self.is_dropped {
            self.found = self.found.or(Some(expr.yield_token.span));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let is_drop = matches!(&*call.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "drop"));
        let is_guard =
            matches!(call.args.first(), Some(Expr::Path(path)) if path.path.is_ident(&self.guard));
        if is_drop && is_guard {
            self.is_dropped = true;
        } else {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        if self.is_dropped || self.found.is_some() {
            return;
        }
        let name =
            invocation.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        match &*name {
            "select" | "join" | "try_join" | "yield_" => {
                self.found = invocation.path.segments.last().map(|last| last.ident.span());
            }
            // What these hold runs elsewhere.
            "stream" | "try_stream" | "quote" => {}
            _ => self.found = macros::await_in(&invocation.tokens),
        }
    }

    // These run on their own.
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
