//! Calls that hand on work, or what a request header says.

use super::attributes::path_text;
use super::body::Walker;
use crate::lint::facts::CallKind;
use crate::lint::facts::Flow;
use crate::lint::facts::Handed;
use crate::lint::source::is_limit;
use proc_macro2::Ident;
use syn::Expr;
use syn::ExprCall;
use syn::ExprMethodCall;
use syn::Token;
use syn::punctuated::Punctuated;

/// Methods of options and iterators: what they are given stays here.
fn is_of_std(name: &str) -> bool {
    matches!(name, "map_or" | "map_or_else" | "fold" | "try_fold" | "scan" | "select" | "join")
}

impl Walker<'_, '_> {
    pub(super) fn handed_by_call(&mut self, call: &ExprCall) {
        let Expr::Path(func) = &*call.func else { return };
        let Some(last) = func.path.segments.last() else { return };
        let path = self.extractor.resolve(&path_text(&func.path));
        let qualifier = path.rsplit("::").nth(1).unwrap_or_default();
        let is_short = func.path.segments.len() == 1;
        let qualifier = if is_short { "" } else { qualifier };
        self.handed(CallKind::Path, qualifier, &last.ident, &call.args);
    }

    pub(super) fn handed_by_method(&mut self, call: &ExprMethodCall) {
        let names = self.place(&call.receiver).map(|place| place.names).unwrap_or_default();
        let kind = if names == ["self"] { CallKind::OwnMethod } else { CallKind::Method };
        let last = names.last().map(|name| name.trim_end_matches("()")).unwrap_or_default();
        self.handed(kind, last, &call.method, &call.args);
    }

    fn handed(
        &mut self,
        kind: CallKind,
        qualifier: &str,
        name: &Ident,
        args: &Punctuated<Expr, Token![,]>,
    ) {
        let is_work = |arg: &Expr| matches!(arg, Expr::Closure(_) | Expr::Async(_));
        let has_work = args.len() > 1 && args.iter().any(is_work);
        let span = self.extractor.span(name.span());
        let name = name.to_string();
        let limits = is_limit(name.as_bytes()) || is_limit(qualifier.as_bytes());
        if !(has_work || limits || self.reads_header) {
            return;
        }
        if is_of_std(&name) || name.starts_with(|first: char| first.is_uppercase()) {
            return;
        }
        // What is made with a header and something else is not what the header says.
        let flow = |arg: &Expr| {
            let flow = self.flow(arg);
            let is_alone = flow.header.is_none() || self.names_in(arg).len() == 1;
            if is_alone { flow } else { Flow { header: None, ..flow } }
        };
        let args: Vec<Flow> = args.iter().map(flow).collect();
        if has_work || limits || args.iter().any(|arg| arg.header.is_some()) {
            let qualifier = qualifier.to_owned();
            self.facts.handed.push(Handed { kind, qualifier, name, args, limits, span });
        }
    }
}
