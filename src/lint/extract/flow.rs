//! What a value is made of, by the names in its expression.

use super::bind::names_of;
use super::body::MAX_NAMES;
use super::body::Walker;
use super::macros;
use super::mutation::has_own_end;
use super::place::is_maker;
use crate::lint::facts::Flow;
use crate::lint::facts::Header;
use syn::Expr;
use syn::Lit;
use syn::Member;
use syn::visit;
use syn::visit::Visit;

/// Calls that take a context or a span along.
pub(in crate::lint) fn carries(name: &str) -> bool {
    matches!(
        name,
        "instrument"
            | "in_current_span"
            | "or_current"
            | "in_current_context"
            | "try_in_current_context"
            | "in_context"
            | "in_span"
            | "carry"
            | "carry_mut"
            | "carry_fn"
            | "try_carry"
            | "scope"
            | "sync_scope"
            | "with_context"
            | "with_current_context"
            | "with_subscriber"
            | "with_current_subscriber"
            | "bind_hub"
            | "in_scope"
            | "entered"
            | "inherit_task_local"
            | "current_span"
            | "set_parent"
    )
}

/// What `expr` is made of.
struct Collect<'w, 'e, 's> {
    walker: &'w Walker<'e, 's>,
    flow: Flow,
    /// Names that closures inside bind for themselves.
    own: Vec<String>,
    /// Whether what is looked at stands in a future or a closure.
    in_work: bool,
    /// Whether a local name stands for itself alone, and not for what it was made of.
    is_direct: bool,
}

impl<'e, 's> Walker<'e, 's> {
    pub(super) fn flow(&self, expr: &Expr) -> Flow {
        let mut collect = self.collect();
        collect.visit_expr(expr);
        let mut flow = collect.flow;
        flow.is_fresh = is_fresh(expr);
        flow.names.truncate(MAX_NAMES);
        flow
    }

    /// The names that an expression says itself.
    pub(super) fn names_in(&self, expr: &Expr) -> Vec<String> {
        let mut collect = Collect { is_direct: true, ..self.collect() };
        collect.visit_expr(expr);
        collect.flow.names
    }

    pub(super) fn flow_of_chain(&self, call: &syn::ExprMethodCall) -> Flow {
        let mut collect = self.collect();
        collect.visit_expr_method_call(call);
        collect.flow
    }

    fn collect(&self) -> Collect<'_, 'e, 's> {
        Collect {
            walker: self,
            flow: Flow::default(),
            own: Vec::new(),
            in_work: false,
            is_direct: false,
        }
    }
}

/// Whether an expression ends with a `return`.
fn leaves(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) => true,
        Expr::Block(block) => {
            matches!(block.block.stmts.last(), Some(syn::Stmt::Expr(last, _)) if leaves(last))
        }
        _ => false,
    }
}

/// Whether the expression makes a new value, whatever it is wrapped in.
fn is_fresh(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
                let name = last.ident.to_string();
                let wraps = name.starts_with(|first: char| first.is_uppercase()) || name == "new";
                is_maker(&name) || wraps && call.args.first().is_some_and(is_fresh)
            }),
            _ => false,
        },
        Expr::MethodCall(call) => {
            matches!(
                &*call.method.to_string(),
                "collect" | "build" | "max_capacity" | "time_to_live"
            ) || is_fresh(&call.receiver)
        }
        Expr::Macro(invocation) => invocation.mac.path.is_ident("vec"),
        Expr::Reference(inner) => is_fresh(&inner.expr),
        Expr::Try(inner) => is_fresh(&inner.expr),
        Expr::Await(inner) => is_fresh(&inner.base),
        Expr::Struct(_) | Expr::Array(_) => true,
        _ => false,
    }
}

impl Collect<'_, '_, '_> {
    fn name(&mut self, name: &str) {
        if self.own.iter().any(|own| own == name) || self.flow.names.len() >= MAX_NAMES {
            return;
        }
        self.flow.add_name(name);
        if let Some(bound) = self.walker.bound.get(name).filter(|_| !self.is_direct) {
            let is_work = self.flow.is_work;
            self.flow.add(&bound.flow);
            // A value that was handed to a future before is not that future.
            self.flow.is_work = is_work || bound.flow.is_work;
            if let Some(place) = &bound.place {
                for name in place.names.iter().chain(&place.picked_by) {
                    self.flow.add_name(name);
                }
            }
        }
    }

    fn called(&mut self, name: &str) {
        if carries(name) {
            self.flow.is_carried = true;
        }
        if !self.flow.calls.iter().any(|known| known == name) {
            self.flow.calls.push(name.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Collect<'_, '_, '_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.name(&name.to_string());
        } else if let Some(last) = path.path.segments.last() {
            self.flow.add_name(&last.ident.to_string());
        }
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        // The field alone flows on, with what holds it: `user.id` is of `user` and of `id`.
        visit::visit_expr_field(self, field);
        if let Member::Named(name) = &field.member {
            self.flow.add_name(&name.to_string());
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        // What leaves the function is not what the value is.
        if self.in_work || !leaves(&arm.body) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_expr_await(&mut self, awaited: &'ast syn::ExprAwait) {
        let is_carried = self.flow.is_carried;
        visit::visit_expr_await(self, awaited);
        // What has come to its end carries nothing any more.
        if !self.in_work {
            self.flow.is_carried = is_carried;
        }
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        for field in &literal.fields {
            self.visit_expr(&field.expr);
        }
        if let Some(rest) = &literal.rest {
            self.visit_expr(rest);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        match &*call.func {
            Expr::Path(path) => {
                let mut names =
                    path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
                let last = names.next().unwrap_or_default();
                let before = names.next().unwrap_or_default();
                if last == "current" && (before == "Span" || before == "Hub" || before == "Context")
                {
                    self.flow.is_carried = true;
                }
                self.reads(self.walker.header_by_call(call));
                if last == "current" && before == "RequestContext" {
                    self.called("current_context");
                }
                self.called(&last);
            }
            func => self.visit_expr(func),
        }
        for arg in &call.args {
            self.visit_expr(arg);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        self.reads(self.walker.header_by_method(call));
        // `[a, b].concat()`
        let nothing_between = method == "concat"
            || method == "join"
                && matches!(call.args.first(), Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }))
                    if text.value().is_empty());
        if let Expr::Array(parts) = &*call.receiver
            && nothing_between
        {
            let parts: Vec<_> = parts.elems.iter().collect();
            if parts.windows(2).any(|pair| !pair.iter().any(|part| has_own_end(part))) {
                self.joined(call.method.span());
            }
        }
        self.visit_expr(&call.receiver);
        self.called(&method);
        for arg in &call.args {
            self.visit_expr(arg);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        visit::visit_expr_binary(self, binary);
        // `a + &b` joins texts.
        if let (syn::BinOp::Add(sign), Expr::Reference(added)) = (&binary.op, &*binary.right)
            && !has_own_end(&added.expr)
            && !matches!(&*binary.left, Expr::Lit(_))
            && !matches!(&*binary.left, Expr::Binary(left) if has_own_end(&left.right))
        {
            self.joined(sign.span);
        }
    }

    fn visit_expr_index(&mut self, index: &'ast syn::ExprIndex) {
        self.reads(self.walker.header_by_index(index));
        visit::visit_expr_index(self, index);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.flow.is_work = true;
        let own = self.own.len();
        for input in &closure.inputs {
            names_of(input, &mut |name| self.own.push(name.to_string()));
        }
        let around = std::mem::replace(&mut self.in_work, true);
        self.visit_expr(&closure.body);
        self.in_work = around;
        self.own.truncate(own);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.flow.is_work = true;
        let own = self.own.len();
        let around = std::mem::replace(&mut self.in_work, true);
        self.visit_block(&block.block);
        self.in_work = around;
        self.own.truncate(own);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
        }
        names_of(&local.pat, &mut |name| self.own.push(name.to_string()));
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        macros::names_in(invocation, &mut |name| self.name(name));
        if let Some(last) = invocation.path.segments.last() {
            let name = last.ident.to_string();
            if name.ends_with("span") || name == "span" {
                self.flow.is_carried = true;
            }
            if name == "format"
                && self.flow.ambiguous.is_none()
                && macros::has_adjacent_holes(&invocation.tokens)
            {
                self.flow.ambiguous = Some(self.walker.extractor.span(last.ident.span()));
            }
        }
        macros::calls_in(&invocation.tokens, &mut |name| self.called(name));
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

impl Collect<'_, '_, '_> {
    /// Notes two values that are joined without anything between them.
    fn joined(&mut self, span: proc_macro2::Span) {
        if self.flow.ambiguous.is_none() {
            self.flow.ambiguous = Some(self.walker.extractor.span(span));
        }
    }

    fn reads(&mut self, header: Option<Header>) {
        if self.flow.header.is_none() {
            self.flow.header = header;
        }
    }
}
