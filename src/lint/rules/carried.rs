//! What a value carries, by its type.

use super::fan_out::is_answer;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::hands_on;
use crate::lint::resolve::is_map;
use crate::lint::resolve::is_sender;

/// Types inside types that are followed.
const MAX_TYPES: u8 = 7;
/// The names in a type, and in those of its fields, that are looked at.
const MAX_NODES: usize = 200;

/// Whether a value has texts, bytes, or an end of a channel or connection in it, as deep as the workspace
/// knows its fields.
pub(super) fn carries_content(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    carries(workspace, file, ty, MAX_TYPES, &mut { MAX_NODES })
}

fn carries(workspace: &Workspace<'_>, file: usize, ty: &Ty, depth: u8, left: &mut usize) -> bool {
    let (Some(depth), Some(fewer)) = (depth.checked_sub(1), left.checked_sub(1)) else {
        return false;
    };
    *left = fewer;
    let (file, ty) = workspace.expanded(file, ty);
    if is_text(&ty) || ty.is_connection() || is_sender(&ty) {
        return !is_answer(&ty);
    }
    if hands_on(&ty) {
        return false;
    }
    if let Some((at, decl)) = workspace.type_named(file, &ty) {
        let (Shape::Struct(fields) | Shape::Enum(fields)) = &decl.shape else { return false };
        return fields.iter().any(|field| {
            carries(workspace, at, &field.ty.with(&decl.generics, &ty.args), depth, left)
        });
    }
    (is_map(&ty) || holds(&ty.name))
        && ty.args.iter().any(|arg| carries(workspace, file, arg, depth, left))
}

/// Whether a value is a text, bytes, or a document of any shape.
fn is_text(ty: &Ty) -> bool {
    let is_bytes = || ty.args.iter().any(|arg| arg.name == "u8");
    match &*ty.name {
        "String" | "str" | "Bytes" | "BytesMut" | "Value" | "HeaderMap" | "HeaderValue" | "Url"
        | "Uri" | "SmolStr" | "CompactString" | "ByteString" | "RawValue" | "SecretString" => true,
        "Vec" | "[]" | "Box" | "Arc" => is_bytes(),
        _ => false,
    }
}

/// Whether a value of a type of another crate holds those that it is written with.
fn holds(name: &str) -> bool {
    matches!(
        name,
        "()" | "[]"
            | "Option"
            | "Result"
            | "Arc"
            | "Rc"
            | "Box"
            | "Cow"
            | "Mutex"
            | "RwLock"
            | "Cell"
            | "RefCell"
            | "OnceCell"
            | "OnceLock"
            | "ArcSwap"
            | "ArcSwapOption"
            | "Vec"
            | "VecDeque"
            | "BinaryHeap"
            | "Slab"
            | "HashSet"
            | "BTreeSet"
            | "IndexSet"
            | "DashSet"
    )
}
