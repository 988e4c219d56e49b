//! Which shared state a place in a function is a part of.

use super::Container;
use super::Shared;
use super::SharedKind;
use super::Workspace;
use super::given::is_all_of;
use crate::lint::facts::Access;
use crate::lint::facts::Place;
use crate::lint::facts::Ty;
use std::collections::HashSet;

impl<'a> Workspace<'a> {
    /// Each access to a piece of shared state, with its function.
    pub(in crate::lint) fn accesses_to<'w>(
        &'w self,
        shared: &'w Shared<'a>,
    ) -> impl Iterator<Item = (usize, &'a Access)> + use<'a, 'w> {
        // The state itself goes by the names of its parameters alone.
        let (by, named) = match &shared.kind {
            SharedKind::Given(by) => (&**by, None),
            _ => (&[][..], self.accesses.get(shared.name)),
        };
        let named = named.map(Vec::as_slice).unwrap_or_default();
        let is_it = |id: usize, access: &Access| {
            self.shared_at(id, &access.place).is_some_and(|other| other.is_same(shared))
        };
        let given = by.iter().flat_map(|(id, name)| {
            let accesses = &self.functions[*id].facts.accesses;
            accesses
                .iter()
                .filter(|access| is_all_of(&access.place, name))
                .map(|access| (*id, access))
        });
        named.iter().copied().filter(move |(id, access)| is_it(*id, access)).chain(given)
    }

    /// The channels that request code listens to, by name.
    pub(super) fn listened_to(&self) -> HashSet<&'a str> {
        let functions = self.functions.iter().enumerate();
        let reached = functions.filter(|(id, _)| self.reach.is_reached(*id));
        let calls = reached.flat_map(|(_, function)| &function.facts.calls);
        calls.filter(|call| call.name == "subscribe").map(|call| &*call.qualifier).collect()
    }

    /// Whether requests listen to a channel by its name, and not one part of the program alone.
    pub(in crate::lint) fn is_listened_to(&self, shared: &Shared<'_>) -> bool {
        // Both ends in one: somebody is to listen to it.
        let is_pair = shared.ty.any(|ty| self.expanded(shared.file, ty).1.name == "()");
        is_pair || self.listened.contains(shared.name)
    }

    /// The field that a place ends with, of all those that are called so: the only one, or that of the type
    /// which the name before it has in `function`.
    fn one_of<'w>(
        &'w self,
        function: usize,
        names: &[&str],
        fields: &[&'w Shared<'a>],
    ) -> Option<&'w Shared<'a>> {
        let first = *fields.first()?;
        if fields.iter().all(|field| field.is_same(first)) {
            return Some(first);
        }
        let of = *names.get(names.len().checked_sub(2)?)?;
        let from = &self.functions[function];
        let holders = match from.member_of().filter(|_| of == "self") {
            Some(own) => vec![(from.file, Ty::named(own))],
            None => self.types_of(function, of),
        };
        let is_held = |field: &&&Shared<'a>| {
            let SharedKind::Field { of, .. } = &field.kind else { return false };
            holders.iter().any(|(file, ty)| {
                let mut is_held = false;
                ty.walk(&mut |ty| {
                    let (file, ty) = self.expanded(*file, ty);
                    let decl = self.type_named(file, &ty);
                    is_held |= decl.is_some_and(|(at, decl)| at == field.file && decl.name == *of);
                });
                is_held
            })
        };
        let mut held = fields.iter().filter(is_held);
        let first = *held.next()?;
        held.all(|field| field.is_same(first)).then_some(first)
    }

    /// The shared state that a place in `function` is a part of.
    pub(in crate::lint) fn shared_at(&self, function: usize, place: &Place) -> Option<&Shared<'a>> {
        if place.is_fresh {
            return None;
        }
        let of = &self.functions[function];
        let package = self.files[of.file].package;
        let names: Vec<&str> = place.names.iter().map(|name| name.trim_end_matches("()")).collect();
        let is_near = |shared: &&Shared<'a>| self.files[shared.file].package == package;
        let named = |name: &str| {
            let known = self.shared_by_name.get(name).map(Vec::as_slice).unwrap_or_default();
            known.iter().map(|at| &self.shared[*at])
        };
        let static_named = || {
            let is_static = |shared: &&Shared<'a>| {
                matches!(shared.kind, SharedKind::Static | SharedKind::ThreadLocal)
            };
            let statics = || named(names.first().copied().unwrap_or_default()).filter(is_static);
            // That of another package goes by its name, where that is one static's alone.
            let only = || {
                let mut statics = statics();
                statics.next().filter(|_| statics.next().is_none())
            };
            statics().find(is_near).or_else(only)
        };
        let given = || {
            let given = self.given.get(&function)?;
            let (_, at) = given.iter().find(|(name, _)| is_all_of(place, name))?;
            Some(&self.shared[*at])
        };
        if let (["self"], Some(ty)) = (&*names, of.member_of()) {
            return named("0").find(|shared| match &shared.kind {
                SharedKind::Field { of, .. } => {
                    of == ty && shared.container != Container::Other && is_near(shared)
                }
                _ => false,
            });
        }
        let last = names.last()?;
        let by_field = || {
            let fields = named(last).filter(|shared| match &shared.kind {
                SharedKind::Field { of: ty, .. } => {
                    names.len() > 1
                        && (names[0] != "self" || names.len() > 2 || of.member_of() == Some(ty))
                }
                _ => false,
            });
            let fields = fields.filter(|shared| shared.container != Container::Other);
            self.one_of(function, &names, &fields.collect::<Vec<_>>())
        };
        let known =
            if names.len() == 1 { static_named() } else { by_field().or_else(static_named) };
        known.or_else(given)
    }
}
