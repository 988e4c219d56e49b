//! Walks a body in the order of its text and keeps what each name was made of.

use super::attributes;
use super::bind::is_whole_value;
use super::bind::names_of;
use super::bind::patterns_of;
use super::bind::second_name;
use super::connections::Connection;
use super::connections::connections;
use super::file::Extractor;
use super::guards::Body;
use super::loops::is_endless;
use super::mutation::Tail;
use super::mutation::tail_of;
use super::spawns::Work;
use super::written::alias_of;
use crate::lint::facts::Access;
use crate::lint::facts::Flow;
use crate::lint::facts::FnFacts;
use crate::lint::facts::Made;
use crate::lint::facts::Origin;
use crate::lint::facts::Place;
use std::collections::HashMap;
use syn::Expr;
use syn::ExprClosure;
use syn::Pat;
use syn::visit;
use syn::visit::Visit;

/// Names in one flow: more of them tell no more.
pub(super) const MAX_NAMES: usize = 48;
/// Calls and fields in one chain that are followed back to where it begins.
pub(super) const MAX_STEPS: usize = 100;

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
    /// Whether this is what a cell is filled by, once for all.
    pub(super) in_once: bool,
    /// The spawn that what is walked stands in, by its number.
    pub(super) inside_spawn: Option<u16>,
    /// Whether a local name stands for what a request header says.
    pub(super) reads_header: bool,
    /// The chain of methods that is walked, where a pool runs it.
    pub(super) chain: Option<Chain>,
    /// The connections that the function is given.
    pub(super) connections: Vec<Connection>,
}

/// A chain of methods that a pool runs.
pub(super) struct Chain {
    pub(super) flow: Flow,
    pub(super) spawn: Option<u16>,
}

/// What a local name stands for.
#[derive(Clone, Default)]
pub(super) struct Bound {
    pub(super) flow: Flow,
    /// What it is a part of, or guards.
    pub(super) place: Option<Place>,
    /// The last name of what it is another name of.
    pub(super) alias: Option<String>,
    /// What is known of its type.
    pub(super) made: Option<Made>,
    /// The parameter that it was taken out of.
    pub(super) origin: Option<Origin>,
    /// What it ends with, where it is written piece by piece.
    pub(super) tail: Tail,
    /// Whether it is the headers of a request or a response.
    pub(super) is_headers: bool,
    /// Whether it is what one of these headers says.
    pub(super) is_of_header: bool,
    /// Whether it is the whole address of a request.
    pub(super) is_address: bool,
    /// Where it is written, if it is a future or a closure.
    pub(super) work: Option<Work>,
    /// The spawn whose end it waits for, by its number.
    pub(super) spawn: Option<u16>,
}

impl<'e, 's> Walker<'e, 's> {
    pub(super) fn new(extractor: &'e mut Extractor<'s>, facts: FnFacts) -> Self {
        Self {
            extractor,
            facts,
            bound: HashMap::new(),
            in_route: false,
            is_awaited: false,
            in_once: false,
            inside_spawn: None,
            reads_header: false,
            chain: None,
            connections: Vec::new(),
        }
    }

    pub(super) fn walk(mut self, block: &syn::Block) -> FnFacts {
        self.connections = connections(&self.facts.params, block);
        self.visit_block(block);
        self.facts.is_endless = is_endless(&block.stmts);
        if self.facts.spawns.is_empty() {
            self.facts.told.clear();
        }
        if let Some(syn::Stmt::Expr(last, None)) = block.stmts.last() {
            let flow = self.flow(last);
            if flow.header.is_some() {
                self.facts.header.clone_from(&flow.header);
            }
            self.facts.key = gives_cache_key(&self.facts).then_some(flow);
        }
        self.facts
    }

    /// Binds the names of `pattern` to what `made_by` is.
    fn bind(&mut self, pattern: &Pat, made_by: &Expr) {
        let mut flow = self.flow(made_by);
        self.reads_header |= flow.header.is_some();
        if !is_whole_value(pattern) {
            // A part is not what the whole was joined to.
            flow.ambiguous = None;
        }
        let alias = if is_whole_value(pattern) { alias_of(made_by) } else { None };
        let is_short = |place: &Place| place.names.len() + place.picked_by.len() <= MAX_NAMES;
        let place = self.place(made_by).filter(|place| !place.is_fresh && is_short(place));
        let made = self.made(pattern, made_by);
        let origin = self.origin(made_by);
        let is_headers = is_whole_value(pattern) && self.is_header_map(made_by);
        let is_address = is_whole_value(pattern) && self.is_address(made_by);
        let work = self.work_of(made_by);
        let spawn = self.spawn_of(made_by).filter(|_| is_whole_value(pattern));
        names_of(pattern, &mut |name| {
            let (flow, place, alias) = (flow.clone(), place.clone(), alias.clone());
            let (made, tail, work) = (made.clone(), tail_of(made_by), work.clone());
            let bound = Bound {
                flow,
                place,
                alias,
                made,
                tail,
                is_headers,
                is_address,
                work,
                spawn,
                ..Bound::default()
            };
            self.bound.insert(name.to_string(), bound);
        });
        for (name, made) in self.made_parts(pattern, made_by) {
            if let Some(bound) = self.bound.get_mut(&name) {
                bound.made = Some(made);
            }
        }
        self.bind_fields(pattern);
        if let Some(origin) = origin {
            self.bind_to(pattern, &origin);
        }
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
            if attributes::is_test(attributes::of_statement(statement)) {
                continue;
            }
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
        self.caller(&local.pat, &init.expr);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.visit_expr(&condition.expr);
        self.bind(&condition.pat, &condition.expr);
        self.caller(&condition.pat, &condition.expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        self.visit_expr(&expr.expr);
        for arm in &expr.arms {
            if attributes::is_test(&arm.attrs) {
                continue;
            }
            let mut outside = self.outside(vec![&arm.pat]);
            self.guard_of_branch(&arm.pat, &expr.expr, Body::Expr(&arm.body));
            self.bind(&arm.pat, &expr.expr);
            if let Some((_, guard)) = &arm.guard {
                outside.extend(self.outside(patterns_of(guard)));
                self.visit_expr(guard);
            }
            self.visit_expr(&arm.body);
            self.leave(outside);
        }
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.visit_expr(&expr.expr);
        let outside = self.outside(vec![&expr.pat]);
        self.bind(&expr.pat, &expr.expr);
        names_of(&expr.pat, &mut |name| {
            if let Some(bound) = self.bound.get_mut(&name.to_string()) {
                // One of several texts is not what they were joined to.
                bound.flow.ambiguous = None;
            }
        });
        if let Some(value) = second_name(&expr.pat)
            && self.is_header_map(&expr.expr)
            && let Some(bound) = self.bound.get_mut(&value.to_string())
        {
            bound.is_of_header = true;
        }
        self.visit_block(&expr.body);
        self.leave(outside);
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        let outside = self.outside(patterns_of(&expr.cond));
        visit::visit_expr_while(self, expr);
        self.leave(outside);
    }

    fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
        visit::visit_expr_return(self, expr);
        let flow = expr.expr.as_ref().filter(|_| self.reads_header).map(|given| self.flow(given));
        if let Some(header) = flow.and_then(|flow| flow.header) {
            self.facts.header.get_or_insert(header);
        }
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        self.is_awaited = matches!(&*expr.base, Expr::Call(_) | Expr::MethodCall(_));
        // `let task = spawn(..); task.await`
        if let Expr::Path(path) = &*expr.base
            && let Some(name) = path.path.get_ident()
            && let Some(Bound { spawn: Some(at), .. }) = self.bound.get(&name.to_string())
            && let Some(spawn) = self.facts.spawns.get_mut(usize::from(*at))
        {
            spawn.is_awaited = true;
        }
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
            let (in_route, is_awaited) = (self.in_route, false);
            let (method, value) = ("=".to_owned(), Some(value));
            let access = Access { place, method, key, value, in_route, is_awaited, span };
            self.facts.accesses.push(access);
        } else if let Expr::Path(path) = &*expr.left
            && let Some(name) = path.path.get_ident()
        {
            let flow = self.flow(&expr.right);
            self.reads_header |= flow.header.is_some();
            let origin = self.origin(&expr.right);
            let bound = self.changed(&name.to_string());
            bound.flow.add(&flow);
            bound.origin = origin.or_else(|| bound.origin.take());
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        visit::visit_expr_binary(self, binary);
        self.added(binary);
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        // `if cfg!(test)` is never more than a test.
        let is_test = matches!(&*expr.cond, Expr::Macro(invocation)
            if invocation.mac.path.is_ident("cfg") && invocation.mac.tokens.to_string() == "test");
        if let Expr::Let(condition) = &*expr.cond {
            let body = Body::Block(&expr.then_branch);
            self.guard_of_branch(&condition.pat, &condition.expr, body);
        }
        if !is_test {
            let outside = self.outside(patterns_of(&expr.cond));
            self.visit_expr(&expr.cond);
            self.visit_block(&expr.then_branch);
            self.leave(outside);
        }
        if let Some((_, otherwise)) = &expr.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.call(call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.method_call(call);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.closure(closure, false, None);
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let syn::Member::Named(name) = &field.member {
            self.facts.asks_for_proxy |= tells_of_proxy(&name.to_string());
        }
        visit::visit_expr_field(self, field);
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

/// Whether a function gives the key of a cache, by its name or by what it gives.
fn gives_cache_key(facts: &FnFacts) -> bool {
    let own = facts.member_of.as_ref().map(|of| &*of.ty).unwrap_or_default();
    let is_one = |name: &str| name.ends_with("CacheKey");
    facts.name.ends_with("cache_key")
        || facts.output.as_ref().is_some_and(|output| {
            output.any(|ty| is_one(&ty.name) || ty.name == "Self" && is_one(own))
        })
}

/// Whether a field tells that a proxy stands before the server: `behind_proxy`, `use_forwarded`. One word alone may be
/// the proxy itself, or what it has said.
fn tells_of_proxy(field: &str) -> bool {
    let is_trust = |word: &str| matches!(word, "trust" | "trusts" | "trusted" | "proxies");
    let is_told = field
        .rsplit_once('_')
        .is_some_and(|(before, last)| before != "x" && matches!(last, "proxy" | "forwarded"));
    is_told || field.split('_').any(is_trust)
}

/// Whether a name is that of a static or a constant.
pub(super) fn is_capital(name: &str) -> bool {
    name.len() > 1
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && name.contains(|c: char| c.is_ascii_uppercase())
}
