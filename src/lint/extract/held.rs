//! How long a guard lives, and what is awaited meanwhile.

use super::macros;
use proc_macro2::Span;
use syn::Expr;
use syn::Local;
use syn::Pat;
use syn::Stmt;
use syn::visit;
use syn::visit::Visit;

/// Looks for an await while the guard lives.
pub(super) struct Held {
    guard: String,
    /// The await that it is held over.
    pub(super) found: Option<Span>,
    is_dropped: bool,
    /// Whether the function or the loop is left, so that what follows does not run.
    left: bool,
}

impl Held {
    pub(super) fn new(guard: &str) -> Self {
        Self { guard: guard.to_owned(), found: None, is_dropped: false, left: false }
    }

    pub(super) fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.visit_stmt(statement);
            if self.is_dropped || self.left || self.found.is_some() {
                break;
            }
        }
    }

    /// Looks into one of several ways, of which only one is gone.
    fn branch(&mut self, look: impl FnOnce(&mut Self)) -> (bool, bool) {
        let mut inner = Self::new(&self.guard);
        (inner.found, inner.is_dropped) = (self.found, self.is_dropped);
        look(&mut inner);
        self.found = inner.found;
        (inner.is_dropped, inner.left)
    }

    /// After several ways the guard is gone where each that goes on has dropped it.
    fn join(&mut self, ways: &[(bool, bool)]) {
        self.left = ways.iter().all(|(_, left)| *left);
        self.is_dropped = ways.iter().all(|(is_dropped, left)| *is_dropped || *left);
    }

    fn is_guard(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Path(path) if path.path.is_ident(&self.guard))
    }
}

impl<'ast> Visit<'ast> for Held {
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

    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        // The guard lives on under another name.
        if let Some(init) = &local.init
            && self.is_guard(&init.expr)
            && let Pat::Ident(name) = &local.pat
        {
            self.guard = name.ident.to_string();
            self.is_dropped = false;
        }
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        self.visit_expr(&expr.cond);
        let then = self.branch(|inner| inner.statements(&expr.then_branch.stmts));
        let otherwise = match &expr.else_branch {
            Some((_, otherwise)) => self.branch(|inner| inner.visit_expr(otherwise)),
            None => (self.is_dropped, false),
        };
        self.join(&[then, otherwise]);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        self.visit_expr(&expr.expr);
        let arms = expr.arms.iter().map(|arm| self.branch(|inner| inner.visit_expr(&arm.body)));
        let arms: Vec<_> = arms.collect();
        if !arms.is_empty() {
            self.join(&arms);
        }
    }

    fn visit_expr_loop(&mut self, expr: &'ast syn::ExprLoop) {
        visit::visit_expr_loop(self, expr);
        self.left = false;
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        visit::visit_expr_while(self, expr);
        self.left = false;
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        visit::visit_expr_for_loop(self, expr);
        self.left = false;
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.statements(&block.stmts);
    }

    fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
        visit::visit_expr_return(self, expr);
        self.left = true;
    }

    fn visit_expr_break(&mut self, _: &'ast syn::ExprBreak) {
        self.left = true;
    }

    fn visit_expr_continue(&mut self, _: &'ast syn::ExprContinue) {
        self.left = true;
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        visit::visit_expr_call(self, call);
        // Whoever is given the guard itself lets go of it.
        let is_kept = matches!(&*call.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "Some" || last.ident == "Ok"));
        if !is_kept && call.args.iter().any(|arg| self.is_guard(arg)) {
            self.is_dropped = true;
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let is_exit = call.method == "exit" && self.is_guard(&call.receiver);
        if is_exit || call.args.iter().any(|arg| self.is_guard(arg)) {
            self.is_dropped = true;
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
