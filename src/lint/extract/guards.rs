//! Guards of spans that live over an await.

use super::bind::names_of;
use super::body::Walker;
use super::held::Held;
use crate::lint::facts::Guard;
use crate::lint::facts::GuardKind;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use proc_macro2::Span;
use syn::Expr;
use syn::Local;
use syn::Pat;
use syn::Stmt;
use syn::visit::Visit;

/// Expressions inside expressions in which a guard is looked for.
const MAX_DEPTH: u8 = 6;

impl Walker<'_, '_> {
    /// Notes the guards that `local` binds and one of `rest` holds over an await.
    pub(super) fn guard(&mut self, local: &Local, rest: &[Stmt]) {
        let Some(init) = &local.init else { return };
        let mut found = Vec::new();
        self.guards_in(&local.pat, &init.expr, &mut found);
        for (name, kind, made_at) in found {
            self.held(name, kind, made_at, |search| search.statements(rest));
        }
    }

    /// Notes the guards that `if let` or an arm of `match` binds and `body` holds over an await.
    pub(super) fn guard_of_branch(&mut self, pattern: &Pat, made_by: &Expr, body: Body<'_>) {
        let mut found = Vec::new();
        self.guards_in(pattern, made_by, &mut found);
        for (name, kind, made_at) in found {
            self.held(name, kind, made_at, |search| match body {
                Body::Block(block) => search.statements(&block.stmts),
                Body::Expr(expr) => search.visit_expr(expr),
            });
        }
    }

    fn held(&mut self, name: String, kind: GuardKind, made_at: Span, look: impl FnOnce(&mut Held)) {
        let mut search = Held::new(&name);
        look(&mut search);
        if let Some(held_over) = search.found {
            let (span, held_over) = (self.extractor.span(made_at), self.extractor.span(held_over));
            if !self.facts.guards.iter().any(|guard| guard.span == span) {
                self.facts.guards.push(Guard { kind, name, span, held_over });
            }
        }
    }

    /// The guards that `made_by` makes, by the names in `pattern` that keep them.
    fn guards_in(&self, pattern: &Pat, made_by: &Expr, found: &mut Vec<(String, GuardKind, Span)>) {
        match (pattern, made_by) {
            (Pat::Type(typed), made_by) => return self.guards_in(&typed.pat, made_by, found),
            (pattern, Expr::Paren(inner)) => return self.guards_in(pattern, &inner.expr, found),
            (Pat::Tuple(names), Expr::Tuple(values)) => {
                for (pattern, value) in names.elems.iter().zip(&values.elems) {
                    self.guards_in(pattern, value, found);
                }
                return;
            }
            (Pat::Wild(_), _) => return,
            _ => {}
        }
        let Some((kind, made_at)) = self.guard_of(made_by, 0) else { return };
        names_of(pattern, &mut |name| found.push((name.to_string(), kind, made_at)));
    }

    /// What guard an expression makes, or keeps in what it makes.
    fn guard_of(&self, expr: &Expr, depth: u8) -> Option<(GuardKind, Span)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let of = |expr: &Expr| self.guard_of(expr, depth + 1);
        let call = match expr {
            Expr::MethodCall(call) => call,
            Expr::Paren(inner) => return of(&inner.expr),
            Expr::Tuple(tuple) => return tuple.elems.iter().find_map(of),
            Expr::Struct(literal) => {
                return literal.fields.iter().find_map(|field| of(&field.expr));
            }
            Expr::Call(call) => {
                if let Some(at) = self.marked_as_active(&call.func) {
                    return Some((GuardKind::OpenTelemetry, at));
                }
                // `Some(span.enter())`
                let wraps = matches!(&*call.func, Expr::Path(path)
                    if path.path.segments.last().is_some_and(|last| last.ident.to_string()
                        .starts_with(|first: char| first.is_uppercase())));
                return if wraps { call.args.iter().find_map(of) } else { None };
            }
            Expr::Block(block) => return last_of(&block.block).and_then(of),
            Expr::If(branch) => {
                let otherwise = branch.else_branch.as_ref().and_then(|(_, expr)| of(expr));
                return last_of(&branch.then_branch).and_then(of).or(otherwise);
            }
            Expr::Match(branches) => return branches.arms.iter().find_map(|arm| of(&arm.body)),
            _ => return None,
        };
        let at = call.method.span();
        match &*call.method.to_string() {
            "entered" | "enter" if call.args.is_empty() && self.is_span(&call.receiver) => {
                Some((GuardKind::Tracing, at))
            }
            "attach" if call.args.is_empty() && self.is_otel(&call.receiver) => {
                Some((GuardKind::OpenTelemetry, at))
            }
            "push_scope" if call.args.is_empty() && self.is_hub(&call.receiver) => {
                Some((GuardKind::Sentry, at))
            }
            // `span.map(|span| span.entered())`, `is_traced.then(|| span.enter())`
            "map" | "then" => match call.args.first() {
                Some(Expr::Closure(closure)) => of(&closure.body),
                Some(Expr::Path(path)) => {
                    let mut names = path.path.segments.iter().rev();
                    let is_enter = names.next().is_some_and(|last| last.ident == "entered");
                    let is_of_span = names.next().is_some_and(|ty| ty.ident == "Span");
                    (is_enter && is_of_span).then_some((GuardKind::Tracing, at))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Where `opentelemetry::trace::mark_span_as_active` is named, which enters a span until its guard is gone.
    fn marked_as_active(&self, called: &Expr) -> Option<Span> {
        let Expr::Path(path) = called else { return None };
        let last = path.path.segments.last().filter(|last| last.ident == "mark_span_as_active")?;
        let full = self.extractor.resolve(&super::attributes::path_text(&path.path));
        full.starts_with("opentelemetry").then(|| last.ident.span())
    }

    /// Whether a parameter, a field of this file's types, or a local name has a type that is one.
    fn has_type(&self, expr: &Expr, name: &str) -> bool {
        let is_one = |ty: &Ty| ty.any(|ty| ty.name == name);
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|ident| {
                let ident = ident.to_string();
                let mut params = self.facts.params.iter();
                params.any(|param| param.names.contains(&ident) && is_one(&param.ty))
            }),
            Expr::Field(field) => {
                let syn::Member::Named(member) = &field.member else { return false };
                let is_own = |ty: &TypeDecl| match &self.facts.member_of {
                    Some(of) if matches!(&*field.base, Expr::Path(path) if path.path.is_ident("self")) => {
                        ty.name == of.ty
                    }
                    _ => true,
                };
                let mut fields =
                    self.extractor.facts.types.iter().filter(|ty| is_own(ty)).flat_map(|ty| {
                        match &ty.shape {
                            Shape::Struct(fields) | Shape::Enum(fields) => &**fields,
                            Shape::Alias(_) => &[],
                        }
                    });
                fields.any(|field| member == &field.name && is_one(&field.ty))
            }
            _ => false,
        }
    }

    /// Whether an expression is a hub of Sentry.
    fn is_hub(&self, expr: &Expr) -> bool {
        let flow = self.flow(expr);
        self.has_type(expr, "Hub")
            || flow.is_carried && flow.calls.iter().any(|call| call == "current")
            || flow.names.iter().any(|name| name.to_lowercase().contains("hub"))
    }

    /// Whether an expression is a span: a runtime has an `enter` as well.
    pub(super) fn is_span(&self, expr: &Expr) -> bool {
        if self.has_type(expr, "Span") {
            return true;
        }
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
                        .is_some_and(|bound| bound.flow.is_carried && of_span(&bound.flow.calls))
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

/// Whether all calls that made a value give a span.
fn of_span(calls: &[String]) -> bool {
    let gives = |call: &String| {
        matches!(&**call, "current" | "clone" | "or_current" | "none" | "unwrap_or_else")
            || call.contains("span")
    };
    calls.iter().all(gives)
}

/// The value of a block.
fn last_of(block: &syn::Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(Stmt::Expr(expr, None)) => Some(expr),
        _ => None,
    }
}

/// What runs while a branch's guard lives.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Block(&'a syn::Block),
    Expr(&'a Expr),
}
