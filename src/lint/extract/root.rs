//! The variable that a value is taken out of, as long as nothing else is made of it.

use super::bind::names_of;
use super::body::MAX_STEPS;
use super::written::hands_on;
use super::written::hands_over;
use proc_macro2::Span;
use syn::Expr;
use syn::ExprMethodCall;
use syn::Lit;
use syn::Member;

/// The variable that a value begins with.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) is_whole: bool,
    pub(super) part: Option<String>,
}

impl Root {
    pub(super) fn of_variable(name: &str, span: Span) -> Self {
        Self { name: name.to_owned(), span, is_whole: true, part: None }
    }

    /// Whether it is the variable of that name, handed over as it is.
    pub(super) fn is_variable(&self, name: &str) -> bool {
        self.is_whole && self.part.is_none() && self.name == name
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
    root_within(expr, MAX_STEPS)
}

fn root_within(expr: &Expr, left: usize) -> Option<Root> {
    let left = left.checked_sub(1)?;
    match expr {
        Expr::Path(path) => {
            let name = path.path.get_ident()?;
            Some(Root::of_variable(&name.to_string(), name.span()))
        }
        Expr::Field(field) => {
            let of = root_within(&field.base, left)?;
            Some(match &field.member {
                Member::Named(name) => of.part_of(Some(name.to_string())),
                // What a type of one value holds.
                Member::Unnamed(_) => of,
            })
        }
        Expr::Index(index) => Some(root_within(&index.expr, left)?.part_of(text_of(&index.index))),
        Expr::MethodCall(call) => root_of_method(call, left),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let last = path.path.segments.last()?.ident.to_string();
            let of = path.path.segments.iter().rev().nth(1).map(|of| of.ident.to_string());
            let is_kept = hands_over(&last)
                || is_reader(&last)
                || last == "new" && of.is_some_and(|of| reads(&of));
            root_within(call.args.first()?, left).filter(|_| is_kept || is_wrapper(&last))
        }
        Expr::Reference(inner) => root_within(&inner.expr, left),
        Expr::Unary(inner) if !matches!(inner.op, syn::UnOp::Not(_)) => {
            root_within(&inner.expr, left)
        }
        Expr::Paren(inner) => root_within(&inner.expr, left),
        Expr::Group(inner) => root_within(&inner.expr, left),
        Expr::Try(inner) => root_within(&inner.expr, left),
        Expr::Await(inner) => root_within(&inner.base, left),
        Expr::Block(block) => root_of_block(&block.block, left),
        Expr::If(branches) => root_of_block(&branches.then_branch, left),
        // `match given { Ok(one) => one, Err(_) => return }`
        Expr::Match(of) => {
            let is_it = |arm: &syn::Arm| {
                let mut is_it = false;
                let body = root_within(&arm.body, left).map(|root| root.name);
                names_of(&arm.pat, &mut |name| {
                    is_it |= body.as_deref() == Some(&*name.to_string());
                });
                is_it
            };
            of.arms.iter().any(is_it).then(|| root_within(&of.expr, left)).flatten()
        }
        _ => None,
    }
}

fn root_of_block(block: &syn::Block, left: usize) -> Option<Root> {
    match block.stmts.last()? {
        syn::Stmt::Expr(last, None) => root_within(last, left),
        _ => None,
    }
}

fn root_of_method(call: &ExprMethodCall, left: usize) -> Option<Root> {
    let method = call.method.to_string();
    if let Some(Expr::Closure(closure)) = call.args.first()
        && matches!(&*method, "map" | "and_then" | "filter_map" | "flat_map" | "map_or" | "then")
    {
        let inner = root_within(&closure.body, left)?;
        let mut is_own = false;
        for input in &closure.inputs {
            names_of(input, &mut |name| is_own |= *name == inner.name);
        }
        let of = root_within(&call.receiver, left)?;
        return is_own.then(|| if inner.is_whole { of } else { of.part_of(inner.part) });
    }
    if matches!(&*method, "get" | "get_mut" | "pointer" | "remove" | "get_all" | "header") {
        let part = text_of(call.args.first()?);
        return Some(root_within(&call.receiver, left)?.part_of(part));
    }
    (hands_on(&method) || takes_out(&method)).then(|| root_within(&call.receiver, left)).flatten()
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
            | "enumerate"
            | "peekable"
            | "pop_front"
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
pub(super) fn is_reader(function: &str) -> bool {
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
pub(super) fn is_wrapper(function: &str) -> bool {
    function.starts_with(|first: char| first.is_uppercase())
}
