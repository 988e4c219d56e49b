//! Walks a body in the order of its text and keeps what each name was made of.

use super::bind::names_of;
use super::file::Extractor;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Place;
use std::collections::HashMap;
use syn::Expr;
use syn::ExprClosure;
use syn::Pat;
use syn::visit;
use syn::visit::Visit;

/// Names in one flow: more of them tell no more.
pub(super) const MAX_NAMES: usize = 48;

/// Walks one body.
pub(super) struct Walker<'e, 's> {
    pub(super) extractor: &'e mut Extractor<'s>,
    pub(super) facts: FnFacts,
    /// What each local name stands for; a later binding replaces an earlier one.
    pub(super) bound: HashMap<String, Bound>,
    /// Whether this is a closure that was handed to a router.
    pub(super) in_route: bool,
    /// Whether the next call is awaited where it stands.
    pub(super) is_awaited: bool,
}

/// What a local name stands for.
#[derive(Clone, Default)]
pub(super) struct Bound {
    pub(super) flow: Flow,
    /// What it is a part of, or guards.
    pub(super) place: Option<Place>,
}

impl<'e, 's> Walker<'e, 's> {
    pub(super) fn new(extractor: &'e mut Extractor<'s>, facts: FnFacts) -> Self {
        Self { extractor, facts, bound: HashMap::new(), in_route: false, is_awaited: false }
    }

    pub(super) fn walk(mut self, block: &syn::Block) -> FnFacts {
        self.visit_block(block);
        self.facts
    }

    /// Binds the names of `pattern` to what `made_by` is.
    fn bind(&mut self, pattern: &Pat, made_by: &Expr) {
        let flow = self.flow(made_by);
        let place = self.place(made_by).filter(|place| !place.is_fresh);
        names_of(pattern, &mut |name| {
            let bound = Bound { flow: flow.clone(), place: place.clone() };
            self.bound.insert(name.to_string(), bound);
        });
    }

    pub(super) fn closure(&mut self, closure: &ExprClosure, in_route: bool) {
        for input in &closure.inputs {
            names_of(input, &mut |name| {
                self.bound.remove(&name.to_string());
            });
        }
        let around = self.in_route;
        self.in_route |= in_route;
        self.visit_expr(&closure.body);
        self.in_route = around;
    }

    /// Visits a closure whose parameter is what `place` holds.
    pub(super) fn closure_over(&mut self, place: Option<&Place>, closure: &ExprClosure) {
        for input in &closure.inputs {
            names_of(input, &mut |name| {
                let bound = Bound { flow: Flow::default(), place: place.cloned() };
                self.bound.insert(name.to_string(), bound);
            });
        }
        self.visit_expr(&closure.body);
    }
}

impl<'ast> Visit<'ast> for Walker<'_, '_> {
    fn visit_block(&mut self, block: &'ast syn::Block) {
        // Imports hold in the whole block, wherever they stand.
        for statement in &block.stmts {
            if let syn::Stmt::Item(syn::Item::Use(item)) = statement {
                self.extractor.import(&item.tree, "");
            }
        }
        for (at, statement) in block.stmts.iter().enumerate() {
            if let syn::Stmt::Local(local) = statement {
                self.guard(local, &block.stmts[at + 1..]);
            }
            self.visit_stmt(statement);
        }
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Use(_) => {}
            item => self.extractor.item(item),
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let Some(init) = &local.init else { return };
        self.visit_expr(&init.expr);
        if let Some((_, diverge)) = &init.diverge {
            self.visit_expr(diverge);
        }
        self.bind(&local.pat, &init.expr);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.visit_expr(&condition.expr);
        self.bind(&condition.pat, &condition.expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        self.visit_expr(&expr.expr);
        for arm in &expr.arms {
            self.bind(&arm.pat, &expr.expr);
            if let Some((_, guard)) = &arm.guard {
                self.visit_expr(guard);
            }
            self.visit_expr(&arm.body);
        }
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.visit_expr(&expr.expr);
        self.bind(&expr.pat, &expr.expr);
        self.visit_block(&expr.body);
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        self.is_awaited = matches!(&*expr.base, Expr::Call(_) | Expr::MethodCall(_));
        self.visit_expr(&expr.base);
        self.is_awaited = false;
    }

    fn visit_expr_assign(&mut self, expr: &'ast syn::ExprAssign) {
        self.visit_expr(&expr.right);
        if let Some(place) = self.place(&expr.left)
            && !matches!(&*expr.left, Expr::Path(_))
        {
            let value = self.flow(&expr.right);
            let key = match &*expr.left {
                Expr::Index(index) => Some(self.flow(&index.index)),
                _ => None,
            };
            let span = self.extractor.span(expr.eq_token.span);
            let in_route = self.in_route;
            let access =
                Access { place, method: "=".to_owned(), key, value: Some(value), in_route, span };
            self.facts.accesses.push(access);
        } else if let Expr::Path(path) = &*expr.left
            && let Some(name) = path.path.get_ident()
        {
            let flow = self.flow(&expr.right);
            self.bound.entry(name.to_string()).or_default().flow.add(&flow);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.call(call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.method_call(call);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.closure(closure, false);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.invocation(invocation);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if !matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::Await(_)) {
            self.is_awaited = false;
        }
        visit::visit_expr(self, expr);
    }
}

/// Whether a name is that of a static or a constant.
pub(super) fn is_capital(name: &str) -> bool {
    name.len() > 1
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && name.contains(|c: char| c.is_ascii_uppercase())
}
