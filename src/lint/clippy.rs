//! What clippy checks by type, once its configuration says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use toml::Table;
use toml::Value;

/// The part of a `clippy.toml` that makes clippy report plain spawns, raw task-locals, and guards of
/// spans over an await, by type and through every rename.
///
/// # Examples
///
/// ```
/// use request_context::lint::ClippyBlock;
///
/// let mine = "disallowed-macros = []\n";
/// assert!(!ClippyBlock::missing_in(mine)?.is_empty());
/// let merged = ClippyBlock::merged_into(mine)?;
/// assert!(ClippyBlock::missing_in(&merged)?.is_empty());
/// # Ok::<(), request_context::lint::ClippyBlockError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClippyBlock(());

/// A `clippy.toml` that cannot be read as TOML, or that the block cannot be written into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClippyBlockError(Fault);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    NotToml(toml::de::Error),
    NoPlace,
}

impl ClippyBlockError {
    /// Whether the file is TOML, and the block would have to be written into it by hand.
    #[must_use]
    pub fn has_no_place(&self) -> bool {
        matches!(self.0, Fault::NoPlace)
    }
}

impl std::fmt::Display for ClippyBlockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Fault::NotToml(_) => {
                "the clippy.toml is not TOML: mend it before the block is written into it"
            }
            Fault::NoPlace => {
                "found no safe place in the clippy.toml: write the entries that `--check` names \
                 into it by hand"
            }
        })
    }
}

impl std::error::Error for ClippyBlockError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Fault::NotToml(error) => Some(error),
            Fault::NoPlace => None,
        }
    }
}

fn parsed(text: &str) -> Result<Table, ClippyBlockError> {
    text.parse().map_err(|error| ClippyBlockError(Fault::NotToml(error)))
}

const BLOCK: &str = include_str!("../../clippy.toml");
pub(super) const SPAWNS: &str = "disallowed-methods";
pub(super) const MACROS: &str = "disallowed-macros";
pub(super) const GUARDS: &str = "await-holding-invalid-types";

impl ClippyBlock {
    /// The block, as a whole `clippy.toml`.
    #[must_use]
    pub fn text() -> &'static str {
        BLOCK
    }

    /// The paths of the block that a `clippy.toml` lacks.
    ///
    /// # Errors
    ///
    /// When the text is not TOML.
    pub fn missing_in(text: &str) -> Result<Vec<String>, ClippyBlockError> {
        let there = parsed(text)?;
        let wanted = wanted().into_iter();
        let missing = wanted.flat_map(|(key, entries)| {
            let there = paths(there.get(key));
            entries.into_keys().filter(move |path| !there.contains(path)).collect::<Vec<_>>()
        });
        Ok(missing.collect())
    }

    /// The `clippy.toml` with what it lacks; the rest of it stays as it is, comments too.
    ///
    /// # Errors
    ///
    /// When the text is not TOML, or the block finds no place in it that keeps the rest as it is.
    pub fn merged_into(text: &str) -> Result<String, ClippyBlockError> {
        if text.trim().is_empty() {
            return Ok(BLOCK.to_owned());
        }
        let there = parsed(text)?;
        let mut merged = text.to_owned();
        for (key, entries) in wanted() {
            let known = paths(there.get(key));
            let mut lines = String::new();
            for (path, reason) in entries.iter().filter(|(path, _)| !known.contains(path)) {
                let reason = format!("{reason:?}");
                let _ = write!(lines, "\n    {{ path = \"{path}\", reason = {reason} }},");
            }
            if lines.is_empty() {
                continue;
            }
            match start_of_array(&merged, key) {
                Some(at) => merged.insert_str(at, &lines),
                // Before the first table: what comes after it belongs to that.
                None => {
                    let lines_before = merged
                        .split_inclusive('\n')
                        .take_while(|line| !line.trim_start().starts_with('['));
                    let at = lines_before.map(str::len).sum();
                    let end = if merged[..at].ends_with('\n') || at == 0 { "" } else { "\n" };
                    merged.insert_str(at, &format!("{end}{key} = [{lines}\n]\n"));
                }
            }
        }
        // What was found by its lines alone may have been a part of something else.
        match parsed(&merged) {
            Ok(now) if is_kept(&there, &now) && Self::missing_in(&merged)?.is_empty() => Ok(merged),
            _ => Err(ClippyBlockError(Fault::NoPlace)),
        }
    }
}

/// Whether all that was there is there, and the same but for the lists of the block.
fn is_kept(before: &Table, now: &Table) -> bool {
    before.iter().all(|(key, value)| match now.get(key) {
        Some(found) if [SPAWNS, MACROS, GUARDS].contains(&key.as_str()) => {
            let found = paths(Some(found));
            paths(Some(value)).iter().all(|path| found.contains(path))
        }
        found => found == Some(value),
    })
}

/// Past the bracket that opens the array of `key`.
fn start_of_array(text: &str, key: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.trim_start().strip_prefix(key)
            && let Some(value) = rest.trim_start().strip_prefix('=')
            && value.trim_start().starts_with('[')
        {
            return line.find('[').map(|bracket| at + bracket + 1);
        }
        at += line.len();
    }
    None
}

/// Each key of the block, with its paths and their reasons.
fn wanted() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let block: Table = BLOCK.parse().unwrap_or_default();
    let entries = |key: &str| {
        let entries =
            block.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let text = |entry: &Value, key: &str| {
            entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        entries.iter().map(|entry| (text(entry, "path"), text(entry, "reason"))).collect()
    };
    [SPAWNS, MACROS, GUARDS].into_iter().map(|key| (key, entries(key))).collect()
}

/// The paths of a list, which are strings or tables.
pub(super) fn paths(list: Option<&Value>) -> Vec<String> {
    let entries = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let path =
        |entry: &Value| entry.as_str().or_else(|| entry.get("path")?.as_str()).map(str::to_owned);
    entries.iter().filter_map(path).collect()
}
