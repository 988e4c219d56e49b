//! The fields of what a handler takes.

use super::parse::parsed;
use crate::lint::extract::wire_names;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;
use crate::lint::source::text_of;

/// The fields of what a handler takes.
#[derive(Clone, Debug)]
pub(super) enum Fields {
    Known(Vec<Field>),
    /// Those of a type that is not in the workspace, or has no named ones.
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// What serde calls it.
    pub(super) sent: String,
    pub(super) kind: FieldKind,
}

#[derive(Clone, Debug)]
pub(super) enum FieldKind {
    Text,
    /// It may be left out.
    Optional,
    /// Neither: the type, for people.
    Other(String),
}

impl Fields {
    pub(super) fn of(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> Self {
        let (file, ty) = workspace.expanded(file, ty);
        let Some((file, decl)) = workspace.type_named(file, &ty) else { return Self::Unknown };
        let Shape::Struct(fields) = &decl.shape else { return Self::Unknown };
        if fields.iter().any(|field| field.name.starts_with(|c: char| c.is_ascii_digit())) {
            return Self::Unknown;
        }
        let text = text_of(&workspace.files[file].path);
        let wire = parsed(|| wire_names(&text, &decl.name));
        let fields = fields.iter().filter_map(|field| {
            let name = field.name.trim_start_matches("r#").to_owned();
            let wire = wire.get(&name);
            if wire.is_some_and(|wire| wire.is_skipped) {
                return None;
            }
            let kind = match FieldKind::of(&field.ty) {
                FieldKind::Other(_) if wire.is_some_and(|wire| wire.may_lack) => {
                    FieldKind::Optional
                }
                kind => kind,
            };
            let sent = wire.map_or_else(|| name.clone(), |wire| wire.name.clone());
            Some(Field { name, sent, kind })
        });
        Self::Known(fields.collect())
    }
}

impl FieldKind {
    fn of(ty: &Ty) -> Self {
        match &*ty.name {
            "String" | "str" | "SmolStr" | "CompactString" => Self::Text,
            "Cow" | "Box" | "Arc" => ty.args.last().map_or(Self::Other(ty.to_string()), Self::of),
            "Option" => Self::Optional,
            _ => Self::Other(ty.to_string()),
        }
    }
}
