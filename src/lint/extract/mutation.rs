//! Values that are made by changing them: `key.push_str(..)`, `x.hash(&mut hasher)`, `write!(key, ..)`.

use super::attributes::parts;
use super::body::Bound;
use super::body::Walker;
use super::macros;
use crate::lint::facts::Flow;
use crate::lint::facts::Origin;
use crate::lint::facts::Place;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Token;
use syn::punctuated::Punctuated;

/// What a value that is written piece by piece ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing yet, a separator, or what nobody knows.
    #[default]
    Closed,
    /// A value of any length: the next one would follow without anything between.
    Open,
}

/// Methods that put their arguments into the receiver.
fn feeds(method: &str) -> bool {
    joins(method)
        || method.starts_with("write_")
        || matches!(
            method,
            "push" | "push_back" | "append" | "insert" | "chain_update" | "input" | "put"
        )
}

/// Those that put them behind what is there, without a length or an end of their own.
fn joins(method: &str) -> bool {
    matches!(
        method,
        "push_str"
            | "write_str"
            | "extend"
            | "extend_from_slice"
            | "update"
            | "write"
            | "write_all"
            | "absorb"
    )
}

impl Walker<'_, '_> {
    /// Lets what a method is given flow into the local names that it changes.
    pub(super) fn changed_by_method(&mut self, call: &ExprMethodCall, method: &str) {
        if let Some(name) = self.local(&call.receiver)
            && feeds(method)
        {
            let mut flow = Flow::default();
            for arg in &call.args {
                flow.add(&self.flow(arg));
            }
            if let Some(origin) = call.args.last().and_then(|arg| self.origin(arg)) {
                self.origin_into(&name, origin);
            }
            let last = call.args.last().filter(|_| joins(method) || method == "push");
            self.flows_into(&name, &flow, last.map(|last| (last, call.method.span())));
        }
        // `reader.read_line(&mut line)`
        if method.starts_with("read")
            && let Some(name) = call.args.last().and_then(|arg| self.local(arg))
            && let Some(origin) = self.origin(&call.receiver)
        {
            self.origin_into(&name, origin);
        }
        let from = call.args.iter().chain([&*call.receiver]);
        self.changed_by_reference(&call.args, &from.collect::<Vec<_>>());
        if method == "hash"
            && let Some(name) = call.args.first().and_then(|arg| self.local(arg))
        {
            let flow = self.flow(&call.receiver);
            self.flows_into(&name, &flow, None);
        }
    }

    /// Lets the other arguments flow into those that are handed over as `&mut local`.
    pub(super) fn changed_by_reference(
        &mut self,
        args: &Punctuated<Expr, Token![,]>,
        from: &[&Expr],
    ) {
        for arg in args {
            if let Expr::Reference(reference) = arg
                && reference.mutability.is_some()
                && let Some(name) = self.local(&reference.expr)
            {
                let mut flow = Flow::default();
                for other in from.iter().filter(|other| !std::ptr::eq(**other, arg)) {
                    flow.add(&self.flow(other));
                }
                self.flows_into(&name, &flow, None);
            }
        }
    }

    /// `key += value`.
    pub(super) fn added(&mut self, binary: &syn::ExprBinary) {
        if let syn::BinOp::AddAssign(sign) = &binary.op
            && let Some(name) = self.local(&binary.left)
        {
            let flow = self.flow(&binary.right);
            self.flows_into(&name, &flow, Some((&binary.right, sign.spans[0])));
        }
    }

    /// `write!(key, ..)`.
    pub(super) fn written(&mut self, invocation: &syn::Macro) {
        let parts = parts(invocation.tokens.clone());
        let into = parts.first().and_then(|into| {
            into.clone().into_iter().find_map(|token| match token {
                TokenTree::Ident(ident) if ident != "mut" => Some(ident.to_string()),
                _ => None,
            })
        });
        let Some(into) = into else { return };
        let mut flow = Flow::default();
        macros::names_in(invocation, &mut |name| {
            if let Some(bound) = self.bound.get(name).filter(|_| name != into) {
                flow.add(&bound.flow);
            }
            flow.add_name(name);
        });
        self.flows_into(&into, &flow, None);
    }

    /// The local name that an expression is, borrowed at most.
    fn local(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                // What a call has made is no part of what it was made of.
                let is_part = |place: &Place| !place.names.iter().any(|name| name.ends_with("()"));
                let place = self.bound.get(&name).and_then(|bound| bound.place.as_ref());
                let is_place = place.is_some_and(is_part);
                (!is_place && !super::body::is_capital(&name) && name != "self").then_some(name)
            }
            Expr::Reference(inner) => self.local(&inner.expr),
            Expr::Paren(inner) => self.local(&inner.expr),
            _ => None,
        }
    }

    /// What a name stands for that is changed: a parameter is still that.
    pub(super) fn changed(&mut self, name: &str) -> &mut Bound {
        let (origin, made) = (self.origin_of_name(name), self.made_of_name(name));
        let bound = || Bound { made, origin, ..Bound::default() };
        self.bound.entry(name.to_owned()).or_insert_with(bound)
    }

    fn origin_into(&mut self, name: &str, origin: Origin) {
        let bound = self.changed(name);
        bound.origin = bound.origin.take().or(Some(origin));
    }

    fn flows_into(&mut self, name: &str, flow: &Flow, piece: Option<(&Expr, proc_macro2::Span)>) {
        let span = piece.map(|(_, span)| self.extractor.span(span));
        let is_fixed = piece.is_none_or(|(piece, _)| has_own_end(piece));
        let bound = self.changed(name);
        bound.flow.add(&Flow { is_work: false, is_carried: false, ..flow.clone() });
        bound.flow.names.truncate(super::body::MAX_NAMES);
        if !is_fixed && bound.tail == Tail::Open && bound.flow.ambiguous.is_none() {
            bound.flow.ambiguous = span;
        }
        bound.tail = if is_fixed { Tail::Closed } else { Tail::Open };
    }
}

/// Whether a piece of a joined value is a separator, or as long as each other piece there.
pub(super) fn has_own_end(piece: &Expr) -> bool {
    match piece {
        Expr::Reference(inner) => has_own_end(&inner.expr),
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| super::body::is_capital(&last.ident.to_string())),
        Expr::MethodCall(call) => {
            matches!(
                &*call.method.to_string(),
                "to_le_bytes"
                    | "to_be_bytes"
                    | "to_ne_bytes"
                    | "finalize"
                    | "finish"
                    | "into_bytes"
            ) && call.args.is_empty()
        }
        Expr::Lit(_)
        | Expr::Macro(_)
        | Expr::Array(_)
        | Expr::Cast(_)
        | Expr::Binary(_)
        | Expr::Repeat(_) => true,
        _ => false,
    }
}

/// What a value ends with that is made by `expr`.
pub(super) fn tail_of(expr: &Expr) -> Tail {
    match expr {
        Expr::MethodCall(call) => match (&*call.method.to_string(), &*call.receiver) {
            ("to_owned" | "to_string" | "clone" | "into", Expr::Lit(_)) => Tail::Closed,
            ("to_owned" | "to_string" | "clone" | "into", _) => Tail::Open,
            _ => Tail::Closed,
        },
        Expr::Call(call) => {
            let is_from = matches!(&*call.func, Expr::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident == "from"));
            match call.args.first() {
                Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(_), .. })) => Tail::Closed,
                Some(_) if is_from => Tail::Open,
                _ => Tail::Closed,
            }
        }
        Expr::Macro(invocation) if invocation.mac.path.is_ident("format") => {
            let text = invocation.mac.tokens.clone().into_iter().next();
            let ends_open = text.is_some_and(|text| text.to_string().ends_with("}\""));
            if ends_open { Tail::Open } else { Tail::Closed }
        }
        _ => Tail::Closed,
    }
}
