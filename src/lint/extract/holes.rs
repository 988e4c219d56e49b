//! The holes of format strings, and what the text calls them.

use crate::lint::source::is_secret_word;

/// One hole.
#[derive(Clone, Debug, Default)]
pub(super) struct Hole {
    /// The variable that stands in it; empty where an argument fills it.
    pub(super) name: String,
    pub(super) is_debug: bool,
    /// Whether what fills it is a field of a span.
    pub(super) is_field: bool,
    /// What the words before it call it: `token` in `"the token {}"`.
    pub(super) label: Option<String>,
}

impl Hole {
    pub(super) fn is_named(&self) -> bool {
        !self.name.is_empty()
    }
}

/// The holes of a literal; none where it is no string.
pub(super) fn holes_of(literal: &str) -> Vec<Hole> {
    let start = literal.trim_start_matches('r').trim_start_matches('#');
    let Some(text) = start.strip_prefix('"') else { return Vec::new() };
    let text = text.replace("{{", "  ").replace("}}", "  ");
    let mut found = Vec::new();
    let mut before = "";
    for part in text.split('{') {
        let Some((hole, after)) = part.split_once('}') else {
            before = part;
            continue;
        };
        let (name, form) = hole.split_once(':').unwrap_or((hole, ""));
        let name = name.trim();
        let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        found.push(Hole {
            name: if is_name { name.to_owned() } else { String::new() },
            is_debug: form.ends_with('?'),
            is_field: false,
            label: label_of(before),
        });
        before = after;
    }
    found
}

/// The last words before a hole, where only signs stand between.
fn label_of(text: &str) -> Option<String> {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut words = text.rsplit(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    let last = words.next()?;
    // `TokenStream` is a type, and no token.
    if last.chars().skip(1).any(char::is_uppercase) && last.chars().any(char::is_lowercase) {
        return None;
    }
    let joined = words.next().map_or_else(|| last.to_owned(), |before| format!("{before}_{last}"));
    // `access key` is two words, and `token after` says nothing of what follows.
    let is_end = matches!(last, "key" | "code" | "address" | "number" | "name");
    (is_end || is_secret_word(last.as_bytes())).then_some(joined)
}
