//! Loops without end: nothing in them leaves them.

use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::Stmt;
use syn::visit;
use syn::visit::Visit;

/// Whether work is written out as a loop without end.
pub(super) fn is_endless_work(work: &Expr) -> bool {
    is_written_as(work, is_endless)
}

/// Whether work is nothing else than a loop without end, and what is made ready for it.
pub(super) fn only_loops(work: &Expr) -> bool {
    is_written_as(work, is_only_loop)
}

/// Whether the statements of a future or a closure are such.
fn is_written_as(work: &Expr, is_one: fn(&[Stmt]) -> bool) -> bool {
    match work {
        Expr::Async(future) => is_one(&future.block.stmts),
        Expr::Closure(closure) => match &*closure.body {
            Expr::Block(body) => is_one(&body.block.stmts),
            body => is_written_as(body, is_one),
        },
        Expr::MethodCall(call) => is_written_as(&call.receiver, is_one),
        _ => false,
    }
}

fn is_only_loop(statements: &[Stmt]) -> bool {
    let Some((_, before)) = statements.split_last() else { return false };
    before.iter().all(|statement| matches!(statement, Stmt::Local(_))) && is_endless(statements)
}

/// Whether statements come to a loop that no `break`, `return` or `?` leaves.
pub(super) fn is_endless(statements: &[Stmt]) -> bool {
    statements.iter().any(|statement| {
        let Stmt::Expr(Expr::Loop(repeated), _) = statement else { return false };
        let label = repeated.label.as_ref().map(|label| label.name.ident.to_string());
        let mut leaves = Leaves { label, depth: 0, is_left: false };
        leaves.visit_block(&repeated.body);
        !leaves.is_left
    })
}

/// Looks for what leaves a loop.
struct Leaves {
    label: Option<String>,
    /// The loops inside it that this stands in.
    depth: u32,
    is_left: bool,
}

impl Leaves {
    fn broken(&mut self, label: Option<&str>) {
        self.is_left |=
            if label.is_some() { label == self.label.as_deref() } else { self.depth == 0 };
    }

    /// What a macro says, such as `select!`: `?x` in a log line leaves nothing, `x?` does.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut is_after_value = false;
        while let Some(token) = tokens.next() {
            let is_value = match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    true
                }
                TokenTree::Ident(name) if name == "break" => {
                    let mut label = None;
                    if tokens.next_if(|next| next.to_string() == "'").is_some() {
                        label = tokens.next().map(|name| name.to_string());
                    }
                    self.broken(label.as_deref());
                    false
                }
                TokenTree::Ident(name) => {
                    self.is_left |= name == "return";
                    true
                }
                TokenTree::Punct(sign) => {
                    self.is_left |= sign.as_char() == '?' && is_after_value;
                    false
                }
                TokenTree::Literal(_) => true,
            };
            is_after_value = is_value;
        }
    }

    fn inner(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Leaves {
    fn visit_expr_break(&mut self, expr: &'ast syn::ExprBreak) {
        let label = expr.label.as_ref().map(|label| label.ident.to_string());
        self.broken(label.as_deref());
        visit::visit_expr_break(self, expr);
    }

    fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
        self.is_left = true;
    }

    fn visit_expr_try(&mut self, _: &'ast syn::ExprTry) {
        self.is_left = true;
    }

    fn visit_expr_loop(&mut self, expr: &'ast syn::ExprLoop) {
        self.inner(|inner| visit::visit_expr_loop(inner, expr));
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        self.inner(|inner| visit::visit_expr_while(inner, expr));
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.inner(|inner| visit::visit_expr_for_loop(inner, expr));
    }

    // These have ends of their own.
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.tokens(invocation.tokens.clone());
    }
}
