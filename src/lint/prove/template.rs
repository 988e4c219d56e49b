//! `Template`: text with places that each visitor and each run fill in.

use std::fmt::Write as _;

/// Text with `{run}`, `{number}` and `{name}` in it: the number of the run, that of the visitor, and the
/// visitor's canary of any other name. Other braces are themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Place(String),
}

impl Template {
    pub(super) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let name = from[1..].split('}').next().unwrap_or_default();
            let is_place = from.len() > name.len() + 1
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_place {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Place(name.to_owned()));
                rest = &from[name.len() + 2..];
            } else {
                plain.push('{');
                rest = &from[1..];
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Self(parts)
    }

    pub(super) fn text(text: &str) -> Self {
        Self(vec![Part::Text(text.to_owned())])
    }

    /// The visitor's own value of this name.
    pub(super) fn canary(name: &str) -> Self {
        Self(vec![Part::Place(name.to_owned())])
    }

    pub(super) fn push(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn push_text(&mut self, text: &str) {
        self.0.push(Part::Text(text.to_owned()));
    }

    /// With its text as it stands in a URL or a form; what fills the places needs none.
    pub(super) fn percent_encoded(self) -> Self {
        self.map(|text| {
            let mut encoded = String::new();
            for byte in text.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        encoded.push(char::from(byte));
                    }
                    byte => {
                        let _ = write!(encoded, "%{byte:02X}");
                    }
                }
            }
            encoded
        })
    }

    /// With its text as it stands in a string of JSON.
    pub(super) fn json_escaped(self) -> Self {
        self.map(|text| {
            let quoted = serde_json::Value::String(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        })
    }

    fn map(self, mut change: impl FnMut(String) -> String) -> Self {
        let parts = self.0.into_iter().map(|part| match part {
            Part::Text(text) => Part::Text(change(text)),
            place => place,
        });
        Self(parts.collect())
    }

    /// An expression of Rust with this value, a `&'static str` or a `String`, where `me` is the visitor
    /// and `run` the number of the run.
    pub(super) fn code(&self) -> String {
        let (mut format, mut args) = (String::new(), String::new());
        let mut has_places = false;
        for part in &self.0 {
            match part {
                Part::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
                Part::Place(name) => {
                    has_places = true;
                    match &**name {
                        "run" => format.push_str("{run}"),
                        "number" => {
                            format.push_str("{}");
                            args.push_str(", me.number()");
                        }
                        name => {
                            format.push_str("{}");
                            let _ = write!(args, ", me.canary({name:?})");
                        }
                    }
                }
            }
        }
        if has_places {
            return format!("format!({format:?}{args})");
        }
        format!("{:?}", format.replace("{{", "{").replace("}}", "}"))
    }
}
