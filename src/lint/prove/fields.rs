//! The fields of what a handler takes.

use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;

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
        let Some((_, decl)) = workspace.type_named(file, &ty) else { return Self::Unknown };
        let Shape::Struct(fields) = &decl.shape else { return Self::Unknown };
        if fields.iter().any(|field| field.name.starts_with(|c: char| c.is_ascii_digit())) {
            return Self::Unknown;
        }
        let fields = fields.iter().map(|field| {
            let name = field.name.trim_start_matches("r#").to_owned();
            Field { name, kind: FieldKind::of(&field.ty) }
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
