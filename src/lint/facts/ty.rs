//! A type as it was written.

use serde::Deserialize;
use serde::Serialize;
use std::fmt;

/// A type as it was written: the last name of its path, the name before it, and its arguments.
///
/// References are peeled off. What has no name has a sign in its place: `()` for tuples, `[]` for
/// slices and arrays, `dyn` for trait objects and `impl`, `fn` for function pointers, `_` for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::lint) struct Ty {
    pub(in crate::lint) name: String,
    pub(in crate::lint) qualifier: String,
    pub(in crate::lint) args: Vec<Self>,
}

impl Ty {
    pub(in crate::lint) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Whether it is a tuple without members.
    pub(in crate::lint) fn is_unit(&self) -> bool {
        self.name == "()" && self.args.is_empty()
    }

    /// Whether it is one connection of a client.
    pub(in crate::lint) fn is_connection(&self) -> bool {
        matches!(&*self.name, "TcpStream" | "WebSocketStream" | "UnixStream")
    }

    /// This type and those inside it, outermost first.
    pub(in crate::lint) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        for arg in &self.args {
            arg.walk(visit);
        }
    }

    /// How many types it is written with.
    pub(in crate::lint) fn nodes(&self) -> usize {
        let mut nodes = 0;
        self.walk(&mut |_| nodes += 1);
        nodes
    }

    /// The type with those in `args` in the place of the parameters in `generics`.
    pub(in crate::lint) fn with(&self, generics: &[String], args: &[Self]) -> Self {
        let at = generics.iter().position(|name| *name == self.name && self.args.is_empty());
        if let Some(arg) = at.and_then(|at| args.get(at)) {
            return arg.clone();
        }
        let inner = self.args.iter().map(|arg| arg.with(generics, args)).collect();
        Self { args: inner, ..self.clone() }
    }

    /// Whether this type, or one inside it, is one.
    pub(in crate::lint) fn any(&self, mut is: impl FnMut(&Self) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |ty| found |= is(ty));
        found
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = match &*self.name {
            "()" => ("(", ")"),
            "[]" => ("[", "]"),
            name => {
                f.write_str(name)?;
                if self.args.is_empty() {
                    return Ok(());
                }
                ("<", ">")
            }
        };
        f.write_str(open)?;
        for (at, arg) in self.args.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            fmt::Display::fmt(arg, f)?;
        }
        f.write_str(close)
    }
}
