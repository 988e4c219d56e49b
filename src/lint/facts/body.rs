//! What bodies do.

use super::Origin;
use super::Span;
use super::Ty;
use serde::Deserialize;
use serde::Serialize;

/// The path of a function that is named without being called.
pub(in crate::lint) type FnPath = String;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lint) enum CallKind {
    /// `a::b(..)`
    Path,
    /// `x.b(..)`
    Method,
    /// `self.b(..)`
    OwnMethod,
    /// `b!(..)`
    Macro,
}

/// A call, found without a syntax tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Call {
    pub(in crate::lint) kind: CallKind,
    /// The name before it: of a module or type, or of what a method is called on.
    pub(in crate::lint) qualifier: String,
    pub(in crate::lint) name: String,
    pub(in crate::lint) span: Span,
}

/// A name in capitals, where a body says it first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Use {
    pub(in crate::lint) name: String,
    pub(in crate::lint) span: Span,
}

/// A call of a function that is given work beside other values, or what a request header says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Handed {
    pub(in crate::lint) kind: CallKind,
    pub(in crate::lint) qualifier: String,
    pub(in crate::lint) name: String,
    pub(in crate::lint) args: Vec<Flow>,
    /// Whether it limits, or shuts out, what it is given.
    pub(in crate::lint) limits: bool,
    pub(in crate::lint) span: Span,
}

impl Handed {
    pub(in crate::lint) fn call(&self) -> Call {
        let (qualifier, name) = (self.qualifier.clone(), self.name.clone());
        Call { kind: self.kind, qualifier, name, span: self.span }
    }
}

/// A request header, and where it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Header {
    pub(in crate::lint) name: String,
    pub(in crate::lint) span: Span,
}

/// What a value was made of, as far as names tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::lint) struct Flow {
    /// The names in it, and those that flowed into these by `let`.
    pub(in crate::lint) names: Vec<String>,
    /// The names of calls that it was made by.
    pub(in crate::lint) calls: Vec<String>,
    /// The request header that it was read from.
    pub(in crate::lint) header: Option<Header>,
    /// Two holes of a format string without anything between them.
    pub(in crate::lint) ambiguous: Option<Span>,
    /// Whether it was made in this function.
    pub(in crate::lint) is_fresh: bool,
    /// Whether something in it carries a context or a span.
    pub(in crate::lint) is_carried: bool,
    /// Whether it is a future or closure written out.
    pub(in crate::lint) is_work: bool,
}

impl Flow {
    pub(in crate::lint) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    pub(in crate::lint) fn add_name(&mut self, name: &str) {
        if !self.has(name) {
            self.names.push(name.to_owned());
        }
    }

    pub(in crate::lint) fn add(&mut self, other: &Self) {
        for name in &other.names {
            self.add_name(name);
        }
        for call in &other.calls {
            if !self.calls.contains(call) {
                self.calls.push(call.clone());
            }
        }
        if self.header.is_none() {
            self.header.clone_from(&other.header);
        }
        self.ambiguous = self.ambiguous.or(other.ambiguous);
        self.is_carried |= other.is_carried;
        self.is_work |= other.is_work;
    }
}

/// A receiver: `self.a.b`, `STATE`, `state.sessions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lint) struct Place {
    /// Its names in order, calls such as `lock()` left out.
    pub(in crate::lint) names: Vec<String>,
    /// The names in what it was picked by: `of_tenant(tenant).cache`.
    pub(in crate::lint) picked_by: Vec<String>,
    /// Whether it was made in this function.
    pub(in crate::lint) is_fresh: bool,
}

impl Place {
    pub(in crate::lint) fn text(&self) -> String {
        self.names.join(".")
    }
}

/// Work that is started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Spawn {
    /// The path that was called, imports of the file taken in; `.name` for a method.
    pub(in crate::lint) callee: String,
    pub(in crate::lint) receiver: Place,
    pub(in crate::lint) work: Flow,
    /// Whether it stands in a closure that was handed to a router.
    pub(in crate::lint) in_route: bool,
    /// Whether it does no more than to wait for a connection, or is given one that nothing has been read from.
    pub(in crate::lint) drives_connection: bool,
    /// Whether it is written out, and comes to a loop that nothing in it leaves.
    pub(in crate::lint) is_endless: bool,
    /// Whether it is nothing else than such a loop.
    pub(in crate::lint) only_loops: bool,
    /// Whether it stands in what a cell is filled by, once for all.
    pub(in crate::lint) is_once: bool,
    /// Whether its end is awaited where it stands.
    pub(in crate::lint) is_awaited: bool,
    /// Whether the work is written out there, or bound to a name before.
    pub(in crate::lint) is_written: bool,
    /// The function, by its path, that is given the work and gives what is started.
    pub(in crate::lint) made_by: Option<String>,
    /// The functions that it calls, by their paths, where it is short and made of nothing else.
    pub(in crate::lint) computes: Vec<String>,
    /// The names that its arguments say whole; of others the field that they read: `session.session_id`.
    pub(in crate::lint) says: Vec<String>,
    /// The number of the spawn that it stands in.
    pub(in crate::lint) inside: Option<u16>,
    pub(in crate::lint) span: Span,
    /// Where the work ends.
    pub(in crate::lint) until: u32,
    /// The work, where it was bound to a name before.
    pub(in crate::lint) before: Option<Span>,
}

impl Spawn {
    /// Whether what stands at `span` is in the work.
    pub(in crate::lint) fn holds(&self, span: Span) -> bool {
        (self.span.end..self.until).contains(&span.start)
            || self.before.is_some_and(|work| (work.start..work.end).contains(&span.start))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lint) enum GuardKind {
    Tracing,
    OpenTelemetry,
    Sentry,
}

/// A guard that lives over a point where the task may be set aside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Guard {
    pub(in crate::lint) kind: GuardKind,
    pub(in crate::lint) name: String,
    pub(in crate::lint) span: Span,
    pub(in crate::lint) held_over: Span,
}

/// The process's environment or working directory, changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct EnvironmentWrite {
    pub(in crate::lint) function: String,
    pub(in crate::lint) in_route: bool,
    pub(in crate::lint) span: Span,
}

/// One operation on something that may be shared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Access {
    pub(in crate::lint) place: Place,
    /// The method, or `=` for an assignment.
    pub(in crate::lint) method: String,
    pub(in crate::lint) key: Option<Flow>,
    pub(in crate::lint) value: Option<Flow>,
    pub(in crate::lint) in_route: bool,
    /// Whether its end is awaited where it stands.
    pub(in crate::lint) is_awaited: bool,
    pub(in crate::lint) span: Span,
}

/// What is known of a local's type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) enum Made {
    /// It is written there.
    As(Ty),
    /// The function `of::name` gives it, or a value that holds it.
    By { of: String, name: String },
    /// It is a field of that name, of a value of which more may be known.
    Field { of: Option<Box<Self>>, name: String },
    /// A method of that name gives it.
    Method(String),
    /// It is taken out of that, by a method or a variant of that name.
    Taken { of: Box<Self>, name: String },
    /// It is what went wrong with that.
    Fault(Box<Self>),
    /// It is the part of that tuple at this place.
    Part(Box<Self>, usize),
    /// The program has made it of several.
    Composed,
    /// It is bound to what tells nothing.
    Other,
}

/// What is written where it is what a request header says, whatever it is called.
pub(in crate::lint) const OF_HEADER: &str = "header_credential";

/// What is written where it is the whole address of a request, whatever it is called.
pub(in crate::lint) const OF_ADDRESS: &str = "request_address";

/// A value that a log macro or a span writes down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::lint) struct Log {
    pub(in crate::lint) macro_name: String,
    /// What is written: a variable, the last field of a path, or what the field or the text calls it.
    pub(in crate::lint) value: String,
    /// The name of the value itself.
    pub(in crate::lint) own: String,
    /// What is known of its type, where it is a local.
    pub(in crate::lint) made: Option<Made>,
    /// The parameter that it was taken out of.
    pub(in crate::lint) origin: Option<Origin>,
    /// Whether it is written by `Debug`, with all its parts.
    pub(in crate::lint) is_debug: bool,
    /// Whether it is written out by serde, as no answer of a client can be.
    pub(in crate::lint) is_serialized: bool,
    /// Whether `value` is the name of a field.
    pub(in crate::lint) is_field: bool,
    pub(in crate::lint) span: Span,
    pub(in crate::lint) at: Span,
}
