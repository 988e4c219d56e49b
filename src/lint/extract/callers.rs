//! Local names that stand for who sent the request.

use super::body::Walker;
use super::types::ty_of;
use crate::lint::facts::Param;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use syn::Expr;
use syn::ExprMethodCall;
use syn::GenericArgument;
use syn::Pat;
use syn::visit;
use syn::visit::Visit;

impl Walker<'_, '_> {
    /// Notes what `request.extensions().get::<User>()` is bound to.
    pub(super) fn caller(&mut self, pattern: &Pat, made_by: &Expr) {
        let mut search = Taken { ty: None, is_of_request: false };
        search.visit_expr(made_by);
        let declared = match pattern {
            Pat::Type(typed) => Some(ty_of(&typed.ty)),
            _ => None,
        };
        let Some(ty) = search.ty.or(declared).filter(|_| search.is_of_request) else { return };
        let (mut names, mut span) = (Vec::new(), Span::default());
        super::bind::names_of(pattern, &mut |name| {
            span = self.extractor.span(name.span());
            names.push(name.to_string());
        });
        if !names.is_empty() {
            self.facts.callers.push(Param { names, ty, span });
        }
    }
}

/// What is taken out of the extensions of a request.
struct Taken {
    ty: Option<Ty>,
    is_of_request: bool,
}

impl<'ast> Visit<'ast> for Taken {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        if call.method == "extensions" || call.method == "extensions_mut" {
            self.is_of_request = true;
        }
        let name = call.method.to_string();
        if matches!(&*name, "get" | "remove" | "req_data" | "get_mut")
            && let Some(generics) = &call.turbofish
            && let Some(GenericArgument::Type(ty)) = generics.args.first()
        {
            self.ty = Some(ty_of(ty));
        }
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
}
