//! Comma-separated values, as far as the labels need them.

use std::collections::HashMap;

/// The rows of a text by the names of its first line. A field in quotes may hold commas and doubled quotes,
/// but no line ends.
pub fn rows_of(text: &str) -> Result<Vec<HashMap<String, String>>, String> {
    let mut lines = text.lines().enumerate();
    let (_, header) = lines.next().ok_or("a file of labels is empty")?;
    let header = fields_of(header).ok_or("the first line of a file of labels is broken")?;
    let mut rows = Vec::new();
    for (index, line) in lines {
        let fields = fields_of(line).filter(|fields| fields.len() == header.len());
        let fields = fields
            .ok_or_else(|| format!("line {}: not {} fields: {line}", index + 1, header.len()))?;
        rows.push(header.iter().cloned().zip(fields).collect());
    }
    Ok(rows)
}

/// The field of a row, which every row has where the header has it.
pub fn take(row: &mut HashMap<String, String>, name: &str) -> Result<String, String> {
    row.remove(name).ok_or_else(|| format!("there is no column `{name}`"))
}

fn fields_of(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let field;
        (field, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        fields.push(field);
        if rest.is_empty() {
            return Some(fields);
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// A field without its quotes, and what follows the closing one.
fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let quote = rest.find('"')?;
        field += &rest[..quote];
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Some((field, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_field_holds_commas_and_quotes() {
        let mut rows = rows_of("a,b,c\n1,\"2, \"\"x\"\"\",\n").unwrap();
        let field = |row: &mut _, name| take(row, name).unwrap();
        let row = &mut rows[0];
        assert_eq!([field(row, "a"), field(row, "b"), field(row, "c")], ["1", "2, \"x\"", ""]);
    }

    #[test]
    fn a_row_of_another_length_or_with_an_open_quote_is_named() {
        for broken in ["a,b\n1\n", "a,b\n1,\"2\n", "a,b\n1,\"2\"3\n"] {
            assert!(rows_of(broken).unwrap_err().starts_with("line 2:"), "{broken}");
        }
    }
}
