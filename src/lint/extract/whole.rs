//! The names that work says whole, and the fields that it reads of others.

use super::bind::names_of;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::Member;
use syn::visit;
use syn::visit::Visit;

/// The names in `expr` that stand whole, as an argument or what a method is called on; and, of those that do not,
/// the field that is read: `app`, `session.session_id`. Those that it binds itself are left out.
pub(super) fn whole_names_in(expr: &Expr) -> Vec<String> {
    let mut whole = Whole::default();
    whole.visit_expr(expr);
    whole.names
}

#[derive(Default)]
struct Whole {
    names: Vec<String>,
    own: Vec<String>,
}

impl Whole {
    fn add(&mut self, root: &str, field: Option<&str>) {
        if self.own.iter().any(|own| own == root) {
            return;
        }
        let name = field.map_or_else(|| root.to_owned(), |field| format!("{root}.{field}"));
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// The arguments of a macro: `"{a}", %session.session_id, b = ?c`.
    fn tokens(&mut self, tokens: &TokenStream) {
        let mut tokens = tokens.clone().into_iter().peekable();
        let is = |token: Option<&TokenTree>, sign: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.tokens(&group.stream()),
                TokenTree::Literal(literal) => {
                    for hole in super::macros::holes(&literal.to_string()).into_iter().flatten() {
                        self.add(&hole, None);
                    }
                }
                TokenTree::Ident(root) => {
                    let mut field = None;
                    let mut is_call = false;
                    while is(tokens.peek(), '.') {
                        tokens.next();
                        match tokens.next_if(|token| matches!(token, TokenTree::Ident(_))) {
                            Some(name) => {
                                is_call = matches!(tokens.peek(), Some(TokenTree::Group(_)));
                                if is_call {
                                    break;
                                }
                                field = Some(name.to_string());
                            }
                            None => break,
                        }
                    }
                    let is_label = is(tokens.peek(), '=') || is(tokens.peek(), ':');
                    if is_call || !is_label {
                        self.add(&root.to_string(), field.as_deref());
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Whole {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.add(&name.to_string(), None);
        }
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        let mut root = &*field.base;
        while let Expr::Field(inner) = root {
            root = &inner.base;
        }
        match (root, &field.member) {
            (Expr::Path(path), Member::Named(name)) => {
                if let Some(root) = path.path.get_ident() {
                    self.add(&root.to_string(), Some(&name.to_string()));
                }
            }
            (Expr::Path(_), Member::Unnamed(_)) => {}
            (root, _) => self.visit_expr(root),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if !matches!(&*call.func, Expr::Path(_)) {
            self.visit_expr(&call.func);
        }
        for arg in &call.args {
            self.visit_expr(arg);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        names_of(&local.pat, &mut |name| self.own.push(name.to_string()));
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let own = self.own.len();
        for input in &closure.inputs {
            names_of(input, &mut |name| self.own.push(name.to_string()));
        }
        self.visit_expr(&closure.body);
        self.own.truncate(own);
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.tokens(&invocation.tokens);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
