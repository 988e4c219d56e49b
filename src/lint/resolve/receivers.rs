//! What a method is called on, by the types that the text tells.

use super::Workspace;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;

/// A trait with more implementations says nothing of which is meant.
const MAX_IMPLEMENTATIONS: usize = 16;
/// A field's name that so many types have says nothing of its own.
pub(super) const MAX_FIELDS: usize = 6;

/// What is known of a receiver.
pub(super) enum Receiver {
    /// The functions that the method may be.
    Known(Vec<usize>),
    /// Something of another crate, without such a method in this workspace.
    Foreign,
    Unknown,
}

impl Workspace<'_> {
    /// The methods `name` of what `from` calls `receiver`.
    pub(super) fn methods_of(&self, from: usize, receiver: &str, name: &str) -> Receiver {
        let named = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        if named.is_empty() || receiver.is_empty() {
            return Receiver::Unknown;
        }
        let types = self.types_of(from, receiver);
        let mut found = Vec::new();
        let mut is_foreign = !types.is_empty();
        for (file, ty) in &types {
            is_foreign &= self.methods_of_type(*file, ty, named, 0, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        if !found.is_empty() {
            return Receiver::Known(found);
        }
        if is_foreign {
            return Receiver::Foreign;
        }
        // `user_repo` is a `UserRepo`, where one type with such a method is called that.
        let fits = |id: &&usize| {
            let ty = self.functions[**id].member_of();
            ty.is_some_and(|ty| ends_with(receiver, ty) || ends_with(ty, receiver))
        };
        let fitting: Vec<_> = named.iter().filter(fits).copied().collect();
        if (1..=MAX_IMPLEMENTATIONS).contains(&fitting.len()) {
            Receiver::Known(fitting)
        } else {
            Receiver::Unknown
        }
    }

    /// Whether `name`, called on `receiver`, is a method of the workspace, by the receiver's type alone.
    pub(in crate::lint) fn is_own_spawn(
        &self,
        from: usize,
        receiver: &[String],
        name: &str,
    ) -> bool {
        let Some(receiver) = receiver.last() else { return false };
        let receiver = receiver.trim_end_matches("()");
        let named = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let types = if named.is_empty() { Vec::new() } else { self.types_of(from, receiver) };
        !types.is_empty()
            && types.iter().all(|(file, ty)| {
                let mut found = Vec::new();
                self.methods_of_type(*file, ty, named, 0, &mut found);
                found.iter().any(|id| self.functions[*id].facts.has_self)
            })
    }

    /// Whether what a function calls `receiver` is a pool of threads, by its type or its name.
    pub(in crate::lint) fn is_pool(&self, from: usize, receiver: &[String]) -> bool {
        let Some(receiver) = receiver.last() else { return false };
        let is_one = |(file, ty): &(usize, Ty)| {
            self.has(*file, ty, |ty| ty.name.ends_with("Pool") || ty.name == "Executor")
        };
        receiver.to_lowercase().contains("pool") || self.types_of(from, receiver).iter().any(is_one)
    }

    /// The types that a name has in a function: a local, a parameter, a field, a static, a call.
    pub(super) fn types_of(&self, from: usize, name: &str) -> Vec<(usize, Ty)> {
        let function = &self.functions[from];
        let file = function.file;
        // `Mailer::new().notify(..)`
        if name.starts_with(|first: char| first.is_uppercase())
            && name.contains(|one: char| one.is_lowercase())
        {
            return vec![(file, Ty::named(name))];
        }
        // One step: `let repo = &app.repo`.
        let mut fields = function.facts.fields.iter();
        let name = fields.find(|(local, _)| local == name).map_or(name, |(_, field)| field);
        if let Some((_, ty)) = function.facts.locals.iter().find(|(local, _)| local == name) {
            return vec![(file, Ty::named(ty))];
        }
        let mut params = function.facts.params.iter();
        if let Some(param) = params.find(|param| param.names.iter().any(|known| known == name)) {
            return vec![(file, param.ty.clone())];
        }
        if let Some(own) = function.member_of()
            && let Some((at, ty)) = self.field_of(file, own, name)
        {
            return vec![(at, ty)];
        }
        if let Some(fields) = self.fields.get(name)
            && fields.len() <= MAX_FIELDS
        {
            let package = self.files[file].package;
            let near = fields.iter().filter(|(at, _)| self.files[*at].package == package);
            let near: Vec<_> = near.map(|(at, ty)| (*at, (*ty).clone())).collect();
            if !near.is_empty() {
                return near;
            }
            return fields.iter().map(|(at, ty)| (*at, (*ty).clone())).collect();
        }
        if let Some(statics) = self.statics.get(name) {
            return statics.iter().take(1).map(|(at, decl)| (*at, decl.ty.clone())).collect();
        }
        let givers = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let outputs = givers.iter().filter_map(|id| {
            let giver = &self.functions[*id];
            let output = giver.facts.output.clone()?;
            let own = giver.member_of().filter(|_| output.name == "Self");
            Some((giver.file, own.map_or(output, Ty::named)))
        });
        if givers.len() <= MAX_FIELDS { outputs.collect() } else { Vec::new() }
    }

    fn field_of(&self, file: usize, of: &str, name: &str) -> Option<(usize, Ty)> {
        let (at, decl) = self.type_named(file, &Ty::named(of))?;
        let (Shape::Struct(fields) | Shape::Enum(fields)) = &decl.shape else { return None };
        let field = fields.iter().find(|field| field.name == name)?;
        Some((at, field.ty.clone()))
    }

    /// Adds those of `named` that are methods of a type, what it holds included; whether it is known to
    /// have none.
    fn methods_of_type(
        &self,
        file: usize,
        ty: &Ty,
        named: &[usize],
        depth: u8,
        found: &mut Vec<usize>,
    ) -> bool {
        if depth > 6 {
            return false;
        }
        let (file, ty) = self.expanded(file, ty);
        let name = &*ty.name;
        let before = found.len();
        let members = named.iter().copied().filter(|id| {
            let of = self.functions[*id].facts.member_of.as_ref();
            of.is_some_and(|of| {
                of.ty == name || of.of_trait.as_ref().is_some_and(|of_trait| of_trait.name == name)
            })
        });
        let members: Vec<_> = members.take(MAX_IMPLEMENTATIONS + 1).collect();
        if members.len() <= MAX_IMPLEMENTATIONS {
            found.extend(members);
        }
        if found.len() > before {
            return false;
        }
        if self.types.contains_key(name) {
            // It may hand on what it holds, by `Deref` or a trait of its own.
            return false;
        }
        let mut is_foreign = is_of_std(name);
        let leads_inside = !matches!(name, "HashMap" | "BTreeMap" | "Vec" | "DashMap" | "VecDeque");
        for arg in ty.args.iter().filter(|_| leads_inside) {
            let arg_is_foreign = self.methods_of_type(file, arg, named, depth + 1, found);
            is_foreign &= arg_is_foreign;
        }
        is_foreign
    }
}

/// Whether a name ends with another, whatever their style: `user_repo` with `Repo`.
fn ends_with(name: &str, end: &str) -> bool {
    let mut rest = name.bytes().rev().filter(|byte| *byte != b'_');
    let mut wanted = end.bytes().rev().filter(|byte| *byte != b'_');
    end.len() > 2
        && wanted.all(|byte| rest.next().is_some_and(|own| own.eq_ignore_ascii_case(&byte)))
}

/// Types whose methods are all known, and none of the workspace's.
fn is_of_std(name: &str) -> bool {
    matches!(
        name,
        "HashMap"
            | "BTreeMap"
            | "HashSet"
            | "BTreeSet"
            | "DashMap"
            | "Vec"
            | "VecDeque"
            | "String"
            | "str"
            | "[]"
            | "Option"
            | "Result"
            | "Arc"
            | "Box"
            | "Mutex"
            | "RwLock"
            | "RefCell"
            | "OnceCell"
            | "OnceLock"
            | "LazyLock"
            | "Sender"
            | "Receiver"
            | "UnboundedSender"
            | "UnboundedReceiver"
            | "PathBuf"
            | "Path"
            | "HeaderMap"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "usize"
            | "i32"
            | "i64"
            | "bool"
            | "Instant"
            | "Duration"
            | "Url"
            | "Uuid"
            | "Value"
    )
}
