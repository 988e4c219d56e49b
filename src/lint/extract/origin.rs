//! Which parameter a value was taken out of, as long as nothing else is made of it.

use super::attributes::parts;
use super::attributes::path_text;
use super::bind::held;
use super::bind::is_whole_value;
use super::bind::names_of;
use super::body::Walker;
use super::macros::holes;
use super::root::Root;
use super::root::is_reader;
use super::root::is_wrapper;
use super::root::root_of;
use super::written::hands_on;
use super::written::hands_over;
use crate::lint::facts::Call;
use crate::lint::facts::CallKind;
use crate::lint::facts::Made;
use crate::lint::facts::Origin;
use crate::lint::facts::Passed;
use crate::lint::facts::Ty;
use proc_macro2::Ident;
use syn::Expr;
use syn::ExprCall;
use syn::ExprClosure;
use syn::ExprMethodCall;
use syn::Member;
use syn::Pat;
use syn::Token;
use syn::punctuated::Punctuated;

/// What a closure is given of the value that its method is called on.
pub(super) struct Items {
    origin: Option<Origin>,
    /// Which parameter that is.
    at: usize,
    /// What is known of the type of them all.
    made: Option<Made>,
}

impl Walker<'_, '_> {
    /// The parameter that an expression takes a value out of.
    pub(super) fn origin(&self, expr: &Expr) -> Option<Origin> {
        if let Expr::Macro(invocation) = expr
            && invocation.mac.path.is_ident("format")
        {
            return self.origin_in(&invocation.mac);
        }
        self.origin_of_root(&root_of(expr)?)
    }

    /// The parameter of which all stands in a text that is put together.
    fn origin_in(&self, invocation: &syn::Macro) -> Option<Origin> {
        let whole = |origin: Option<Origin>| origin.filter(|origin| origin.is_whole);
        parts(invocation.tokens.clone()).into_iter().find_map(|part| {
            let text = part.to_string();
            let mut named = holes(&text).into_iter().flatten();
            let of_hole = named.find_map(|name| whole(self.origin_of_name(&name)));
            // A format in a format is looked into no further.
            let of_value = || whole(self.origin_of_root(&root_of(&syn::parse2(part).ok()?)?));
            of_hole.or_else(of_value)
        })
    }

    /// The parameter that a value was taken out of which begins with a variable.
    pub(super) fn origin_of_root(&self, root: &Root) -> Option<Origin> {
        let of = self.origin_of_name(&root.name)?;
        Some(Origin {
            param: of.param,
            is_whole: of.is_whole && root.is_whole,
            part: root.part.clone().or(of.part),
        })
    }

    /// The parameter that a variable was taken out of.
    pub(super) fn origin_of_name(&self, name: &str) -> Option<Origin> {
        if let Some(bound) = self.bound.get(name) {
            return bound.origin.clone();
        }
        let mut params = self.facts.params.iter();
        let at = params.position(|param| param.names.iter().any(|own| own == name))?;
        let param = &self.facts.params[at];
        if is_of_server(&param.ty) {
            return None;
        }
        let is_whole = param.names.len() == 1;
        let part = (!is_whole).then(|| name.to_owned());
        Some(Origin { param: u16::try_from(at).ok()?, is_whole, part })
    }

    /// Binds what `pattern` takes apart to the parameter that it was in.
    pub(super) fn bind_to(&mut self, pattern: &Pat, origin: &Origin) {
        match pattern {
            Pat::TupleStruct(tuple) if tuple.path.is_ident("Err") => {}
            // What a variant holds alone is all of it.
            Pat::TupleStruct(tuple) if tuple.elems.len() == 1 => {
                self.bind_to(&tuple.elems[0], origin);
            }
            Pat::Struct(fields) => {
                for field in &fields.fields {
                    let part = match &field.member {
                        Member::Named(name) => Some(name.to_string()),
                        Member::Unnamed(_) => None,
                    };
                    let of = Origin { is_whole: false, part, ..origin.clone() };
                    self.bind_to(&field.pat, &of);
                }
            }
            Pat::Reference(inner) => self.bind_to(&inner.pat, origin),
            Pat::Paren(inner) => self.bind_to(&inner.pat, origin),
            Pat::Type(inner) => self.bind_to(&inner.pat, origin),
            Pat::Or(or) => or.cases.iter().for_each(|case| self.bind_to(case, origin)),
            pattern => {
                let is_whole =
                    origin.is_whole && (is_whole_value(pattern) || held(pattern).is_some());
                names_of(pattern, &mut |name| {
                    let origin = Origin { is_whole, ..origin.clone() };
                    self.bound.entry(name.to_string()).or_default().origin = Some(origin);
                });
            }
        }
    }

    /// What the parameter of a closure is that a method is given: an item of the receiver, or what it holds.
    pub(super) fn items_of(&self, call: &ExprMethodCall) -> Option<Items> {
        let method = call.method.to_string();
        let is_of_fault = matches!(
            &*method,
            "map_err"
                | "unwrap_or_else"
                | "or_else"
                | "inspect_err"
                | "ok_or_else"
                | "with_context"
        );
        let is_given = call.args.iter().any(|arg| matches!(arg, Expr::Closure(_)));
        if is_of_fault || !is_given {
            return None;
        }
        let (origin, made) = (self.origin(&call.receiver), self.made_by(&call.receiver));
        let is_known = origin.is_some() || made.is_some();
        // What is gathered comes before what it is gathered of.
        let at = usize::from(method.ends_with("fold"));
        is_known.then_some(Items { origin, at, made })
    }

    /// Binds the parameter of a closure.
    pub(super) fn bind_items(&mut self, closure: &ExprClosure, items: &Items) {
        let Some(pattern) = closure.inputs.get(items.at).or(closure.inputs.first()) else { return };
        if let Some(origin) = &items.origin {
            self.bind_to(pattern, origin);
        }
        if let Pat::Ident(name) = pattern
            && items.made.is_some()
        {
            let bound = self.bound.entry(name.ident.to_string()).or_default();
            bound.made.clone_from(&items.made);
        }
    }

    /// Notes which parameters go into a call.
    pub(super) fn passed_by_call(&mut self, call: &ExprCall) {
        let Expr::Path(func) = &*call.func else { return };
        let Some(last) = func.path.segments.last() else { return };
        let given = self.given(&last.ident, &call.args);
        if given.is_empty() {
            return;
        }
        let path = self.extractor.resolve(&path_text(&func.path));
        let is_short = func.path.segments.len() == 1;
        let qualifier = path.rsplit("::").nth(1).filter(|_| !is_short).unwrap_or_default();
        self.passed(CallKind::Path, qualifier, &last.ident, given);
    }

    /// Notes which parameters go into a call of a method.
    pub(super) fn passed_by_method(&mut self, call: &ExprMethodCall) {
        let given = self.given(&call.method, &call.args);
        if given.is_empty() {
            return;
        }
        let names = self.place(&call.receiver).map(|place| place.names).unwrap_or_default();
        let kind = if names == ["self"] { CallKind::OwnMethod } else { CallKind::Method };
        let last = names.last().map(|name| name.trim_end_matches("()")).unwrap_or_default();
        self.passed(kind, last, &call.method, given);
    }

    /// The parameters that arguments were taken out of, by the places of these.
    fn given(&self, name: &Ident, args: &Punctuated<Expr, Token![,]>) -> Vec<(u16, Origin)> {
        if self.facts.params.is_empty() || args.is_empty() {
            return Vec::new();
        }
        let name = name.to_string();
        if hands_on(&name) || hands_over(&name) || is_wrapper(&name) || is_reader(&name) {
            return Vec::new();
        }
        let args = (0_u16..).zip(args);
        args.filter_map(|(at, arg)| Some((at, self.origin(arg)?))).collect()
    }

    fn passed(&mut self, kind: CallKind, qualifier: &str, name: &Ident, given: Vec<(u16, Origin)>) {
        let span = self.extractor.span(name.span());
        for (at, origin) in given {
            let (qualifier, name) = (qualifier.to_owned(), name.to_string());
            let call = Call { kind, qualifier, name, span };
            self.facts.passed.push(Passed { call, at, origin });
        }
    }
}

/// Whether a parameter is what the server has, or a number: nobody says anything by it.
fn is_of_server(ty: &Ty) -> bool {
    super::types::is_number(ty)
        || matches!(
            &*ty.name,
            "State"
                | "Data"
                | "Extension"
                | "bool"
                | "Uuid"
                | "Path"
                | "PgPool"
                | "Pool"
                | "Instant"
                | "Duration"
                | "SocketAddr"
                | "ConnectInfo"
                | "fn"
                | "PathBuf"
        )
}
