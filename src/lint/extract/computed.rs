//! Work that computes one thing: what it calls, where that is all it does.

use super::attributes::path_text;
use super::bind::names_of;
use super::body::Walker;
use syn::Expr;
use syn::Stmt;
use syn::visit;
use syn::visit::Visit;

/// Work with more statements does more than one thing.
const MAX_STATEMENTS: usize = 3;

impl Walker<'_, '_> {
    /// The functions that work calls, by their paths, where it is short and calls methods of nothing but of what
    /// these give: `|| bcrypt::verify(a, &b)`, `tempfile::tempdir`. Empty where it is anything else.
    pub(super) fn computes(&self, work: &Expr) -> Vec<String> {
        let closure = match work {
            Expr::Closure(closure) => closure,
            Expr::Path(path) if path.path.segments.len() > 1 => {
                return vec![self.extractor.resolve(&path_text(&path.path))];
            }
            _ => return Vec::new(),
        };
        let mut seen = Seen::default();
        match &*closure.body {
            Expr::Block(body) if body.block.stmts.len() > MAX_STATEMENTS => return Vec::new(),
            Expr::Block(body) => body.block.stmts.iter().for_each(|statement| {
                seen.visit_stmt(statement);
            }),
            body => seen.visit_expr(body),
        }
        if seen.is_more {
            return Vec::new();
        }
        seen.paths.iter().map(|path| self.extractor.resolve(path)).collect()
    }
}

#[derive(Default)]
struct Seen {
    paths: Vec<String>,
    /// The names that the work binds itself.
    own: Vec<String>,
    is_more: bool,
    /// Whether this is what a function is given.
    in_argument: bool,
}

impl Seen {
    /// Whether a value is one that the work has made.
    fn is_own(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Call(_) => true,
            Expr::MethodCall(call) => self.is_own(&call.receiver),
            Expr::Try(inner) => self.is_own(&inner.expr),
            Expr::Paren(inner) => self.is_own(&inner.expr),
            Expr::Reference(inner) => self.is_own(&inner.expr),
            Expr::Path(path) => {
                path.path.get_ident().is_some_and(|name| self.own.iter().any(|own| name == own))
            }
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Seen {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let Expr::Path(path) = &*call.func else {
            self.is_more = true;
            return;
        };
        let text = path_text(&path.path);
        let last = text.rsplit("::").next().unwrap_or_default();
        // `Ok(..)`, `AppError::Internal(..)`
        if !last.starts_with(|first: char| first.is_uppercase()) {
            self.paths.push(text);
        }
        let around = std::mem::replace(&mut self.in_argument, true);
        visit::visit_expr_call(self, call);
        self.in_argument = around;
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        // A function may be given a part of what was there before.
        self.is_more |= !self.in_argument && !self.is_own(&call.receiver);
        self.visit_expr(&call.receiver);
        let around = std::mem::replace(&mut self.in_argument, true);
        for arg in &call.args {
            // What is made of an error is no matter.
            if !matches!(arg, Expr::Closure(_) | Expr::Path(_)) {
                self.visit_expr(arg);
            }
        }
        self.in_argument = around;
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Local(local) = statement {
            names_of(&local.pat, &mut |name| self.own.push(name.to_string()));
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.is_more |= matches!(
            expr,
            Expr::Await(_)
                | Expr::Async(_)
                | Expr::Loop(_)
                | Expr::While(_)
                | Expr::ForLoop(_)
                | Expr::Assign(_)
                | Expr::Unsafe(_)
        );
        visit::visit_expr(self, expr);
    }
}
