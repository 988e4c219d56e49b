//! Where a statement or an item's head ends, found without a syntax tree.

/// How what begins at a place ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// At its semicolon: `let`, `static`, `use`.
    Declaration,
    /// Where its block begins: `fn`, `if`, `struct`. What is in there is covered by comments in there.
    Head,
    /// At a semicolon, a comma, or the bracket that closes what is around it.
    Expression,
}

/// Past the end of the statement, match arm, argument or head of an item that the code after `start`
/// begins with. Attributes and comments before it are passed over.
pub(super) fn end_of_statement(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(next) = past_blank(text, at).or_else(|| past_attribute(text, at)) {
        at = next;
    }
    let kind = kind_of(text, at);
    let mut depth = 0_u32;
    while at < bytes.len() {
        if let Some(next) = past_blank(text, at).or_else(|| past_literal(text, at)) {
            at = next;
            continue;
        }
        match bytes[at] {
            b'{' if depth == 0 && kind == Kind::Head => return at + 1,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' => depth -= 1,
            b'}' => {
                depth -= 1;
                if depth == 0 && kind == Kind::Expression && !goes_on(text, at + 1) {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            b',' if depth == 0 && kind == Kind::Expression => return at + 1,
            b':' if depth == 0 && text[at..].starts_with("::<") => at = past_generics(text, at),
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn kind_of(text: &str, start: usize) -> Kind {
    let (mut rest, mut before) = (&text[start..], "");
    loop {
        rest = rest.trim_start();
        let len = rest.find(|char: char| !is_word(char)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(len);
        match word {
            "pub" | "default" | "async" | "unsafe" | "extern" | "const" => {}
            "let" | "static" | "type" | "use" => return Kind::Declaration,
            "fn" | "impl" | "mod" | "trait" | "struct" | "enum" | "union" | "if" | "for"
            | "while" | "loop" | "match" => return Kind::Head,
            "" if before == "pub" && after.starts_with('(') => {
                rest = after.split_once(')').map_or("", |(_, after)| after);
                continue;
            }
            "" if before == "extern" && after.starts_with('"') => {
                rest = after[1..].split_once('"').map_or("", |(_, after)| after);
                continue;
            }
            "" if after.starts_with('{') && matches!(before, "" | "unsafe") => return Kind::Head,
            _ if before == "const" => return Kind::Declaration,
            _ => return Kind::Expression,
        }
        (before, rest) = (word, after);
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Whether an expression goes on behind its block: `{ .. }.await`, `{ .. } else { .. }`.
fn goes_on(text: &str, at: usize) -> bool {
    let rest = text[at..].trim_start();
    rest.starts_with(['.', '?', ';', ',', '+', '-', '|', '=']) || rest.starts_with("else")
}

/// Past the blanks or the comment at `at`.
fn past_blank(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let blank = rest.len() - rest.trim_start().len();
    if blank > 0 {
        Some(at + blank)
    } else if rest.starts_with("//") {
        Some(at + rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        Some(at + rest.find("*/").map_or(rest.len(), |end| end + 2))
    } else {
        None
    }
}

/// Past the attribute at `at`.
fn past_attribute(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let open = if rest.starts_with("#![") { 2 } else { 1 };
    if !rest.starts_with('#') || rest.as_bytes().get(open) != Some(&b'[') {
        return None;
    }
    let (mut at, mut depth) = (at + open, 0_u32);
    while at < text.len() {
        if let Some(next) = past_blank(text, at).or_else(|| past_literal(text, at)) {
            at = next;
            continue;
        }
        match text.as_bytes()[at] {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    Some(at)
}

/// Past the word, string or character at `at`; of a lifetime, past its quote.
fn past_literal(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let first = rest.chars().next()?;
    if is_word(first) {
        let word = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        let is_raw = matches!(&rest[..word], "r" | "br" | "cr");
        let hashes = rest[word..].bytes().take_while(|byte| *byte == b'#').count();
        if is_raw && rest[word + hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = word + hashes + 1;
            return Some(
                at + rest[body..].find(&close).map_or(rest.len(), |end| body + end + close.len()),
            );
        }
        return Some(at + word);
    }
    let closing = |quote: u8| {
        let mut end = 1;
        while end < rest.len() && rest.as_bytes()[end] != quote {
            end += if rest.as_bytes()[end] == b'\\' { 2 } else { 1 };
        }
        (at + end + 1).min(text.len())
    };
    match first {
        '"' => Some(closing(b'"')),
        '\'' if rest[1..].starts_with('\\') => Some(closing(b'\'')),
        '\'' => {
            let inner = rest[1..].chars().next().map_or(0, char::len_utf8);
            let is_char = rest[1 + inner..].starts_with('\'');
            Some(at + if is_char { inner + 2 } else { 1 })
        }
        // A byte inside a character is no place to stand.
        _ if !first.is_ascii() => Some(at + first.len_utf8()),
        _ => None,
    }
}

/// At the `>` that closes the `::<` at `at`, where that is near.
fn past_generics(text: &str, at: usize) -> usize {
    let mut depth = 0_u32;
    for (offset, byte) in text.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if depth == 1 => return at + offset,
            b'>' => depth = depth.saturating_sub(1),
            b';' | b'{' => break,
            _ => {}
        }
    }
    at + 2
}
