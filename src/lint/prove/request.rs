//! The code of a request: what a visitor sends so that a handler takes it.

use super::fields::Field;
use super::fields::FieldKind;
use super::fields::Fields;
use super::inputs::Body;
use super::settings::ProveSettings;
use super::template::Template;
use super::way::Request;
use toml::Value;

/// What is written where nobody knows which fields there are.
const USUAL: &[&str] = &["text", "message", "name", "value"];

/// Which part the request has in a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What it sends is the visitor's own where no sample is given.
    Writes,
    /// What it asks by is the same for all visitors, and has to be given.
    Reads,
}

/// A field as it is sent.
struct Sent {
    name: String,
    value: Template,
    is_text: bool,
}

/// An expression that makes the request, or what is missing for it.
pub(super) fn code(
    request: &Request,
    role: Role,
    settings: &ProveSettings,
) -> Result<String, String> {
    let sender = Sender { request, role, settings };
    let Request { method, handler, inputs, .. } = request;
    if let Some(fault) = inputs.fault {
        return Err(format!("`{handler}` {fault}"));
    }
    let mut path = sender.path()?;
    if let Some(query) = &inputs.query {
        path.push_text("?");
        path.push(pairs(sender.fields(query)?));
    }
    let borrowed = path.code();
    let borrowed = if borrowed.starts_with('"') { borrowed } else { format!("&{borrowed}") };
    let body = match &inputs.body {
        Body::None => String::new(),
        Body::Json(fields) => format!(".json({})", object(sender.fields(fields)?).code()),
        Body::Form(fields) => format!(".form({})", pairs(sender.fields(fields)?).code()),
        Body::Whole if role == Role::Reads => {
            return Err(format!("`{handler}` reads by the whole body, which has no sample"));
        }
        Body::Whole => format!(".body({})", Template::canary("text").code()),
        Body::Unknown if method == "GET" => String::new(),
        Body::Unknown => format!(".json({})", object(sender.fields(&Fields::Unknown)?).code()),
    };
    Ok(format!("TestRequest::{}({borrowed}){body}", method.to_ascii_lowercase()))
}

struct Sender<'a> {
    request: &'a Request,
    role: Role,
    settings: &'a ProveSettings,
}

impl Sender<'_> {
    /// The path with its captures filled in: `{id}`, `:id`, `{*rest}`, `*rest`.
    fn path(&self) -> Result<Template, String> {
        let mut whole = Template::default();
        for segment in self.request.path.split('/').skip(1) {
            whole.push_text("/");
            let braced = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let capture = braced.map(|name| name.trim_start_matches('*'));
            let capture = capture.or_else(|| segment.strip_prefix([':', '*']));
            match capture {
                Some(name) => match self.settings.params.get(name) {
                    Some(value) => whole.push(template(value).percent_encoded()),
                    None => return Err(self.needs("path", name, "")),
                },
                None => whole.push_text(segment),
            }
        }
        Ok(whole)
    }

    fn fields(&self, fields: &Fields) -> Result<Vec<Sent>, String> {
        match fields {
            Fields::Known(fields) => {
                let sent = fields.iter().map(|field| self.field(field));
                Ok(sent.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            }
            Fields::Unknown => {
                let given = self.settings.params.iter();
                let mut sent: Vec<_> =
                    given.map(|(name, value)| sample(name, value, true)).collect();
                if self.role == Role::Writes {
                    let usual =
                        USUAL.iter().filter(|name| !self.settings.params.contains_key(**name));
                    sent.extend(usual.map(|name| own(name)));
                }
                Ok(sent)
            }
        }
    }

    fn field(&self, field: &Field) -> Result<Option<Sent>, String> {
        let Field { name, sent, kind } = field;
        let params = &self.settings.params;
        if let Some(value) = params.get(name).or_else(|| params.get(sent)) {
            return Ok(Some(sample(sent, value, !matches!(kind, FieldKind::Other(_)))));
        }
        match (kind, self.role) {
            (FieldKind::Optional, _) => Ok(None),
            (FieldKind::Text, Role::Writes) => Ok(Some(Sent { name: sent.clone(), ..own(name) })),
            (FieldKind::Text, Role::Reads) => Err(self.needs("request", name, "")),
            (FieldKind::Other(ty), _) => Err(self.needs("request", name, &format!(", a `{ty}`"))),
        }
    }

    fn needs(&self, part: &str, name: &str, what: &str) -> String {
        let Request { method, path, handler, .. } = self.request;
        format!(
            "the {part} of `{method} {path}`, which leads to `{handler}`, needs `{name}`{what}: give a \
             sample of it in `prove.params`"
        )
    }
}

fn sample(name: &str, value: &Value, is_text: bool) -> Sent {
    let is_text = is_text && value.is_str();
    Sent { name: name.to_owned(), value: template(value), is_text }
}

/// A field with the visitor's own value.
fn own(name: &str) -> Sent {
    // These two names stand for something else in a template.
    let canary =
        if matches!(name, "run" | "number") { format!("{name}_") } else { name.to_owned() };
    Sent { name: name.to_owned(), value: Template::canary(&canary), is_text: true }
}

fn template(value: &Value) -> Template {
    match value {
        Value::String(text) => Template::new(text),
        Value::Integer(number) => Template::text(&number.to_string()),
        Value::Float(number) => Template::text(&format!("{number:?}")),
        Value::Boolean(truth) => Template::text(&truth.to_string()),
        // The settings allow no other one.
        _ => Template::default(),
    }
}

fn object(fields: Vec<Sent>) -> Template {
    let mut object = Template::text("{");
    for (at, Sent { name, value, is_text }) in fields.into_iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let quote = if is_text { "\"" } else { "" };
        object.push_text(&format!("{comma}{}:{quote}", serde_json::Value::String(name)));
        object.push(if is_text { value.json_escaped() } else { value });
        object.push_text(quote);
    }
    object.push_text("}");
    object
}

fn pairs(fields: Vec<Sent>) -> Template {
    let mut pairs = Template::default();
    for (at, Sent { name, value, .. }) in fields.into_iter().enumerate() {
        if at > 0 {
            pairs.push_text("&");
        }
        pairs.push(Template::text(&name).percent_encoded());
        pairs.push_text("=");
        pairs.push(value.percent_encoded());
    }
    pairs
}
