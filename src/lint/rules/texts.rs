//! Which types hold what somebody says, and not only names and kinds of things.

use super::shown::Types;
use super::telling::can_show;
use super::telling::is_any_value;
use super::telling::is_asked;
use super::telling::is_content_field;
use super::telling::is_data_field;
use super::telling::is_query;
use super::telling::is_text;
use super::telling::peeled;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::facts::TypeDecl;
use crate::lint::resolve::is_about;
use crate::lint::resolve::is_said;
use crate::lint::resolve::words;

/// Types inside types that are looked into.
const MAX_DEPTH: u8 = 4;
/// Texts in a record that is more than the name of a thing.
const MANY_TEXTS: usize = 4;

/// Whether a type is a body or a connection that pieces are read from.
pub(super) fn is_stream(ty: &Ty) -> bool {
    ty.is_connection()
        || ty.name == "Message" && matches!(&*ty.qualifier, "ws" | "tungstenite" | "websocket")
        || matches!(
            &*ty.name,
            "Multipart"
                | "WebSocket"
                | "Body"
                | "Incoming"
                | "Payload"
                | "ByteStream"
                | "MessageStream"
        )
        || ty.name == "dyn" && ty.args.iter().any(|of| of.name == "Stream")
}

/// Whether a type shows texts that are no more than names and kinds of things.
pub(super) fn holds_texts(types: &Types<'_, '_>, file: usize, ty: &Ty) -> bool {
    holds_in(types, file, ty, MAX_DEPTH)
}

fn holds_in(types: &Types<'_, '_>, file: usize, ty: &Ty, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let Some((at, decl)) = types.declared(file, ty) else {
        return ty.args.iter().any(|arg| holds_in(types, file, arg, depth));
    };
    let key = (at, decl.span.start, depth);
    if let Some(known) = types.texts.borrow().get(&key) {
        return *known;
    }
    let holds = holds_in_declared(types, at, decl, depth);
    types.texts.borrow_mut().insert(key, holds);
    holds
}

fn holds_in_declared(types: &Types<'_, '_>, at: usize, decl: &TypeDecl, depth: u8) -> bool {
    let (Shape::Struct(fields) | Shape::Enum(fields)) = &decl.shape else { return false };
    // What is looked for is none.
    if types.own_debug.contains(&*decl.name) || is_query(&decl.name) {
        return false;
    }
    // A record of many texts is more than the name of a thing.
    let texts = fields.iter().filter(|field| is_text(&field.ty) && !is_thing(&field.name));
    if matches!(decl.shape, Shape::Struct(_)) && texts.count() >= MANY_TEXTS {
        return true;
    }
    fields.iter().any(|field| {
        if !can_show(&field.ty) || is_query(&field.name) || is_asked(&field.name) {
            return false;
        }
        let is_named = is_content_field(&field.name) || is_said(&field.name);
        if is_text(&field.ty) || is_any_value(&field.ty) {
            return is_named || is_any_value(&field.ty) && is_data_field(&field.name);
        }
        match &*peeled(&field.ty).name {
            "HashMap" | "BTreeMap" => is_map_of_texts(&field.ty) && !is_thing(&field.name),
            _ => holds_in(types, at, &field.ty, depth),
        }
    })
}

/// Whether a type is a map of texts, or of any values.
fn is_map_of_texts(ty: &Ty) -> bool {
    let [key, value] = &*peeled(ty).args else { return false };
    is_text(key) && (is_text(value) || is_any_value(value))
}

/// Whether a name is that of a thing, of a name, or of what tells things apart.
pub(super) fn is_thing(name: &str) -> bool {
    is_about(name)
        || words(name).last().is_some_and(|last| {
            matches!(
                &**last,
                "names"
                    | "ids"
                    | "title"
                    | "slug"
                    | "org"
                    | "region"
                    | "lang"
                    | "language"
                    | "locale"
                    | "timezone"
                    | "group"
                    | "namespace"
                    | "domain"
                    | "version"
                    | "tag"
                    | "tags"
                    | "model"
                    | "sort"
                    | "order"
                    | "cursor"
                    | "by"
                    | "icon"
                    | "color"
                    | "redirect"
                    | "username"
                    | "user"
                    | "login"
                    | "date"
                    | "time"
                    | "hash"
                    | "digest"
                    | "algorithm"
                    | "lot"
                    | "source"
                    | "role"
                    | "roles"
                    | "scope"
                    | "scopes"
                    | "permission"
                    | "permissions"
                    | "provider"
                    | "stream"
                    | "table"
                    | "database"
                    | "schema"
                    | "catalog"
                    | "column"
                    | "columns"
            )
        })
}
