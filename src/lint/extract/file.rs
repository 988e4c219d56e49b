//! The whole of a file.

use super::attributes;
use super::comments::suppressions;
use crate::lint::facts::FileFacts;
use crate::lint::facts::Scope;
use crate::lint::facts::Span;
use crate::lint::source::Skeleton;
use crate::lint::source::reduce;

/// The facts of `text`.
pub(in crate::lint) fn extract(text: &str) -> FileFacts {
    let facts = facts_of(text);
    // Otherwise this thread would keep the text of each file that it has read.
    proc_macro2::extra::invalidate_current_thread_spans();
    facts
}

fn facts_of(text: &str) -> FileFacts {
    let mut skeleton = reduce(text);
    let facts = FileFacts {
        lines: skeleton.lines,
        scopes: vec![Scope::default()],
        suppressions: suppressions(text, &skeleton.comments),
        ..FileFacts::default()
    };
    if let Some(at) = skeleton.too_deep {
        let span = Span { start: at, end: at + 1 };
        let fault = Some(("nests too deep to be read".to_owned(), span));
        return FileFacts { fault, ..facts };
    }
    let parsed = syn::parse_file(&skeleton.text).or_else(|_| {
        // What was left out may be what the rest hangs on, in a macro for one.
        let bodies = std::mem::take(&mut skeleton.bodies);
        skeleton = Skeleton::whole(text, bodies);
        syn::parse_file(&skeleton.text)
    });
    match parsed {
        Ok(file) => {
            let mut extractor = Extractor::new(&skeleton, facts);
            extractor.is_optional = attributes::is_conditional(&file.attrs);
            extractor.items(&file.items);
            extractor.facts
        }
        Err(error) => {
            let mut bytes = error.span().byte_range();
            // What is missing at the end has no place of its own.
            if bytes.is_empty() && bytes.start == 0 {
                let end = text.trim_end().len();
                bytes = end.saturating_sub(1)..end;
            }
            let span =
                Span { start: bytes.start as u32, end: bytes.end.max(bytes.start + 1) as u32 };
            let fault = Some((format!("cannot be read as Rust: {error}"), span));
            FileFacts { fault, ..facts }
        }
    }
}

/// Walks the items of one file.
pub(super) struct Extractor<'a> {
    pub(super) skeleton: &'a Skeleton,
    pub(super) facts: FileFacts,
    /// The module that is walked, as an index.
    pub(super) scope: u16,
    /// The modules around it in this file.
    pub(super) inside: Vec<String>,
    /// The function that is walked.
    pub(super) function: Option<String>,
    /// Whether what is walked is there under a condition only.
    pub(super) is_optional: bool,
    /// Macros inside macros, for the bound on them.
    pub(super) macro_depth: usize,
}

impl<'a> Extractor<'a> {
    fn new(skeleton: &'a Skeleton, facts: FileFacts) -> Self {
        Self {
            skeleton,
            facts,
            scope: 0,
            inside: Vec::new(),
            function: None,
            is_optional: false,
            macro_depth: 0,
        }
    }

    /// The place in the file of a token.
    pub(super) fn span(&self, span: proc_macro2::Span) -> Span {
        let bytes = span.byte_range();
        let start = self.skeleton.offset(bytes.start);
        Span { start, end: start + (bytes.end - bytes.start) as u32 }
    }

    /// The path that a name stands for, by the imports of the module.
    pub(super) fn resolve(&self, path: &str) -> String {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let Some(scope) = self.facts.scopes.get(self.scope as usize) else {
            return path.to_owned();
        };
        let Some(import) = scope.imports.iter().find(|import| import.name == first) else {
            return path.to_owned();
        };
        if rest.is_empty() { import.path.clone() } else { format!("{}::{rest}", import.path) }
    }
}
