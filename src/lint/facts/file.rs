//! The facts of one file.

use super::FnFacts;
use super::MacroUse;
use super::Span;
use super::Static;
use super::TypeDecl;
use super::body::FnPath;
use serde::Deserialize;
use serde::Serialize;

/// What one file says, whatever the others say.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::lint) struct FileFacts {
    pub(in crate::lint) lines: u32,
    /// The file's own module first, then those written inside it.
    pub(in crate::lint) scopes: Vec<Scope>,
    pub(in crate::lint) mods: Vec<ModDecl>,
    pub(in crate::lint) types: Vec<TypeDecl>,
    pub(in crate::lint) statics: Vec<Static>,
    /// The texts that constants stand for, by their names.
    pub(in crate::lint) texts: Vec<(String, String)>,
    pub(in crate::lint) fns: Vec<FnFacts>,
    /// Functions that were handed to a router.
    pub(in crate::lint) routes: Vec<FnPath>,
    pub(in crate::lint) macros: Vec<MacroUse>,
    pub(in crate::lint) suppressions: Vec<Suppression>,
    /// Why the file could not be read as Rust, and where.
    pub(in crate::lint) fault: Option<(String, Span)>,
}

/// A module, and what it imports.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::lint) struct Scope {
    /// Its path below the file's own module: `a::b`.
    pub(in crate::lint) path: String,
    pub(in crate::lint) imports: Vec<Import>,
}

/// One name that a `use` brings, `*` for all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Import {
    pub(in crate::lint) name: String,
    pub(in crate::lint) path: String,
}

/// A module in another file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct ModDecl {
    pub(in crate::lint) name: String,
    /// The modules written in this file around it.
    pub(in crate::lint) inside: Vec<String>,
    pub(in crate::lint) path: Option<String>,
    /// The paths that it has under a condition: `cfg_attr(.., path = "..")`.
    pub(in crate::lint) other_paths: Vec<String>,
    /// Whether it is there under a condition only, and so need not have a file.
    pub(in crate::lint) is_optional: bool,
    /// Whether it is `include!`d, and thus no module of its own.
    pub(in crate::lint) is_include: bool,
    /// Whether it is there in tests only, and thus left out.
    pub(in crate::lint) is_test: bool,
    pub(in crate::lint) span: Span,
}

/// A comment that silences a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Suppression {
    /// The rules that it names.
    pub(in crate::lint) codes: Vec<String>,
    /// What is wrong with it.
    pub(in crate::lint) fault: Option<String>,
    pub(in crate::lint) span: Span,
    /// The code that it speaks of: its own line, or the next one that has code.
    pub(in crate::lint) covers: Span,
}
