//! What types and fields tell by their names.

use crate::lint::facts::Field;
use crate::lint::facts::Ty;
use crate::lint::resolve::words;

pub(super) fn is_maker(name: &str) -> bool {
    matches!(name, "new" | "default" | "from" | "try_from" | "from_str" | "deserialize" | "parse")
}

/// What a type holds that only hands it on.
pub(super) fn peeled(ty: &Ty) -> &Ty {
    let mut ty = ty;
    while matches!(
        &*ty.name,
        "Option"
            | "Result"
            | "Arc"
            | "Rc"
            | "Box"
            | "Vec"
            | "[]"
            | "Cow"
            | "Json"
            | "Form"
            | "Query"
            | "Path"
            | "Extension"
            | "State"
            | "Data"
            | "Valid"
            | "TypedHeader"
            | "Setting"
    ) && let Some(inner) = ty.args.first()
    {
        ty = inner;
    }
    ty
}

/// The items of `impl Iterator<Item = T>`; other types as they are.
pub(super) fn items_of(ty: &Ty) -> &Ty {
    let is_many = |of: &&Ty| matches!(&*of.name, "IntoIterator" | "Iterator" | "Stream");
    let many = ty.args.iter().find(is_many).filter(|_| ty.name == "dyn");
    many.and_then(|many| many.args.first()).unwrap_or(ty)
}

/// Whether a type of a widely used crate holds credentials or what somebody says.
pub(super) fn is_told(ty: &Ty) -> bool {
    let name = &*ty.name;
    matches!(
        name,
        "HeaderMap" | "Authorization" | "BearerAuth" | "BasicAuth" | "CookieJar" | "PrivateCookieJar"
            | "Bytes" | "BytesMut" | "RawValue" | "RawJson" | "AnyConnectOptions" | "PgConnectOptions" | "MySqlConnectOptions" | "CallToolRequestParam" | "CallToolRequestParams"
    ) || is_value(name)
        // `http::Request<B>` with its headers.
        || name == "Request" && ty.args.len() == 1
        || name == "Parts" && matches!(&*ty.qualifier, "request" | "http")
}

/// Whether a type is that of any value that somebody may send: `serde_json::Value`.
pub(super) fn is_value(name: &str) -> bool {
    name == "Value" || name.ends_with("JsonValue") || name.ends_with("JsonObject")
}

/// Whether a type is a text or bytes.
pub(super) fn is_text(ty: &Ty) -> bool {
    let ty = peeled(ty);
    matches!(&*ty.name, "str" | "String" | "Bytes" | "BytesMut" | "u8" | "RawValue" | "Cow")
        || is_value(&ty.name)
}

/// Whether a type is of any value, or of a map or list of them.
pub(super) fn is_any_value(ty: &Ty) -> bool {
    let ty = peeled(ty);
    is_value(&ty.name) || ty.args.last().is_some_and(is_any_value)
}

/// Whether a struct is what is kept of a user, and no more than who it is.
pub(super) fn is_record_of_user(name: &str, fields: &[Field]) -> bool {
    const USERS: &[&str] = &["user", "account", "customer", "patient", "person", "profile"];
    const LEAST: usize = 5;
    words(name).last().is_some_and(|last| USERS.contains(&&**last)) && fields.len() >= LEAST
}

/// Whether a field is what somebody says, or sends.
pub(super) fn is_content_field(name: &str) -> bool {
    words(name).last().is_some_and(|last| {
        matches!(
            &**last,
            "body"
                | "text"
                | "content"
                | "contents"
                | "message"
                | "messages"
                | "prompt"
                | "arguments"
                | "payload"
        )
    })
}

/// Whether a field of any value is what somebody sends or keeps.
pub(super) fn is_data_field(name: &str) -> bool {
    is_content_field(name)
        || words(name).last().is_some_and(|last| {
            matches!(
                &**last,
                "value"
                    | "values"
                    | "data"
                    | "input"
                    | "output"
                    | "params"
                    | "result"
                    | "record"
                    | "document"
                    | "documents"
                    | "rows"
                    | "records"
                    | "0"
            )
        })
}

/// Whether a field is what is looked for, or tells of a thing, and no content.
pub(super) fn is_asked(name: &str) -> bool {
    const ABOUT: &[&str] =
        &["metadata", "cursor", "options", "id", "ids", "config", "details", "error"];
    is_query(name) || words(name).iter().any(|word| ABOUT.contains(&&**word))
}

/// Whether a field or a type is what is looked for.
pub(super) fn is_query(name: &str) -> bool {
    const QUERIES: &[&str] = &[
        "filter",
        "filters",
        "query",
        "condition",
        "conditions",
        "stats",
        "sort",
        "schema",
        "facets",
    ];
    words(name).iter().any(|word| QUERIES.contains(&&**word))
}

/// Whether a type is of what the operator has set, whose own address is nobody else's.
pub(super) fn is_setting(name: &str) -> bool {
    const SETTINGS: &[&str] =
        &["config", "configuration", "settings", "setting", "opts", "options", "args", "cli"];
    words(name).iter().any(|word| SETTINGS.contains(&&**word))
}

pub(super) fn is_mail(name: &str) -> bool {
    words(name).iter().any(|word| matches!(&**word, "email" | "emails" | "mail"))
}

/// Whether fields may be what a browser brings back from the provider of a login: the code is a credential.
pub(super) fn is_callback(fields: &[Field]) -> bool {
    let is_one = |ty: &Ty| is_text(ty) && !matches!(&*ty.name, "Vec" | "[]") && can_show(ty);
    let has = |name: &str| fields.iter().any(|field| field.name == name && is_one(&field.ty));
    has("code") && has("state")
}

/// Whether a name is of what a browser brings back from the provider of a login.
pub(super) fn is_of_login(name: &str) -> bool {
    // `OAuth` is two words, by its letters.
    const OF_LOGIN: &[&str] =
        &["callback", "auth", "auth2", "oauth", "oauth2", "login", "sso", "query"];
    words(name).iter().any(|word| OF_LOGIN.contains(&&**word))
}

/// Whether the `Debug` of a type may show its value.
pub(super) fn can_show(ty: &Ty) -> bool {
    let is_hidden = |ty: &Ty| {
        let name = &*ty.name;
        matches!(name, "CancellationToken" | "TokenStream" | "SecUtf8" | "SecStr" | "SecVec")
            || ["Secret", "Redact", "Sensitive", "Masked", "Zeroizing", "Mailer"]
                .iter()
                .any(|part| name.contains(part))
            || name.ends_with("Service")
    };
    !is_plain(ty) && !ty.any(is_hidden)
}

/// Whether values of a type are numbers, flags, times, ids or addresses, however many.
fn is_plain(ty: &Ty) -> bool {
    let ty = peeled(ty);
    let name = &*ty.name;
    matches!(
        name,
        "bool"
            | "char"
            | "usize"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "isize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "f32"
            | "f64"
            | "Duration"
            | "Instant"
            | "SystemTime"
            | "DateTime"
            | "Uuid"
            | "NaiveDateTime"
            | "OffsetDateTime"
            | "StatusCode"
            | "SocketAddr"
            | "IpAddr"
            | "Ipv4Addr"
            | "Ipv6Addr"
            | "PathBuf"
    ) || name.starts_with("Atomic")
        || name == "()" && ty.args.iter().all(is_plain)
}
