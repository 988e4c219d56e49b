//! Connections that a function is given, and where it first does more with one than to set it up.

use crate::lint::facts::Param;
use crate::lint::facts::Ty;
use proc_macro2::Ident;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::visit;
use syn::visit::Visit;

/// A connection that a function is given.
pub(super) struct Connection {
    pub(super) name: String,
    /// Where a request may come by it at the earliest.
    pub(super) used_at: usize,
}

/// The connections among `params`, and where `body` uses them first.
pub(super) fn connections(params: &[Param], body: &syn::Block) -> Vec<Connection> {
    let params = params.iter().filter(|param| param.ty.any(Ty::is_connection));
    let unused = |name: &String| Connection { name: name.clone(), used_at: usize::MAX };
    let mut uses = Uses { known: params.flat_map(|param| &param.names).map(unused).collect() };
    if !uses.known.is_empty() {
        uses.visit_block(body);
    }
    uses.known
}

/// Looks for the first use of each.
struct Uses {
    known: Vec<Connection>,
}

impl Uses {
    fn is_known(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| self.known.iter().any(|it| *name == it.name)),
            _ => false,
        }
    }

    fn used(&mut self, name: &Ident) {
        if let Some(known) = self.known.iter_mut().find(|known| *name == known.name) {
            known.used_at = known.used_at.min(name.span().byte_range().start);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) => self.used(&name),
                _ => {}
            }
        }
    }
}

/// Whether a call by this name hands a connection over as it is: to what accepts it, or to its own task.
fn hands_over(name: &str) -> bool {
    name.starts_with("accept") || name.starts_with("spawn")
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        if let Some(name) = expr.path.get_ident() {
            self.used(name);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        let sets_up = method.starts_with("set_")
            || matches!(&*method, "peer_addr" | "local_addr" | "nodelay" | "ttl" | "into_split");
        if hands_over(&method) {
            return self.visit_expr(&call.receiver);
        }
        if !(sets_up && self.is_known(&call.receiver)) {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let name = match &*call.func {
            Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let name = name.unwrap_or_default();
        // `TokioIo::new(stream)` wraps it.
        let wraps = matches!(&*name, "new" | "from");
        let is_wrapped = wraps && call.args.iter().any(|arg| self.is_known(arg));
        if !is_wrapped && !hands_over(&name) {
            visit::visit_expr_call(self, call);
        }
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        let last = invocation.path.segments.last().map(|last| last.ident.to_string());
        // What a log line says of it is no request.
        if matches!(last.as_deref(), Some("select" | "join" | "try_join")) {
            self.tokens(invocation.tokens.clone());
        }
    }
}
