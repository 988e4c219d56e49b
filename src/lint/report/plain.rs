//! Text of somebody else's, for a terminal or a log.

/// Without characters that a terminal obeys, or by which text is shown in another order than it is in.
/// Names in sources and paths may hold any. Ends of lines are kept.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => plain.push(c),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                plain.extend(c.escape_default());
            }
            c if c.is_control() => plain.extend(c.escape_default()),
            c => plain.push(c),
        }
    }
    plain
}

/// The same in one line, so that no part of it looks like another report's or a command of its own.
pub(in crate::lint) fn plain_line(text: &str) -> String {
    plain(text).replace('\n', "\\n")
}
