//! What serde calls the fields of a struct, by its attributes.

use super::attributes::is_test;
use crate::lint::source::reduce;
use std::collections::HashMap;
use syn::Attribute;
use syn::ItemStruct;
use syn::LitStr;
use syn::Token;
use syn::meta::ParseNestedMeta;
use syn::visit;
use syn::visit::Visit;

/// A field as it is sent.
#[derive(Debug)]
pub(in crate::lint) struct Wire {
    pub(in crate::lint) name: String,
    pub(in crate::lint) may_lack: bool,
    pub(in crate::lint) is_skipped: bool,
}

/// The fields of the struct `name` in `text`, by the names that they have there. It needs as much of a
/// stack as the facts of a file do.
pub(in crate::lint) fn wire_names(text: &str, name: &str) -> HashMap<String, Wire> {
    let mut find = Find { name, found: HashMap::new() };
    if reduce(text).too_deep.is_none()
        && let Ok(file) = syn::parse_file(text)
    {
        find.visit_file(&file);
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    find.found
}

struct Find<'a> {
    name: &'a str,
    found: HashMap<String, Wire>,
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        if item.ident != self.name || !self.found.is_empty() {
            return;
        }
        let all = Said::of(&item.attrs);
        for field in &item.fields {
            let Some(ident) = &field.ident else { continue };
            let (own, ident) = (Said::of(&field.attrs), ident.to_string());
            let plain = ident.trim_start_matches("r#");
            let name = own.rename.unwrap_or_else(|| cased(plain, all.rename_all.as_deref()));
            let may_lack = own.is_default || all.is_default;
            self.found
                .insert(plain.to_owned(), Wire { name, may_lack, is_skipped: own.is_skipped });
        }
    }
}

/// What `#[serde(..)]` says where something is read.
#[derive(Default)]
struct Said {
    rename: Option<String>,
    rename_all: Option<String>,
    is_default: bool,
    is_skipped: bool,
}

impl Said {
    fn of(attributes: &[Attribute]) -> Self {
        let mut said = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            // What is no attribute of serde's says nothing.
            let _ = attribute.parse_nested_meta(|meta| said.add(&meta));
        }
        said
    }

    fn add(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match &*name {
            "rename" => self.rename = read_as(meta)?.or(self.rename.take()),
            "rename_all" => self.rename_all = read_as(meta)?.or(self.rename_all.take()),
            "default" => self.is_default = true,
            "skip" | "skip_deserializing" => self.is_skipped = true,
            _ => {}
        }
        if !meta.input.peek(Token![,]) && !meta.input.is_empty() {
            meta.input.step(|cursor| {
                let mut rest = *cursor;
                while let Some((token, next)) = rest.token_tree() {
                    if matches!(&token, proc_macro2::TokenTree::Punct(end) if end.as_char() == ',')
                    {
                        break;
                    }
                    rest = next;
                }
                Ok(((), rest))
            })?;
        }
        Ok(())
    }
}

/// The text of `= ".."`, or that of `(deserialize = "..")`.
fn read_as(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if meta.input.peek(Token![=]) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut text = None;
    meta.parse_nested_meta(|inner| {
        let value = inner.value()?.parse::<LitStr>()?.value();
        if inner.path.is_ident("deserialize") {
            text = Some(value);
        }
        Ok(())
    })?;
    Ok(text)
}

/// A name of a field, in the case that is asked for.
fn cased(name: &str, case: Option<&str>) -> String {
    let capital = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
    };
    let pascal = || name.split('_').map(capital).collect::<Vec<String>>().concat();
    match case {
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("PascalCase") => pascal(),
        Some("camelCase") => {
            let pascal = pascal();
            let mut chars = pascal.chars();
            let first = chars.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(chars).collect()
        }
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}
