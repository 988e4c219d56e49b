//! Whether the type of a key or a value says that it is somebody's.

use super::fan_out::is_answer;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::hands_on;
use crate::lint::resolve::is_personal;
use crate::lint::resolve::words;

/// Fields inside fields that are followed.
const MAX_FIELDS: u8 = 3;
/// Types inside types that are followed.
const MAX_TYPES: u8 = 8;

/// Whether a value is somebody, or has a field that says who or what is personal.
pub(super) fn is_somebodys(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    says_whose(workspace, file, ty, (MAX_FIELDS, MAX_TYPES))
}

fn says_whose(
    workspace: &Workspace<'_>,
    file: usize,
    ty: &Ty,
    (fields_left, types_left): (u8, u8),
) -> bool {
    let Some(types_left) = types_left.checked_sub(1) else { return false };
    if is_somebody(workspace, file, ty) {
        return true;
    }
    let (file, ty) = workspace.expanded(file, ty);
    if hands_on(&ty) && !is_answer(&ty) {
        return false;
    }
    if let Some((at, decl)) = workspace.type_named(file, &ty) {
        let (Shape::Struct(fields), Some(fields_left)) = (&decl.shape, fields_left.checked_sub(1))
        else {
            return false;
        };
        return fields.iter().any(|field| {
            let inner = field.ty.with(&decl.generics, &ty.args);
            is_who(&field.name)
                || is_personal(&field.name)
                || says_whose(workspace, at, &inner, (fields_left, types_left))
        });
    }
    ty.args.iter().any(|arg| says_whose(workspace, file, arg, (fields_left, types_left)))
}

/// Whether a type is that of somebody, or of the ID or name of somebody.
pub(super) fn is_somebody(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    is_name_of_somebody(&ty.name) || is_name_of_somebody(&workspace.expanded(file, ty).1.name)
}

fn is_name_of_somebody(ty: &str) -> bool {
    let words = words(ty);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // How it is kept says nothing of what it is.
    let words = match &*words {
        ["owned", rest @ ..] | [rest @ .., "int" | "ref" | "buf"] => rest,
        all => all,
    };
    match words {
        ["claims" | "username" | "userid"] => true,
        [who, "id" | "name" | "claims"] => SOMEBODIES.contains(who),
        _ => false,
    }
}

/// Whether a field says whose the whole is.
fn is_who(field: &str) -> bool {
    let words = words(field);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &*words {
        ["claims" | "username" | "email" | "userid" | "user" | "tenant" | "account"] => true,
        [who, "id" | "email"] => SOMEBODIES.contains(who),
        _ => false,
    }
}

const SOMEBODIES: &[&str] = &[
    "user",
    "account",
    "tenant",
    "customer",
    "owner",
    "principal",
    "member",
    "role",
    "org",
    "organization",
    "organisation",
];
