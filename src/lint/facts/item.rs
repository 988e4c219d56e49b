//! What items say.

use super::Access;
use super::Call;
use super::EnvironmentWrite;
use super::Flow;
use super::Guard;
use super::Handed;
use super::Header;
use super::Log;
use super::Passed;
use super::Span;
use super::Spawn;
use super::Ty;
use super::Use;
use serde::Deserialize;
use serde::Serialize;

/// A struct, an enum, or a second name for a type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct TypeDecl {
    pub(in crate::lint) name: String,
    pub(in crate::lint) scope: u16,
    /// The names of its parameters that are types.
    pub(in crate::lint) generics: Vec<String>,
    pub(in crate::lint) shape: Shape,
    pub(in crate::lint) span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) enum Shape {
    Struct(Vec<Field>),
    Enum(Vec<Field>),
    Alias(Ty),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Field {
    /// Its name, or its number.
    pub(in crate::lint) name: String,
    pub(in crate::lint) ty: Ty,
    pub(in crate::lint) span: Span,
}

/// State that lives as long as the process, or as a thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Static {
    pub(in crate::lint) name: String,
    pub(in crate::lint) scope: u16,
    /// The function that it stands in.
    pub(in crate::lint) inside: Option<String>,
    pub(in crate::lint) kind: StaticKind,
    pub(in crate::lint) ty: Ty,
    pub(in crate::lint) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lint) enum StaticKind {
    Shared,
    Mutable,
    ThreadLocal,
    TaskLocal,
}

/// A macro that declares state, where it is invoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct MacroUse {
    pub(in crate::lint) path: String,
    pub(in crate::lint) scope: u16,
    /// The names that it declares.
    pub(in crate::lint) names: Vec<String>,
    pub(in crate::lint) span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Attribute {
    pub(in crate::lint) path: String,
    pub(in crate::lint) args: String,
    pub(in crate::lint) span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Param {
    /// The names that its pattern binds.
    pub(in crate::lint) names: Vec<String>,
    pub(in crate::lint) ty: Ty,
    pub(in crate::lint) span: Span,
}

/// What a function is a member of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct ImplOf {
    pub(in crate::lint) ty: String,
    pub(in crate::lint) of_trait: Option<Ty>,
    /// The paths of the attributes of the `impl`.
    pub(in crate::lint) attributes: Vec<String>,
}

/// A function, or the body of a `macro_rules!`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::lint) struct FnFacts {
    /// Its name; with `!` for a macro.
    pub(in crate::lint) name: String,
    pub(in crate::lint) scope: u16,
    pub(in crate::lint) member_of: Option<ImplOf>,
    pub(in crate::lint) span: Span,
    pub(in crate::lint) is_async: bool,
    pub(in crate::lint) has_self: bool,
    /// Whether it comes to a loop that nothing in it leaves.
    pub(in crate::lint) is_endless: bool,
    /// Whether it is a macro that hands on to those of a log.
    pub(in crate::lint) is_log: bool,
    pub(in crate::lint) params: Vec<Param>,
    pub(in crate::lint) output: Option<Ty>,
    /// The names of the parameters that are futures or closures.
    pub(in crate::lint) callables: Vec<String>,
    pub(in crate::lint) attributes: Vec<Attribute>,
    pub(in crate::lint) calls: Vec<Call>,
    /// Local names and their types, where the text tells.
    pub(in crate::lint) locals: Vec<(String, String)>,
    /// Local names, and the fields that they are: `let repo = &app.repo`.
    pub(in crate::lint) fields: Vec<(String, String)>,
    pub(in crate::lint) uses: Vec<Use>,
    pub(in crate::lint) spawns: Vec<Spawn>,
    /// What cells are filled by, once for all.
    pub(in crate::lint) once: Vec<Span>,
    pub(in crate::lint) guards: Vec<Guard>,
    pub(in crate::lint) environment: Vec<EnvironmentWrite>,
    pub(in crate::lint) accesses: Vec<Access>,
    pub(in crate::lint) logs: Vec<Log>,
    /// The macros that write to the log, or may, in a function that starts work.
    pub(in crate::lint) told: Vec<Use>,
    pub(in crate::lint) handed: Vec<Handed>,
    /// The calls that are given what was taken out of a parameter.
    pub(in crate::lint) passed: Vec<Passed>,
    /// The request headers that it reads, each where it does first.
    pub(in crate::lint) headers: Vec<Header>,
    /// The keys by which it takes values out of the query of an address.
    pub(in crate::lint) query_keys: Vec<String>,
    /// Whether it asks a field whether there is a proxy that sets headers: `config.behind_proxy`.
    pub(in crate::lint) asks_for_proxy: bool,
    /// The request header that it gives.
    pub(in crate::lint) header: Option<Header>,
    /// What the key of a cache is made of that it gives.
    pub(in crate::lint) key: Option<Flow>,
    /// Local names that stand for who sent the request.
    pub(in crate::lint) callers: Vec<Param>,
}
