//! Items: modules, imports, types, statics and functions.

use super::attributes;
use super::attributes::path_text;
use super::body::Walker;
use super::file::Extractor;
use super::types;
use super::types::ty_of;
use crate::lint::facts::Attribute;
use crate::lint::facts::Field;
use crate::lint::facts::FnFacts;
use crate::lint::facts::ImplOf;
use crate::lint::facts::Import;
use crate::lint::facts::ModDecl;
use crate::lint::facts::Param;
use crate::lint::facts::Scope;
use crate::lint::facts::Shape;
use crate::lint::facts::Static;
use crate::lint::facts::StaticKind;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use syn::Expr;
use syn::ExprLit;
use syn::FnArg;
use syn::GenericParam;
use syn::Generics;
use syn::ImplItem;
use syn::Item;
use syn::Lit;
use syn::ReturnType;
use syn::Signature;
use syn::StaticMutability;
use syn::TraitItem;
use syn::UseTree;
use syn::WherePredicate;

impl Extractor<'_> {
    pub(super) fn items(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Use(item) = item
                && !attributes::is_test(&item.attrs)
            {
                self.import(&item.tree, "");
            }
        }
        for item in items {
            self.item(item);
        }
    }

    pub(super) fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) if !attributes::is_test(&item.attrs) => {
                self.function(&item.attrs, &item.sig, &item.block, None);
            }
            Item::Impl(item) if !attributes::is_test(&item.attrs) => self.implementation(item),
            Item::Trait(item) if !attributes::is_test(&item.attrs) => {
                let member_of =
                    ImplOf { ty: item.ident.to_string(), of_trait: None, attributes: Vec::new() };
                for inner in &item.items {
                    if let TraitItem::Fn(inner) = inner
                        && let Some(block) = &inner.default
                    {
                        self.function(&inner.attrs, &inner.sig, block, Some(member_of.clone()));
                    }
                }
            }
            Item::Mod(item) => self.module(item),
            Item::Static(item) if !attributes::is_test(&item.attrs) => {
                let kind = match item.mutability {
                    StaticMutability::Mut(_) => StaticKind::Mutable,
                    _ => StaticKind::Shared,
                };
                self.state(&item.ident, ty_of(&item.ty), kind);
                self.text(&item.ident, &item.expr);
            }
            Item::Const(item) => self.text(&item.ident, &item.expr),
            Item::Struct(item) if !attributes::is_test(&item.attrs) => {
                let fields = self.fields(&item.fields);
                self.declare(&item.ident, &item.generics, Shape::Struct(fields));
            }
            Item::Enum(item) if !attributes::is_test(&item.attrs) => {
                let fields = item.variants.iter().flat_map(|variant| self.variant(variant));
                let fields = fields.collect();
                self.declare(&item.ident, &item.generics, Shape::Enum(fields));
            }
            Item::Type(item) => {
                self.declare(&item.ident, &item.generics, Shape::Alias(ty_of(&item.ty)));
            }
            Item::Macro(item) if !attributes::is_test(&item.attrs) => self.item_macro(item),
            _ => {}
        }
    }

    fn text(&mut self, name: &syn::Ident, expr: &Expr) {
        if let Some(text) = text_of(expr) {
            self.facts.texts.push((name.to_string(), text));
        }
    }

    fn module(&mut self, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        let path = attributes::module_path(&item.attrs);
        let is_test = attributes::is_test(&item.attrs);
        let Some((_, items)) = &item.content else {
            let (span, inside) = (self.span(item.ident.span()), self.inside.clone());
            let other_paths = attributes::conditional_paths(&item.attrs);
            return self.facts.mods.push(ModDecl {
                name,
                inside,
                path,
                other_paths,
                is_optional: self.is_optional
                    || self.macro_depth > 0
                    || attributes::is_conditional(&item.attrs),
                is_include: false,
                is_test,
                span,
            });
        };
        if is_test {
            return;
        }
        let around = self.scope;
        // A `path` on a module that is written out says where those inside it stand.
        self.inside.push(path.unwrap_or_else(|| name.clone()));
        let outer = &self.facts.scopes[around as usize].path;
        let path = if outer.is_empty() { name } else { format!("{outer}::{name}") };
        self.scope = self.facts.scopes.len() as u16;
        self.facts.scopes.push(Scope { path, imports: Vec::new() });
        let was_optional = self.is_optional;
        self.is_optional |= attributes::is_conditional(&item.attrs);
        self.items(items);
        self.is_optional = was_optional;
        self.inside.pop();
        self.scope = around;
    }

    pub(super) fn import(&mut self, tree: &UseTree, before: &str) {
        let joined =
            |name: String| if before.is_empty() { name } else { format!("{before}::{name}") };
        let (name, path) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &joined(path.ident.to_string())),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before);
                }
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.rsplit("::").next().unwrap_or(before).to_owned(), before.to_owned())
            }
            UseTree::Name(name) => (name.ident.to_string(), joined(name.ident.to_string())),
            UseTree::Rename(rename) if rename.ident == "self" => {
                (rename.rename.to_string(), before.to_owned())
            }
            UseTree::Rename(rename) => {
                (rename.rename.to_string(), joined(rename.ident.to_string()))
            }
            UseTree::Glob(_) => ("*".to_owned(), before.to_owned()),
        };
        if let Some(scope) = self.facts.scopes.get_mut(self.scope as usize) {
            scope.imports.push(Import { name, path });
        }
    }

    fn declare(&mut self, name: &syn::Ident, generics: &Generics, shape: Shape) {
        let span = self.span(name.span());
        let generics = generics.type_params().map(|param| param.ident.to_string()).collect();
        let (name, scope) = (name.to_string(), self.scope);
        self.facts.types.push(TypeDecl { name, scope, generics, shape, span });
    }

    fn fields(&self, fields: &syn::Fields) -> Vec<Field> {
        let field = |(at, field): (usize, &syn::Field)| {
            let (name, span) = match &field.ident {
                Some(name) => (name.to_string(), self.span(name.span())),
                None => (
                    at.to_string(),
                    type_span(&field.ty).map(|span| self.span(span)).unwrap_or_default(),
                ),
            };
            Field { name, ty: ty_of(&field.ty), span }
        };
        fields.iter().enumerate().map(field).collect()
    }

    /// The fields of a variant; one without a name is called as the variant is.
    fn variant(&self, variant: &syn::Variant) -> Vec<Field> {
        let mut fields = self.fields(&variant.fields);
        if let (syn::Fields::Unnamed(_), [only]) = (&variant.fields, &mut *fields) {
            only.name = variant.ident.to_string();
        }
        fields
    }

    pub(super) fn state(&mut self, name: &syn::Ident, ty: Ty, kind: StaticKind) {
        self.facts.statics.push(Static {
            name: name.to_string(),
            scope: self.scope,
            inside: self.function.clone(),
            kind,
            ty,
            span: self.span(name.span()),
        });
    }

    fn implementation(&mut self, item: &syn::ItemImpl) {
        let attributes = item.attrs.iter().map(|attribute| path_text(attribute.path())).collect();
        let of_trait = item.trait_.as_ref().map(|(_, path, _)| types::of_path(path));
        let member_of = ImplOf { ty: ty_of(&item.self_ty).name, of_trait, attributes };
        for inner in &item.items {
            if let ImplItem::Fn(inner) = inner
                && !attributes::is_test(&inner.attrs)
            {
                self.function(&inner.attrs, &inner.sig, &inner.block, Some(member_of.clone()));
            }
        }
    }

    pub(super) fn function(
        &mut self,
        attributes: &[syn::Attribute],
        signature: &Signature,
        block: &syn::Block,
        member_of: Option<ImplOf>,
    ) {
        let brace = self.span(block.brace_token.span.open()).start;
        let noted = self.skeleton.body(brace);
        let attribute = |attribute: &syn::Attribute| {
            let (path, args) = attributes::of_interest(attribute)?;
            let span = attribute.path().segments.first()?.ident.span();
            Some(Attribute { path, args, span: self.span(span) })
        };
        let set: Vec<_> = attributes.iter().flat_map(attributes::set_by_cfg).collect();
        let mut facts = FnFacts {
            name: signature.ident.to_string(),
            scope: self.scope,
            member_of,
            span: self.span(signature.ident.span()),
            is_async: signature.asyncness.is_some(),
            has_self: signature.receiver().is_some(),
            params: self.params(signature),
            output: match &signature.output {
                ReturnType::Type(_, ty) => Some(ty_of(ty)),
                ReturnType::Default => None,
            },
            attributes: attributes.iter().chain(&set).filter_map(attribute).collect(),
            calls: noted.map(|body| body.calls.clone()).unwrap_or_default(),
            locals: noted.map(|body| body.locals.clone()).unwrap_or_default(),
            fields: noted.map(|body| body.fields.clone()).unwrap_or_default(),
            uses: noted.map(|body| body.uses.clone()).unwrap_or_default(),
            ..FnFacts::default()
        };
        facts.callables = callables(signature, &facts.params);
        // A parameter of type `S: Store` is some store.
        let (names, bounds): (Vec<_>, Vec<_>) = bounds(&signature.generics).into_iter().unzip();
        if !names.is_empty() {
            for param in &mut facts.params {
                param.ty = param.ty.with(&names, &bounds);
            }
        }
        let around = self.function.replace(facts.name.clone());
        let mut walker = Walker::new(self, facts);
        for attribute in attributes.iter().chain(&set) {
            walker.instrumented(attribute);
        }
        let facts = walker.walk(block);
        self.function = around;
        self.facts.fns.push(facts);
    }

    fn params(&self, signature: &Signature) -> Vec<Param> {
        let param = |input: &FnArg| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => {
                let mut names = Vec::new();
                let mut span = signature.ident.span();
                super::bind::names_of(&typed.pat, &mut |name| {
                    if names.is_empty() {
                        span = name.span();
                    }
                    names.push(name.to_string());
                });
                Some(Param { names, ty: ty_of(&typed.ty), span: self.span(span) })
            }
        };
        signature.inputs.iter().filter_map(param).collect()
    }
}

/// The text that a constant is, or is made of alone: `HeaderName::from_static("x-tenant")`.
fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Call(call) if call.args.len() == 1 => text_of(&call.args[0]),
        _ => None,
    }
}

/// The parameters that are futures or closures.
fn callables(signature: &Signature, params: &[Param]) -> Vec<String> {
    let generics = callable_generics(&signature.generics);
    let is_callable = |ty: &Ty| {
        generics.contains(&ty.name) || ty.any(|ty| types::is_callable_name(&ty.name)) && is_bare(ty)
    };
    let callable = params.iter().filter(|param| is_callable(&param.ty));
    callable.flat_map(|param| param.names.iter().cloned()).collect()
}

/// Whether the type is the future or closure itself, boxed at most.
fn is_bare(ty: &Ty) -> bool {
    matches!(&*ty.name, "dyn" | "BoxFuture" | "LocalBoxFuture" | "fn")
        || matches!(&*ty.name, "Pin" | "Box") && ty.args.first().is_some_and(is_bare)
}

fn callable_generics(generics: &Generics) -> Vec<String> {
    let mut names = Vec::new();
    for param in &generics.params {
        if let GenericParam::Type(param) = param
            && param.bounds.iter().any(types::is_callable_bound)
        {
            names.push(param.ident.to_string());
        }
    }
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && predicate.bounds.iter().any(types::is_callable_bound)
        {
            names.push(ty_of(&predicate.bounded_ty).name);
        }
    }
    names
}

/// The parameters that are types, and what is asked of them.
fn bounds(generics: &Generics) -> Vec<(String, Ty)> {
    let dyn_of = |bounds: &_| Ty { args: types::of_bounds(bounds), ..Ty::named("dyn") };
    let params = generics.type_params().filter(|param| !param.bounds.is_empty());
    let mut found: Vec<_> =
        params.map(|param| (param.ident.to_string(), dyn_of(&param.bounds))).collect();
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate {
            found.push((ty_of(&predicate.bounded_ty).name, dyn_of(&predicate.bounds)));
        }
    }
    found
}

/// The first name of a type.
fn type_span(ty: &syn::Type) -> Option<proc_macro2::Span> {
    match ty {
        syn::Type::Path(path) => Some(path.path.segments.last()?.ident.span()),
        syn::Type::Reference(reference) => type_span(&reference.elem),
        _ => None,
    }
}
