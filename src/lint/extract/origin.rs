//! Which parameter a value was taken out of, as long as nothing else is made of it.

use super::attributes::path_text;
use super::bind::held;
use super::bind::is_whole_value;
use super::bind::names_of;
use super::body::Walker;
use super::written::hands_on;
use super::written::hands_over;
use crate::lint::facts::Call;
use crate::lint::facts::CallKind;
use crate::lint::facts::Made;
use crate::lint::facts::Origin;
use crate::lint::facts::Passed;
use crate::lint::facts::Ty;
use proc_macro2::Ident;
use proc_macro2::Span;
use syn::Expr;
use syn::ExprCall;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Member;
use syn::Pat;
use syn::Token;
use syn::punctuated::Punctuated;

/// The variable that a value begins with.
#[derive(Clone, Debug)]
pub(super) struct Root {
    name: String,
    pub(super) span: Span,
    is_whole: bool,
    part: Option<String>,
}

/// What a closure is given of the value that its method is called on.
pub(super) struct Items {
    origin: Origin,
    /// What is known of the type of them all.
    made: Option<Made>,
}

impl Root {
    pub(super) fn of_variable(name: &str, span: Span) -> Self {
        Self { name: name.to_owned(), span, is_whole: true, part: None }
    }

    /// What it is called.
    pub(super) fn last(&self) -> &str {
        self.part.as_deref().unwrap_or(&self.name)
    }

    fn part_of(self, part: Option<String>) -> Self {
        Self { is_whole: false, part: part.or(self.part), ..self }
    }
}

/// The variable that an expression takes a value out of.
pub(super) fn root_of(expr: &Expr) -> Option<Root> {
    match expr {
        Expr::Path(path) => {
            let name = path.path.get_ident()?;
            Some(Root::of_variable(&name.to_string(), name.span()))
        }
        Expr::Field(field) => {
            let of = root_of(&field.base)?;
            Some(match &field.member {
                Member::Named(name) => of.part_of(Some(name.to_string())),
                // What a type of one value holds.
                Member::Unnamed(_) => of,
            })
        }
        Expr::Index(index) => Some(root_of(&index.expr)?.part_of(text_of(&index.index))),
        Expr::MethodCall(call) => root_of_method(call),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let last = path.path.segments.last()?.ident.to_string();
            let of = path.path.segments.iter().rev().nth(1).map(|of| of.ident.to_string());
            let is_kept = hands_over(&last)
                || is_reader(&last)
                || last == "new" && of.is_some_and(|of| reads(&of));
            root_of(call.args.first()?).filter(|_| is_kept || is_wrapper(&last))
        }
        Expr::Reference(inner) => root_of(&inner.expr),
        Expr::Unary(inner) if !matches!(inner.op, syn::UnOp::Not(_)) => root_of(&inner.expr),
        Expr::Paren(inner) => root_of(&inner.expr),
        Expr::Group(inner) => root_of(&inner.expr),
        Expr::Try(inner) => root_of(&inner.expr),
        Expr::Await(inner) => root_of(&inner.base),
        Expr::Block(block) => root_of_block(&block.block),
        Expr::If(branches) => root_of_block(&branches.then_branch),
        // `match given { Ok(one) => one, Err(_) => return }`
        Expr::Match(of) => {
            let is_it = |arm: &syn::Arm| {
                let mut is_it = false;
                let body = root_of(&arm.body).map(|root| root.name);
                names_of(&arm.pat, &mut |name| {
                    is_it |= body.as_deref() == Some(&*name.to_string());
                });
                is_it
            };
            of.arms.iter().any(is_it).then(|| root_of(&of.expr)).flatten()
        }
        _ => None,
    }
}

fn root_of_block(block: &syn::Block) -> Option<Root> {
    match block.stmts.last()? {
        syn::Stmt::Expr(last, None) => root_of(last),
        _ => None,
    }
}

fn root_of_method(call: &ExprMethodCall) -> Option<Root> {
    let method = call.method.to_string();
    if let Some(Expr::Closure(closure)) = call.args.first()
        && matches!(&*method, "map" | "and_then" | "filter_map" | "flat_map" | "map_or" | "then")
    {
        let inner = root_of(&closure.body)?;
        let mut is_own = false;
        for input in &closure.inputs {
            names_of(input, &mut |name| is_own |= *name == inner.name);
        }
        let of = root_of(&call.receiver)?;
        return is_own.then(|| if inner.is_whole { of } else { of.part_of(inner.part) });
    }
    if matches!(&*method, "get" | "get_mut" | "pointer" | "remove" | "get_all" | "header") {
        let part = text_of(call.args.first()?);
        return Some(root_of(&call.receiver)?.part_of(part));
    }
    (hands_on(&method) || takes_out(&method)).then(|| root_of(&call.receiver)).flatten()
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Reference(inner) => text_of(&inner.expr),
        _ => None,
    }
}

/// Methods that give what the receiver holds, or the next piece of it.
fn takes_out(method: &str) -> bool {
    matches!(
        method,
        "aggregate"
            | "as_array"
            | "as_bytes"
            | "as_object"
            | "as_slice"
            | "body"
            | "body_mut"
            | "bytes"
            | "chain"
            | "chunk"
            | "chunks"
            | "collect"
            | "context"
            | "data"
            | "entries"
            | "filter"
            | "first"
            | "frame"
            | "get_mut"
            | "get_ref"
            | "into"
            | "into_body"
            | "into_data"
            | "into_iter"
            | "into_parts"
            | "into_payload"
            | "into_text"
            | "iter_mut"
            | "json"
            | "last"
            | "lines"
            | "message"
            | "next"
            | "next_field"
            | "next_line"
            | "next_message"
            | "ok_or"
            | "ok_or_else"
            | "recv"
            | "rev"
            | "skip"
            | "split"
            | "take"
            | "text"
            | "timeout"
            | "to_bytes"
            | "to_text"
            | "to_vec"
            | "try_collect"
            | "try_into"
            | "try_next"
            | "values"
            | "with_context"
            | "zip"
    )
}

/// Functions that read what they are given: nothing is in it that was not there.
fn is_reader(function: &str) -> bool {
    matches!(
        function,
        "from_slice"
            | "from_str"
            | "from_value"
            | "from_reader"
            | "to_bytes"
            | "from_bytes"
            | "Err"
            | "collect"
            | "timeout"
            | "read_to_string"
            | "read_body"
    )
}

/// Whether a type reads what it is made of, piece by piece.
fn reads(name: &str) -> bool {
    matches!(
        name,
        "BufReader" | "Framed" | "FramedRead" | "ReaderStream" | "StreamReader" | "BodyStream"
    )
}

/// Whether a function makes a type of one value: `Json(value)`.
fn is_wrapper(function: &str) -> bool {
    function.starts_with(|first: char| first.is_uppercase())
}

impl Walker<'_, '_> {
    /// The parameter that an expression takes a value out of.
    pub(super) fn origin(&self, expr: &Expr) -> Option<Origin> {
        self.origin_of_root(&root_of(expr)?)
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
        let origin = self.origin(&call.receiver)?;
        Some(Items { origin, made: self.made_by(&call.receiver) })
    }

    /// Binds the parameter of a closure.
    pub(super) fn bind_items(&mut self, pattern: &Pat, items: &Items) {
        self.bind_to(pattern, &items.origin);
        if let Pat::Ident(name) = pattern
            && let Some(bound) = self.bound.get_mut(&name.ident.to_string())
        {
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
