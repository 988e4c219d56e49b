//! Calls that start work.

use super::attributes::path_text;
use super::body::Bound;
use super::body::Chain;
use super::body::Walker;
use super::loops::is_endless_work;
use super::loops::only_loops;
use super::whole::whole_names_in;
use crate::lint::facts::Flow;
use crate::lint::facts::Place;
use crate::lint::facts::Span;
use crate::lint::facts::Spawn;
use syn::Expr;
use syn::ExprCall;
use syn::ExprMethodCall;
use syn::Stmt;
use syn::Token;
use syn::punctuated::Punctuated;

/// A future or a closure, written out.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) span: Span,
    /// The names that it says whole.
    pub(super) says: Vec<String>,
    pub(super) is_endless: bool,
    pub(super) only_loops: bool,
}

/// The local that an expression is, whatever is called on it.
fn name_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::MethodCall(call) => name_of(&call.receiver),
        _ => None,
    }
}

type Args = Punctuated<Expr, Token![,]>;

/// The functions, by the end of their paths, that start work and are not called a spawn.
const STARTERS: &[(&str, &str)] =
    &[("rayon", "join"), ("web", "block"), ("blocking", "unblock"), ("smol", "unblock")];

/// Methods that hand each item of a collection to a pool.
fn is_parallel(method: &str) -> bool {
    matches!(
        method,
        "par_iter" | "par_iter_mut" | "into_par_iter" | "par_bridge" | "par_chunks" | "par_drain"
    )
}

/// Whether a call may be `pool.install(|| ..)` or `pool.execute(|| ..)`: the type of the pool tells.
fn is_given_to_pool(call: &ExprMethodCall, method: &str) -> bool {
    matches!(method, "install" | "execute" | "execute_after")
        && matches!(call.args.last(), Some(Expr::Closure(work)) if work.inputs.is_empty())
}

/// Whether a future does no more than to wait for a connection, and to tell of its end.
fn drives_connection(future: &Expr) -> bool {
    let waits_for = |expr: &Expr| match expr {
        Expr::Await(wait) => matches!(&*wait.base, Expr::Path(path)
        if path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            name.starts_with("conn") || name == "driver"
        })),
        _ => false,
    };
    match future {
        Expr::Async(future) => match &*future.block.stmts {
            [Stmt::Expr(Expr::If(branch), _)] => {
                matches!(&*branch.cond, Expr::Let(condition) if waits_for(&condition.expr))
            }
            [Stmt::Expr(Expr::Match(branches), _)] => waits_for(&branches.expr),
            [Stmt::Expr(expr, _)] => waits_for(expr),
            [Stmt::Local(local)] => local.init.as_ref().is_some_and(|init| waits_for(&init.expr)),
            _ => false,
        },
        _ => false,
    }
}

impl Walker<'_, '_> {
    /// Notes a call that starts work, and tells its number.
    pub(super) fn spawned_by_call(&mut self, call: &ExprCall, is_awaited: bool) -> Option<u16> {
        let Expr::Path(func) = &*call.func else { return None };
        let last = &func.path.segments.last()?.ident;
        let name = last.to_string();
        if call.args.is_empty() {
            return None;
        }
        let callee = self.extractor.resolve(&path_text(&func.path));
        let mut parts = callee.rsplit("::");
        let (end, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        // An import may give a spawn another name: `use tokio::spawn as start`.
        let is_spawn = name.starts_with("spawn")
            || end.starts_with("spawn") && func.path.segments.len() == 1
            || STARTERS.contains(&(before, end));
        if !is_spawn {
            return None;
        }
        let span = self.extractor.span(last.span());
        let work = self.work(&call.args);
        let takes_connection = self.takes_connection(&call.args, last.span());
        let spawn = self.spawn(callee, Place::default(), work, &call.paren_token, span);
        self.describe(&call.args, is_awaited);
        if let Some(spawn) = self.facts.spawns.last_mut() {
            spawn.drives_connection =
                takes_connection || call.args.first().is_some_and(drives_connection);
        }
        Some(spawn)
    }

    /// Notes a method call that starts work, and tells its number.
    pub(super) fn spawned_by_method(
        &mut self,
        call: &ExprMethodCall,
        method: &str,
        is_awaited: bool,
    ) -> Option<u16> {
        let is_chain = is_parallel(method);
        let is_spawn = method.starts_with("spawn") && !call.args.is_empty()
            || is_chain
            || method == "interact" && matches!(call.args.first(), Some(Expr::Closure(_)))
            || is_given_to_pool(call, method);
        if !is_spawn {
            return None;
        }
        let mut work = self.work(&call.args);
        if let Some(chain) = self.chain.as_ref().filter(|_| is_chain) {
            work.add(&chain.flow);
        }
        let receiver = self.place(&call.receiver).unwrap_or_default();
        let span = self.extractor.span(call.method.span());
        let callee = format!(".{method}");
        let spawn = self.spawn(callee, receiver, work, &call.paren_token, span);
        self.describe(&call.args, is_awaited);
        if let Some(chain) = self.chain.as_mut().filter(|_| is_chain) {
            chain.spawn = Some(spawn);
        }
        Some(spawn)
    }

    fn spawn(
        &mut self,
        callee: String,
        receiver: Place,
        work: Flow,
        parens: &syn::token::Paren,
        span: Span,
    ) -> u16 {
        let end = parens.span.close().byte_range().start;
        self.facts.spawns.push(Spawn {
            callee,
            receiver,
            work,
            in_route: self.in_route,
            drives_connection: false,
            is_endless: false,
            only_loops: false,
            is_once: self.in_once,
            is_awaited: false,
            is_written: false,
            made_by: None,
            computes: Vec::new(),
            says: Vec::new(),
            before: None,
            inside: self.inside_spawn,
            span,
            until: self.extractor.skeleton.offset(end).max(span.end),
        });
        (self.facts.spawns.len() - 1) as u16
    }

    /// Adds to the last spawn what its arguments are.
    fn describe(&mut self, args: &Args, is_awaited: bool) {
        let mut says = Vec::new();
        let (mut is_endless, mut is_written, mut before) = (false, false, None);
        let mut only_loops = false;
        for arg in args {
            says.extend(whole_names_in(arg));
            let work = self.work_of(arg);
            is_written |= work.is_some();
            if work.is_none()
                && let Some(name) = name_of(arg)
                && let Some(Bound { work: Some(work), .. }) = self.bound.get(&name)
            {
                before = Some(work.span);
                is_endless |= work.is_endless;
                only_loops |= work.only_loops;
                says.extend(work.says.iter().cloned());
            }
            is_endless |= work.as_ref().is_some_and(|work| work.is_endless);
            only_loops |= work.is_some_and(|work| work.only_loops);
        }
        let made_by = args.iter().find_map(|arg| match arg {
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => Some(self.extractor.resolve(&path_text(&path.path))),
                _ => None,
            },
            _ => None,
        });
        let computes = args.first().map(|work| self.computes(work)).unwrap_or_default();
        if let Some(spawn) = self.facts.spawns.last_mut() {
            let is_bound = before.is_some();
            *spawn = Spawn {
                is_endless,
                only_loops,
                is_awaited,
                is_written: is_written || is_bound,
                made_by,
                computes,
                says,
                before,
                ..spawn.clone()
            };
        }
    }

    /// The spawn that an expression is, by its number.
    pub(super) fn spawn_of(&self, expr: &Expr) -> Option<u16> {
        let name = match expr {
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => &path.path.segments.last()?.ident,
                _ => return None,
            },
            Expr::MethodCall(call) => &call.method,
            _ => return None,
        };
        let span = self.extractor.span(name.span());
        self.facts.spawns.iter().position(|spawn| spawn.span == span).map(|at| at as u16)
    }

    /// The future or closure that an expression is, whatever is called on it.
    pub(super) fn work_of(&self, expr: &Expr) -> Option<Work> {
        let (from, until) = match expr {
            Expr::Async(future) => {
                let braces = future.block.brace_token.span;
                (braces.open(), braces.close())
            }
            Expr::Closure(closure) => match &*closure.body {
                Expr::Block(body) => {
                    let braces = body.block.brace_token.span;
                    (braces.open(), braces.close())
                }
                _ => (closure.or1_token.span, closure.or2_token.span),
            },
            Expr::MethodCall(call) => return self.work_of(&call.receiver),
            _ => return None,
        };
        let span =
            Span { start: self.extractor.span(from).start, end: self.extractor.span(until).end };
        let says = whole_names_in(expr);
        Some(Work { span, says, is_endless: is_endless_work(expr), only_loops: only_loops(expr) })
    }

    /// What a chain is made of that a method further in hands to a pool.
    pub(super) fn chain_of(&self, call: &ExprMethodCall) -> Option<Chain> {
        if self.chain.is_some() {
            return None;
        }
        let mut receiver = &*call.receiver;
        while let Expr::MethodCall(inner) = receiver {
            if is_parallel(&inner.method.to_string()) {
                let flow = self.flow_of_chain(call);
                return Some(Chain { flow, spawn: None });
            }
            receiver = &inner.receiver;
        }
        None
    }

    /// Whether the work, started at `at`, is given a connection that the function was given and has not used:
    /// no request has come by it yet.
    fn takes_connection(&self, args: &Args, at: proc_macro2::Span) -> bool {
        let at = at.byte_range().start;
        let unused = || self.connections.iter().filter(|known| known.used_at > at);
        unused().next().is_some()
            && args.iter().any(|arg| {
                let names = self.names_in(arg);
                unused().any(|known| names.contains(&known.name))
            })
    }

    /// What the arguments are made of, of which one is the work.
    fn work(&self, args: &Args) -> Flow {
        let mut work = Flow::default();
        for arg in args {
            work.add(&self.flow(arg));
            // A span or context that is handed over travels, whoever enters it.
            let is_span =
                |name: &String| name == "span" || name.ends_with("_span") || name.ends_with("_cx");
            work.is_carried |= self.names_in(arg).iter().any(is_span);
        }
        work
    }
}
