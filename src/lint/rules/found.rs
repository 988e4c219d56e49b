//! What a rule found, before it is shown.

use crate::lint::facts::Span;
use crate::lint::resolve::Workspace;

/// What a rule found.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Found {
    pub(in crate::lint) file: usize,
    pub(in crate::lint) span: Span,
    /// One line: what is wrong.
    pub(in crate::lint) message: String,
    /// What the primary place is.
    pub(in crate::lint) label: String,
    /// Other places that have a part in it.
    pub(in crate::lint) others: Vec<(usize, Span, String)>,
    /// The path of the item that it is about; with `key`, its fingerprint.
    pub(in crate::lint) item: String,
    pub(in crate::lint) key: String,
    /// The shortest way to a leak.
    pub(in crate::lint) story: String,
    pub(in crate::lint) mend: String,
    /// A test that would show it.
    pub(in crate::lint) proof: String,
}

impl Found {
    /// Points to the way on which a request comes to `function`.
    pub(in crate::lint) fn reached(&mut self, workspace: &Workspace<'_>, function: usize) {
        let Some((way, why)) = workspace.reach.way_to(function) else { return };
        let Some(first) = way.first().map(|id| &workspace.functions[*id]) else { return };
        let text = match way.len() {
            1 => format!("a request is handed to this function: {why}"),
            2 => format!("called by this function, which a request is handed to: {why}"),
            steps => {
                format!("{} calls from here, where a request is handed over: {why}", steps - 1)
            }
        };
        self.others.push((first.file, first.facts.span, text));
    }
}

/// A leak test in the words of the test kit: the call of one step, and after `  // ` what to know of it.
pub(super) fn proof(step: &str) -> String {
    let (call, note) = step.split_once("  // ").unwrap_or((step, ""));
    let note = if note.is_empty() { String::new() } else { format!("    // {note}\n") };
    format!(
        "LeakTest::new(|| app()).sessions(2).seeds(0..200)\n{note}    .request(|session, _, _| {call})\n    \
         .run().await.assert_isolated();"
    )
}
