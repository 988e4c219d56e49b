//! What the types of values show of themselves in a log.

use crate::lint::facts::Field;
use crate::lint::facts::Log;
use crate::lint::facts::Made;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_personal;
use crate::lint::resolve::is_secret;
use crate::lint::resolve::words;

/// Types inside types that are looked into.
const MAX_DEPTH: u8 = 5;

/// Whether a value, written with all its parts, shows one that must not be there.
pub(super) fn shows_secret(workspace: &Workspace<'_>, id: usize, log: &Log) -> bool {
    let function = &workspace.functions[id];
    let file = function.file;
    let mut params = function.facts.params.iter();
    let is_field = matches!(log.made, Some(Made::Field(_)));
    if let Some(param) = params.find(|param| !is_field && param.names.contains(&log.own)) {
        return param.ty.any(|ty| ty.name == "HeaderMap") || has_secret(workspace, file, &param.ty);
    }
    if log.own == "self" {
        return function
            .member_of()
            .is_some_and(|own| has_secret(workspace, file, &Ty::named(own)));
    }
    match &log.made {
        Some(Made::As(ty)) => has_secret(workspace, file, &of_self(function, ty)),
        Some(Made::Field(name)) => match workspace.only_field(name) {
            Some((file, ty)) => has_secret(workspace, file, ty),
            None => false,
        },
        Some(Made::By { of, name }) => {
            let givers = workspace.path_targets(id, of, name);
            let mut outputs = givers.iter().filter_map(|giver| {
                let giver = &workspace.functions[*giver];
                Some((giver.file, of_self(giver, giver.facts.output.as_ref()?)))
            });
            // What a type makes is one, where a derive or another crate wrote the function.
            let is_one = givers.is_empty() && is_maker(name);
            is_one && has_secret(workspace, file, &Ty::named(of))
                || outputs.any(|(file, ty)| has_secret(workspace, file, &ty))
        }
        None => false,
    }
}

/// A type, `Self` replaced by what it stands for.
fn of_self(function: &Function<'_>, ty: &Ty) -> Ty {
    match function.member_of() {
        Some(own) => ty.with(&["Self".to_owned()], &[Ty::named(own)]),
        None => ty.clone(),
    }
}

fn is_maker(name: &str) -> bool {
    matches!(name, "new" | "default" | "from" | "try_from" | "from_str" | "deserialize" | "parse")
}

/// Headers hold credentials.
pub(super) fn has_headers(ty: &Ty) -> bool {
    ty.any(|ty| {
        matches!(
            &*ty.name,
            "HttpRequest" | "HeaderMap" | "Authorization" | "BearerAuth" | "BasicAuth"
        ) || ty.name == "Request" && !ty.args.is_empty()
    })
}

/// Whether the `Debug` of a type of the workspace shows a credential or personal data.
pub(super) fn has_secret(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    has_inside(workspace, file, ty, MAX_DEPTH)
}

fn has_inside(workspace: &Workspace<'_>, file: usize, ty: &Ty, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    if !can_show(ty) || matches!(&*ty.name, "State" | "Data" | "Extension") {
        return false;
    }
    let (file, ty) = workspace.expanded(file, ty);
    if let Some((at, decl)) = workspace.type_named(file, &ty) {
        match &decl.shape {
            Shape::Struct(_) if has_own_debug(workspace, &ty.name) => return false,
            Shape::Struct(fields) => {
                let of_operator = is_setting(&decl.name);
                return is_callback(fields)
                    || fields.iter().any(|field| {
                        is_shown(workspace, at, field) && !(of_operator && is_mail(&field.name))
                            || has_inside(workspace, at, &field.ty, depth)
                    });
            }
            Shape::Enum(_) => return false,
            // `type Result<T> = other::Result<T, Error>` stands for a type of another crate.
            Shape::Alias(_) => {}
        }
    }
    ty.args.iter().any(|arg| has_inside(workspace, file, arg, depth))
}

/// Whether a field is a credential or personal data, and its type shows it.
fn is_shown(workspace: &Workspace<'_>, file: usize, field: &Field) -> bool {
    let is_map = field.ty.any(|ty| matches!(&*ty.name, "HashMap" | "BTreeMap"));
    let is_environment = is_map
        && words(&field.name).iter().any(|word| matches!(&**word, "env" | "envs" | "environment"));
    let is_one = is_secret(&field.name) || is_personal(&field.name) || is_environment;
    is_one
        && can_show(&field.ty)
        && !workspace.type_named(file, &field.ty).is_some_and(|(_, decl)| {
            matches!(decl.shape, Shape::Struct(_)) && has_own_debug(workspace, &decl.name)
        })
}

/// Whether a type is of what the operator has set, whose own address is nobody else's.
fn is_setting(name: &str) -> bool {
    const SETTINGS: &[&str] =
        &["config", "configuration", "settings", "setting", "opts", "options", "args", "cli"];
    words(name).iter().any(|word| SETTINGS.contains(&&**word))
}

fn is_mail(name: &str) -> bool {
    words(name).iter().any(|word| matches!(&**word, "email" | "emails" | "mail"))
}

/// Whether fields are what a browser brings back from the provider of a login: the code is a credential.
fn is_callback(fields: &[Field]) -> bool {
    let has = |name: &str| fields.iter().any(|field| field.name == name && can_show(&field.ty));
    has("code") && has("state")
}

/// Whether somebody wrote the `Debug` of a type by hand.
fn has_own_debug(workspace: &Workspace<'_>, name: &str) -> bool {
    workspace.by_name.get("fmt").into_iter().flatten().any(|id| {
        let of = workspace.functions[*id].facts.member_of.as_ref();
        of.is_some_and(|of| {
            of.ty == name && of.of_trait.as_ref().is_some_and(|of| of.name == "Debug")
        })
    })
}

/// Whether the `Debug` of a type may show its value.
pub(super) fn can_show(ty: &Ty) -> bool {
    !ty.any(|ty| {
        let name = &*ty.name;
        matches!(
            name,
            "CancellationToken"
                | "bool"
                | "usize"
                | "u32"
                | "u64"
                | "i32"
                | "i64"
                | "Duration"
                | "TokenStream"
                | "SecUtf8"
                | "SecStr"
                | "SecVec"
        ) || name.contains("Secret")
            || name.contains("Redacted")
            || name.contains("Sensitive")
            || name.contains("Masked")
            || name.contains("Zeroizing")
            || name.contains("Mailer")
            || name.ends_with("Service")
    })
}
