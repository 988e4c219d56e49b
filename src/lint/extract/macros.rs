//! Macros: what their tokens say, read as Rust as far as they are.

use super::bind::names_of;
use super::body::Walker;
use super::file::Extractor;
use super::log_macros::logs_in;
use super::log_macros::may_log;
use super::types::ty_of;
use crate::lint::facts::CallKind;
use crate::lint::facts::FnFacts;
use crate::lint::facts::MacroUse;
use crate::lint::facts::ModDecl;
use crate::lint::facts::StaticKind;
use crate::lint::facts::Use;
use crate::lint::source::is_log_macro;
use proc_macro2::Delimiter;
use proc_macro2::Group;
use proc_macro2::Span;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::Token;
use syn::parse::ParseStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::Visit;

/// Macros inside macros that are looked into.
const MAX_DEPTH: usize = 8;

impl Extractor<'_> {
    pub(super) fn item_macro(&mut self, item: &syn::ItemMacro) {
        let path = self.resolve(&super::attributes::path_text(&item.mac.path));
        let tokens = &item.mac.tokens;
        match path.rsplit("::").next().unwrap_or_default() {
            "macro_rules" => {
                if let Some(name) = &item.ident {
                    self.macro_rules(name, tokens);
                }
            }
            "thread_local" => self.declared(&item.mac, StaticKind::ThreadLocal),
            "task_local" => self.declared(&item.mac, StaticKind::TaskLocal),
            "lazy_static" => self.declared(&item.mac, StaticKind::Shared),
            "include" => {
                self.include(&item.mac, super::attributes::is_conditional(&item.attrs));
            }
            _ if self.macro_depth < MAX_DEPTH => {
                self.macro_depth += 1;
                if let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) {
                    self.items(&file.items);
                }
                self.macro_depth -= 1;
            }
            _ => {}
        }
    }

    /// The statics that `thread_local!`, `task_local!` and `lazy_static!` declare.
    pub(super) fn declared(&mut self, invocation: &syn::Macro, kind: StaticKind) {
        let parse = |input: ParseStream<'_>| {
            let mut found = Vec::new();
            while !input.is_empty() {
                input.call(syn::Attribute::parse_outer)?;
                input.parse::<syn::Visibility>()?;
                input.parse::<Token![static]>()?;
                input.parse::<Option<Token![ref]>>()?;
                let name: syn::Ident = input.parse()?;
                input.parse::<Token![:]>()?;
                found.push((name, input.parse::<syn::Type>()?));
                if input.parse::<Option<Token![=]>>()?.is_some() {
                    input.parse::<Option<Token![const]>>()?;
                    input.parse::<Expr>()?;
                }
                input.parse::<Option<Token![;]>>()?;
            }
            Ok(found)
        };
        let Ok(found) = parse.parse2(invocation.tokens.clone()) else { return };
        if let Some(last) = invocation.path.segments.last() {
            let path = self.resolve(&super::attributes::path_text(&invocation.path));
            let names = found.iter().map(|(name, _)| name.to_string()).collect();
            let (scope, span) = (self.scope, self.span(last.ident.span()));
            self.facts.macros.push(MacroUse { path, scope, names, span });
        }
        for (name, ty) in &found {
            self.state(name, ty_of(ty), kind);
        }
    }

    fn include(&mut self, invocation: &syn::Macro, is_conditional: bool) {
        let Ok(path) = syn::parse2::<syn::LitStr>(invocation.tokens.clone()) else { return };
        let span = self.span(path.span());
        let (name, path) = (String::new(), Some(path.value()));
        self.facts.mods.push(ModDecl {
            name,
            inside: Vec::new(),
            path,
            other_paths: Vec::new(),
            is_optional: is_conditional
                || self.is_optional
                || self.macro_depth > 0
                || self.function.is_some(),
            is_include: true,
            is_test: false,
            span,
        });
    }

    /// The bodies of a macro as those of a function, for what calls it does what they say.
    fn macro_rules(&mut self, name: &syn::Ident, tokens: &TokenStream) {
        let mut facts = FnFacts {
            name: format!("{name}!"),
            scope: self.scope,
            span: self.span(name.span()),
            ..FnFacts::default()
        };
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        for rule in tokens.windows(3) {
            let [TokenTree::Punct(_), TokenTree::Punct(arrow), TokenTree::Group(body)] = rule
            else {
                continue;
            };
            if arrow.as_char() != '>' {
                continue;
            }
            facts.is_log |= logs_in(&body.stream());
            let body = without_metavariables(body.stream());
            calls_in(&body, &mut |name| {
                let (kind, qualifier, name) = (CallKind::Path, String::new(), name.to_owned());
                let span = facts.span;
                facts.calls.push(crate::lint::facts::Call { kind, qualifier, name, span });
            });
            if let Ok(statements) = syn::Block::parse_within.parse2(body.clone()) {
                let block =
                    syn::Block { brace_token: syn::token::Brace::default(), stmts: statements };
                let around = self.function.replace(facts.name.clone());
                facts = Walker::new(self, facts).walk(&block);
                self.function = around;
            }
        }
        self.facts.fns.push(facts);
    }
}

/// The body of a macro with names in place of its variables, and what repeats said once.
fn without_metavariables(tokens: TokenStream) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                if let Some(TokenTree::Group(group)) = tokens.peek() {
                    out.extend(without_metavariables(group.stream()));
                    tokens.next();
                    // The separator and the sign that tells how often.
                    for _ in 0..2 {
                        if matches!(tokens.next(), Some(TokenTree::Punct(punct))
                            if matches!(punct.as_char(), '*' | '+' | '?'))
                        {
                            break;
                        }
                    }
                }
            }
            TokenTree::Group(group) => {
                let mut inner =
                    Group::new(group.delimiter(), without_metavariables(group.stream()));
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
            }
            token => out.push(token),
        }
    }
    out.into_iter().collect()
}

impl Walker<'_, '_> {
    pub(super) fn invocation(&mut self, invocation: &syn::Macro) {
        // An import may give a macro another name.
        let path = self.extractor.resolve(&super::attributes::path_text(&invocation.path));
        let name = path.rsplit("::").next().unwrap_or(&path).to_owned();
        match &*name {
            "thread_local" => return self.extractor.declared(invocation, StaticKind::ThreadLocal),
            "task_local" => return self.extractor.declared(invocation, StaticKind::TaskLocal),
            "lazy_static" => return self.extractor.declared(invocation, StaticKind::Shared),
            "quote" | "quote_spanned" | "parse_quote" => return,
            "routes" => self.routes_in(invocation),
            "write" | "writeln" => self.written(invocation),
            name if is_log_macro(name.as_bytes()) || may_log(name, &invocation.tokens) => {
                self.log(invocation, name);
                if let Some(last) = invocation.path.segments.last() {
                    let (name, span) = (name.to_owned(), self.extractor.span(last.ident.span()));
                    self.facts.told.push(Use { name, span });
                }
            }
            _ => {}
        }
        if self.extractor.macro_depth >= MAX_DEPTH {
            return;
        }
        self.extractor.macro_depth += 1;
        let tokens = &invocation.tokens;
        if name == "select" {
            for (pattern, exprs) in select_arms.parse2(tokens.clone()).unwrap_or_default() {
                if let Some(pattern) = pattern {
                    let origin = exprs.first().and_then(|future| self.origin(future));
                    names_of(&pattern, &mut |name| {
                        self.bound.remove(&name.to_string());
                    });
                    if let Some(origin) = origin {
                        self.bind_to(&pattern, &origin);
                    }
                }
                for expr in &exprs {
                    self.visit_expr(expr);
                }
            }
        } else if let Ok(exprs) =
            Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone())
        {
            for expr in &exprs {
                self.is_awaited = matches!(&*name, "join" | "try_join")
                    && matches!(expr, Expr::Call(_) | Expr::MethodCall(_));
                self.visit_expr(expr);
            }
        } else if let Ok(statements) = syn::Block::parse_within.parse2(tokens.clone()) {
            let block = syn::Block { brace_token: syn::token::Brace::default(), stmts: statements };
            self.visit_block(&block);
        } else {
            // `cfg_if! { if #[cfg(..)] { .. } }`: what stands in braces.
            for token in tokens.clone() {
                if let TokenTree::Group(group) = token
                    && group.delimiter() == Delimiter::Brace
                    && let Ok(stmts) = syn::Block::parse_within.parse2(group.stream())
                {
                    let brace_token = syn::token::Brace::default();
                    self.visit_block(&syn::Block { brace_token, stmts });
                }
            }
        }
        self.extractor.macro_depth -= 1;
    }
}

type Arm = (Option<syn::Pat>, Vec<Expr>);

/// The arms of `select!`: `pattern = future, if condition => handler`.
fn select_arms(input: ParseStream<'_>) -> syn::Result<Vec<Arm>> {
    let mut arms = Vec::new();
    while !input.is_empty() {
        let mut exprs = Vec::new();
        let mut pattern = None;
        if input.peek(Token![else]) {
            input.parse::<Token![else]>()?;
        } else if input.peek(syn::Ident) && input.peek2(Token![;]) {
            // `biased;`
            input.parse::<syn::Ident>()?;
            input.parse::<Token![;]>()?;
            continue;
        } else {
            pattern = Some(syn::Pat::parse_multi_with_leading_vert(input)?);
            input.parse::<Token![=]>()?;
            exprs.push(input.parse()?);
            if input.peek(Token![,]) && input.peek2(Token![if]) {
                input.parse::<Token![,]>()?;
                input.parse::<Token![if]>()?;
                exprs.push(input.parse()?);
            }
        }
        input.parse::<Token![=>]>()?;
        exprs.push(input.parse()?);
        input.parse::<Option<Token![,]>>()?;
        arms.push((pattern, exprs));
    }
    Ok(arms)
}

/// Calls `name` with each name of a variable in the arguments, those in format strings included.
pub(super) fn names_in(invocation: &syn::Macro, name: &mut impl FnMut(&str)) {
    walk(&invocation.tokens, &mut |token, next| match token {
        TokenTree::Ident(ident) => {
            let is_call = matches!(next, Some(TokenTree::Group(_)));
            let is_path = matches!(next, Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), ':' | '!'));
            if !is_call && !is_path {
                name(&ident.to_string());
            }
        }
        TokenTree::Literal(literal) => {
            for hole in holes(&literal.to_string()).into_iter().flatten() {
                name(&hole);
            }
        }
        _ => {}
    });
}

/// Calls `call` with each name before parentheses.
pub(super) fn calls_in(tokens: &TokenStream, call: &mut impl FnMut(&str)) {
    walk(tokens, &mut |token, next| {
        if let (TokenTree::Ident(ident), Some(TokenTree::Group(group))) = (token, next)
            && group.delimiter() == Delimiter::Parenthesis
        {
            call(&ident.to_string());
        }
    });
}

/// Where tokens await or yield.
pub(super) fn await_in(tokens: &TokenStream) -> Option<Span> {
    let mut found = None;
    let mut is_after_dot = false;
    walk(tokens, &mut |token, _| {
        if let TokenTree::Ident(ident) = token
            && is_after_dot
            && ident == "await"
        {
            found = found.or(Some(ident.span()));
        }
        is_after_dot = matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
    });
    found
}

pub(super) fn walk(tokens: &TokenStream, visit: &mut impl FnMut(&TokenTree, Option<&TokenTree>)) {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        visit(&token, tokens.peek());
        if let TokenTree::Group(group) = &token {
            walk(&group.stream(), visit);
        }
    }
}

/// The names in the holes of a format string, `None` for a hole without one; empty where the token is
/// no string.
pub(super) fn holes(literal: &str) -> Vec<Option<String>> {
    let Some(text) = literal.strip_prefix('"').or_else(|| literal.strip_prefix("r\"")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let text = text.replace("{{", "").replace("}}", "");
    for part in text.split('{').skip(1) {
        let hole = part.split('}').next().unwrap_or_default();
        let name = hole.split(':').next().unwrap_or_default().trim();
        let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        found.push(is_name.then(|| name.to_owned()));
    }
    found
}

/// Whether a format string joins two values without anything between them.
pub(super) fn has_adjacent_holes(tokens: &TokenStream) -> bool {
    let Some(TokenTree::Literal(first)) = tokens.clone().into_iter().next() else { return false };
    let text = first.to_string();
    let text = text.trim_matches('"').replace("{{", "..").replace("}}", "..");
    // A width or padding keeps the two apart.
    let is_open = |hole: &str| !hole.contains(':') || hole.ends_with(":?");
    let mut joints = text.match_indices("}{").map(|(at, _)| at);
    joints.any(|at| {
        let before = text[..at].rsplit('{').next().unwrap_or_default();
        let after = text[at + 2..].split('}').next().unwrap_or_default();
        is_open(before) && is_open(after)
    })
}
