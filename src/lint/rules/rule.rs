//! The table of rules.

use super::Found;
use crate::lint::Level;
use crate::lint::resolve::Workspace;
use std::fmt;

/// One thing that the scanner looks for.
///
/// # Examples
///
/// ```
/// use request_context::lint::Rule;
///
/// let rule = Rule::find("G001").expect("a rule");
/// assert_eq!(rule.name(), "guard_over_await");
/// assert!(rule.page().contains("await"));
/// ```
#[derive(Clone, Copy)]
pub struct Rule {
    code: &'static str,
    name: &'static str,
    level: Level,
    summary: &'static str,
    page: &'static str,
    check: fn(&Workspace<'_>, &mut Vec<Found>),
}

/// A comment that silences a rule and had nothing to silence.
pub(in crate::lint) const UNUSED: &str = "A001";
/// A comment that silences a rule and does not say why, or which.
pub(in crate::lint) const WRONG: &str = "A002";

macro_rules! rules {
    ($($code:literal $name:ident $level:ident $summary:literal;)*) => {
        const RULES: &[Rule] = &[
            Rule {
                code: UNUSED,
                name: "unused_suppression",
                level: Level::Warning,
                summary: "a comment silences a rule that finds nothing there",
                page: include_str!("pages/A001.md"),
                check: nothing,
            },
            Rule {
                code: WRONG,
                name: "suppression_without_reason",
                level: Level::Warning,
                summary: "a comment that should silence a rule does not say why, or which",
                page: include_str!("pages/A002.md"),
                check: nothing,
            },
            $(Rule {
            code: $code,
            name: stringify!($name),
            level: Level::$level,
            summary: $summary,
            page: include_str!(concat!("pages/", $code, ".md")),
            check: super::$name::check,
        }),*];
    };
}

/// What comments silence is known when all rules have spoken.
fn nothing(_: &Workspace<'_>, _: &mut Vec<Found>) {}

rules! {
    "C001" spawn_loses_context Warning "work is started in request code and nothing is carried along";
    "C002" spawning_wrapper Warning "a function starts its argument without the context of its caller";
    "C003" raw_task_local Warning "a task-local of its own is not carried along";
    "E001" process_state_in_request Error "request code changes the environment or the working directory";
    "G001" guard_over_await Error "the guard of a span lives over an await";
    "K001" loader_key_misses_identity Error "a cache's loader uses an identity that the key does not cover";
    "K002" get_insert_misses_identity Warning "a cached value depends on an identity that the key does not cover";
    "K003" ambiguous_joined_key Warning "two values are joined into a key without anything between them";
    "K004" key_from_client_header Warning "the key of shared state comes from a header that any client may set";
    "L001" secret_in_log Warning "a credential or personal data is written to the log";
    "S001" static_mut Error "a `static mut` is shared by all requests without any protection";
    "S002" last_value_slot Warning "request data is kept in one place for all requests";
    "S003" keyed_user_registry Review "data of users is kept by key where all requests reach it";
    "S004" entry_without_owner Review "an entry is read by its ID alone and does not know whose it is";
    "S005" interpreter_in_thread_local Warning "an interpreter is shared by all requests of a thread";
    "S006" fan_out Review "one message goes to all who listen, whoever they are";
}

impl Rule {
    /// All rules, by their codes.
    #[must_use]
    pub fn all() -> &'static [Self] {
        RULES
    }

    /// The rule of a code or a name.
    #[must_use]
    pub fn find(code: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code)
    }

    /// What it is called in reports and comments: a letter and three digits.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What it is called in words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How much its findings weigh.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// What it looks for, in one line.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// Its page in Markdown: what leaks, what is reported, and how to mend it.
    #[must_use]
    pub fn page(&self) -> &'static str {
        self.page
    }

    pub(in crate::lint) fn check(&self, workspace: &Workspace<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        (self.check)(workspace, &mut found);
        found
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("code", &self.code)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
