//! What log macros and spans write down.

use super::attributes::parts;
use super::body::Walker;
use super::holes::Hole;
use super::holes::holes_of;
use super::made::is_same;
use super::written::Written;
use super::written::value_of;
use crate::lint::facts::Log;
use crate::lint::facts::Made;
use crate::lint::facts::OF_ADDRESS;
use crate::lint::facts::OF_HEADER;
use crate::lint::facts::Span;
use crate::lint::source::is_said_word;
use crate::lint::source::is_secret_word;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::Meta;

/// One argument of a log macro.
struct Argument {
    /// What it is called: `email` in `user.email = %x` and in `"email" => x`.
    field: Option<(String, proc_macro2::Span)>,
    is_debug: bool,
    tokens: TokenStream,
}

impl Walker<'_, '_> {
    pub(super) fn log(&mut self, invocation: &syn::Macro, name: &str) {
        let Some(at) = invocation.path.segments.last().map(|last| last.ident.span()) else {
            return;
        };
        let at = self.extractor.span(at);
        for log in self.logs_of(&invocation.tokens, name, at) {
            self.facts.logs.push(log);
        }
    }

    /// What the arguments of a log macro write.
    pub(super) fn logs_of(&self, tokens: &TokenStream, name: &str, at: Span) -> Vec<Log> {
        let mut found = Vec::new();
        let mut holes = Vec::new().into_iter();
        for part in parts(tokens.clone()) {
            for argument in arguments(part) {
                let literal = literal_of(&argument.tokens).filter(|_| argument.field.is_none());
                if let Some(literal) = literal {
                    let (named, open): (Vec<Hole>, Vec<Hole>) =
                        holes_of(&literal.to_string()).into_iter().partition(Hole::is_named);
                    for hole in named {
                        let written = Written::variable(&hole.name, literal.span());
                        self.note(&mut found, &written, &hole, (name, at));
                        if self.is_name_of_address(&hole.name) {
                            let address = Written::variable(OF_ADDRESS, literal.span());
                            self.note(&mut found, &address, &hole, (name, at));
                        }
                    }
                    holes = open.into_iter();
                    continue;
                }
                let mut hole = match argument.field {
                    Some(_) => Hole::default(),
                    None => holes.next().unwrap_or_default(),
                };
                // `info_span!("ask", input)` has a field of that name.
                hole.is_field =
                    argument.field.is_none() && (name.ends_with("span") || name == "instrument");
                hole.is_debug |= argument.is_debug || name == "dbg";
                for written in members_of(&argument.tokens) {
                    self.note(&mut found, &written, &hole, (name, at));
                }
                if let Some(span) = self.address_in(&argument.tokens) {
                    let address = Written::variable(OF_ADDRESS, span);
                    self.note(&mut found, &address, &hole, (name, at));
                }
                let written = value_of(&argument.tokens)
                    .or_else(|| called(&argument.tokens).filter(|_| hole.is_debug));
                if let Some((field, span)) = argument.field {
                    self.note_field(
                        &mut found,
                        (&field, span),
                        written.as_ref(),
                        (name, at),
                        &hole,
                    );
                }
                if let Some(written) = written {
                    hole.is_debug |= written.is_serialized;
                    self.note(&mut found, &written, &hole, (name, at));
                }
            }
        }
        found
    }

    /// Where an argument is the whole address of a request.
    fn address_in(&self, tokens: &TokenStream) -> Option<proc_macro2::Span> {
        let mut all = tokens.clone().into_iter();
        let is_one = |token: &TokenTree| match token {
            TokenTree::Ident(ident) => {
                self.bound.get(&ident.to_string()).is_some_and(|bound| bound.is_address)
                    || matches!(&*ident.to_string(), "uri" | "url" | "original_uri")
            }
            _ => false,
        };
        let span = all.find(is_one)?.span();
        let is_address =
            syn::parse2::<Expr>(tokens.clone()).is_ok_and(|expr| self.is_address(&expr));
        is_address.then_some(span)
    }

    /// Notes a value, by its own name, by that of what it was made of, and by what the text calls it.
    fn note(&self, found: &mut Vec<Log>, written: &Written, hole: &Hole, (name, at): (&str, Span)) {
        let span = self.extractor.span(written.span);
        let is_variable = written.is_variable
            || written.root.as_ref().is_some_and(|root| root.is_variable(&written.name));
        let bound = self.bound.get(&written.name).filter(|_| is_variable);
        let made = match bound {
            None if is_variable => self.made_of_name(&written.name),
            None if written.is_call => {
                Some(written.made.clone().unwrap_or_else(|| Made::Method(written.name.clone())))
            }
            None => {
                let of = written.of.as_ref().and_then(|of| self.made_of_name(of)).map(Box::new);
                Some(Made::Field { of, name: written.name.clone() })
            }
            Some(bound) => Some(bound.made.clone().unwrap_or(Made::Other)),
        };
        let origin = written.root.as_ref().and_then(|root| self.origin_of_root(root));
        let is_taken = origin.is_some();
        let mut push = |value: &str, own: &str| {
            found.push(Log {
                origin: origin.clone(),
                macro_name: name.to_owned(),
                value: value.to_owned(),
                own: own.to_owned(),
                made: made.clone(),
                is_debug: hole.is_debug,
                is_serialized: written.is_serialized,
                is_field: hole.is_field,
                span,
                at,
            });
        };
        let is_param = |name: &str| {
            self.facts.params.iter().any(|param| param.names.iter().any(|own| own == name))
        };
        if written.name == OF_ADDRESS {
            return push(OF_ADDRESS, OF_ADDRESS);
        }
        if bound.is_some_and(|bound| bound.is_address) {
            push(OF_ADDRESS, &written.name);
        }
        if bound.is_some_and(|bound| bound.is_of_header) {
            return push(OF_HEADER, &written.name);
        }
        if is_secret_word(written.name.as_bytes())
            || hole.is_debug
                && written.is_variable
                && (written.name == "self" || is_param(&written.name))
        {
            return push(&written.name, &written.name);
        }
        // An answer that is called an error says what went wrong.
        let is_error = written.name.contains("err");
        if let Some(alias) = bound.and_then(|bound| bound.alias.as_ref())
            && is_secret_word(alias.as_bytes())
            && !(is_error && alias == "answer_body")
        {
            return push(alias, alias);
        }
        if is_said_word(written.name.as_bytes()) {
            return push(&written.name, &written.name);
        }
        if let Some(label) = &hole.label
            && !written.is_call
            && is_secret_word(label.as_bytes())
        {
            return push(label, &written.name);
        }
        // What its type shows.
        if made.is_some() || is_taken {
            push(&written.name, &written.name);
        }
    }

    /// Notes a value by the field that it is written under.
    fn note_field(
        &self,
        found: &mut Vec<Log>,
        (field, span): (&str, proc_macro2::Span),
        written: Option<&Written>,
        (name, at): (&str, Span),
        hole: &Hole,
    ) {
        let Some(written) = written else { return };
        // A value whose own name tells is noted by that.
        let is_value = written.name.starts_with(|first: char| first.is_lowercase());
        if !is_value
            || written.is_call && !written.is_serialized
            || !is_secret_word(field.as_bytes()) && !is_said_word(field.as_bytes())
            || is_secret_word(written.name.as_bytes()) && !is_said_word(field.as_bytes())
        {
            return;
        }
        found.push(Log {
            macro_name: name.to_owned(),
            value: field.to_owned(),
            own: written.name.clone(),
            made: self.count_of(written),
            origin: written.root.as_ref().and_then(|root| self.origin_of_root(root)),
            is_debug: hole.is_debug,
            is_serialized: written.is_serialized,
            is_field: true,
            span: self.extractor.span(span),
            at,
        });
    }

    /// The type of a value that is written under a field, where it is known to be a number.
    fn count_of(&self, written: &Written) -> Option<Made> {
        let made = self.made_of_name(&written.name).filter(|_| written.is_variable);
        made.filter(|made| matches!(made, Made::As(ty) if super::types::is_number(ty)))
    }

    /// The fields of `#[instrument(fields(..))]`.
    pub(super) fn instrumented(&mut self, attribute: &syn::Attribute) {
        let (Meta::List(list), Some(last)) = (&attribute.meta, attribute.path().segments.last())
        else {
            return;
        };
        let path = self.extractor.resolve(&last.ident.to_string());
        if path.rsplit("::").next() != Some("instrument") {
            return;
        }
        let at = self.extractor.span(last.ident.span());
        let mut is_fields = false;
        for token in list.tokens.clone() {
            if let TokenTree::Group(group) = &token
                && is_fields
            {
                let found = self.logs_of(&group.stream(), "instrument", at);
                self.facts.logs.extend(found);
            }
            is_fields = matches!(&token, TokenTree::Ident(ident) if ident == "fields");
        }
    }

    /// `span.record("email", &x)`.
    pub(super) fn recorded(&mut self, call: &syn::ExprMethodCall, at: Span) {
        let (Some(field), Some(value)) = (call.args.first(), call.args.get(1)) else { return };
        if !self.is_span(&call.receiver) {
            return;
        }
        let Some(written) = super::written::written(value) else { return };
        let hole = Hole { is_debug: written.is_serialized, ..Hole::default() };
        let mut found = Vec::new();
        if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(field), .. }) = field {
            let name = field.value();
            let name = name.rsplit('.').next().unwrap_or(&name);
            self.note_field(
                &mut found,
                (name, field.span()),
                Some(&written),
                ("record", at),
                &hole,
            );
        }
        self.note(&mut found, &written, &hole, ("record", at));
        self.facts.logs.extend(found);
    }
}

/// What a call gives that is written as it stands: `dbg!(User::all(&mut db).await?)`.
fn called(tokens: &TokenStream) -> Option<Written> {
    let mut expr = &syn::parse2::<Expr>(tokens.clone()).ok()?;
    loop {
        expr = match expr {
            Expr::Try(inner) => &inner.expr,
            Expr::Await(inner) => &inner.base,
            Expr::MethodCall(call) if is_same(&call.method.to_string()) => &call.receiver,
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return None };
                let mut parts = path.path.segments.iter().rev();
                // What a function makes of a secret is judged by its name alone.
                let last = &parts.next()?.ident;
                if is_secret_word(last.to_string().as_bytes()) {
                    return None;
                }
                let of = parts.next().map(|of| of.ident.to_string()).unwrap_or_default();
                return Some(Written::given(&of, &last.to_string(), last.span()));
            }
            _ => return None,
        }
    }
}

/// The values in `(a, b)`.
fn members_of(tokens: &TokenStream) -> Vec<Written> {
    let mut all = tokens.clone().into_iter();
    match (all.next(), all.next()) {
        (Some(TokenTree::Group(group)), None) => {
            let members = parts(group.stream());
            members.iter().filter(|_| members.len() > 1).filter_map(value_of).collect()
        }
        _ => Vec::new(),
    }
}

/// The literal that an argument is.
fn literal_of(tokens: &TokenStream) -> Option<proc_macro2::Literal> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(literal)), None) => Some(literal),
        _ => None,
    }
}

/// What stands between two commas: one argument, or several where a text ends with `;`.
fn arguments(part: TokenStream) -> Vec<Argument> {
    let mut tokens = vec![Vec::new()];
    for token in part {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => tokens.push(Vec::new()),
            token => tokens.extend_last(token),
        }
    }
    tokens.into_iter().filter(|tokens| !tokens.is_empty()).map(argument).collect()
}

trait ExtendLast {
    fn extend_last(&mut self, token: TokenTree);
}

impl ExtendLast for Vec<Vec<TokenTree>> {
    fn extend_last(&mut self, token: TokenTree) {
        if let Some(last) = self.last_mut() {
            last.push(token);
        }
    }
}

fn argument(mut tokens: Vec<TokenTree>) -> Argument {
    let is = |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    let mut field = None;
    // A comparison is no name of a field.
    let equals = tokens.iter().position(|token| is(token, '=')).filter(|at| {
        let before_is_sign = at.checked_sub(1).is_some_and(|before| {
            matches!(&tokens[before], TokenTree::Punct(punct) if !matches!(punct.as_char(), '%' | '?' | ':'))
        });
        !before_is_sign && !tokens.get(at + 1).is_some_and(|after| is(after, '='))
    });
    let mut is_debug = false;
    if let Some(at) = equals {
        let rest = tokens.split_off(at + 1);
        // `email:? = x` tells the form before the sign.
        is_debug = tokens.iter().any(|token| is(token, '?'));
        field = tokens.iter().rev().find_map(|token| match token {
            TokenTree::Ident(ident) => Some((ident.to_string(), ident.span())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let name = text.trim_matches('"').rsplit('.').next().unwrap_or_default().to_owned();
                Some((name, literal.span()))
            }
            _ => None,
        });
        tokens = rest;
        if tokens.first().is_some_and(|token| is(token, '>')) {
            tokens.remove(0);
        }
    }
    let is_sigil =
        |token: &TokenTree| ['%', '?', '&', '*', '#'].iter().any(|sign| is(token, *sign));
    let start = tokens.iter().take_while(|token| is_sigil(token)).count();
    is_debug |= tokens.iter().take(start).any(|token| is(token, '?'));
    tokens.drain(..start);
    Argument { field, is_debug, tokens: tokens.into_iter().collect() }
}
