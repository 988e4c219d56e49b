//! The typed values inside a context: immutable, shared, one of each type.

use crate::context::ContextValue;
use crate::context::Reach;
use std::any::Any;
use std::any::TypeId;
use std::any::type_name;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::mem;
use std::sync::Arc;

/// A few values, so a linear search beats any map; an empty one owns no memory.
#[derive(Clone, Default)]
pub(crate) struct Values(Option<Arc<List>>);

#[derive(Clone, Default)]
struct List {
    /// For each [slot](Key) the key and the place in `values` of the only value whose type has that
    /// slot; or [`NONE`] or [`SEVERAL`]. Most that is asked for is found here, or found missing.
    places: [(u8, u8); SLOTS],
    values: Vec<Value>,
}

const SLOTS: usize = 32;
/// No key is either.
const NONE: (u8, u8) = (0, 0);
const SEVERAL: (u8, u8) = (u8::MAX, 0);

impl List {
    fn push(&mut self, value: Value) {
        let Key { slot, key } = Key::of(value.type_id);
        self.places[slot] = match (self.places[slot], u8::try_from(self.values.len())) {
            (NONE, Ok(place)) => (key, place),
            _ => SEVERAL,
        };
        self.values.push(value);
    }

    fn remove(&mut self, type_id: TypeId) {
        if self.values.iter().any(|value| value.type_id == type_id) {
            let values = mem::take(self).values.into_iter();
            values.filter(|value| value.type_id != type_id).for_each(|value| self.push(value));
        }
    }

    #[cold]
    fn search<T: ContextValue>(&self) -> Option<&T> {
        let type_id = TypeId::of::<T>();
        self.values.iter().find(|value| value.type_id == type_id)?.value.downcast_ref()
    }
}

/// Chosen by the type: a constant for one that is known when this is compiled.
struct Key {
    slot: usize,
    key: u8,
}

impl Key {
    #[inline]
    fn of(type_id: TypeId) -> Self {
        let mut bits = Bits(0);
        type_id.hash(&mut bits);
        let bits = bits.finish();
        Self { slot: bits as usize % SLOTS, key: ((bits >> 32) % 254) as u8 + 1 }
    }
}

/// Takes the hash that a type's ID is.
struct Bits(u64);

impl Hasher for Bits {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    #[inline]
    fn write_u64(&mut self, bits: u64) {
        self.0 ^= bits;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Clone)]
pub(crate) struct Value {
    type_id: TypeId,
    type_name: &'static str,
    reach: Reach,
    value: Arc<dyn Any + Send + Sync>,
}

impl Value {
    pub(crate) fn new<T: ContextValue>(value: T) -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: type_name::<T>(),
            reach: T::REACH,
            value: Arc::new(value),
        }
    }
}

impl Values {
    #[inline]
    pub(crate) fn get<T: ContextValue>(&self) -> Option<&T> {
        let list = self.0.as_deref()?;
        let Key { slot, key } = Key::of(TypeId::of::<T>());
        match list.places[slot] {
            (found, place) if found == key => {
                list.values.get(usize::from(place))?.value.downcast_ref().or_else(|| list.search())
            }
            SEVERAL => list.search(),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[Value] {
        self.0.as_deref().map_or(&[], |list| &list.values)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds a value, in the place of one of the same type.
    pub(crate) fn insert(&mut self, value: Value) {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        list.remove(value.type_id);
        list.push(value);
    }

    /// Takes out the value of type `T`, if there is one.
    #[cfg(feature = "owner")]
    pub(crate) fn remove<T: ContextValue>(&mut self) {
        if self.get::<T>().is_some()
            && let Some(list) = &mut self.0
        {
            Arc::make_mut(list).remove(TypeId::of::<T>());
        }
    }

    /// Whether each value goes at least as far as `reach`.
    pub(crate) fn all_reach(&self, reach: Reach) -> bool {
        self.as_slice().iter().all(|entry| entry.reach >= reach)
    }

    /// The values that go at least as far as `reach`.
    pub(crate) fn reaching(&self, reach: Reach) -> Self {
        self.as_slice().iter().filter(|entry| entry.reach >= reach).cloned().collect()
    }
}

impl FromIterator<Value> for Values {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let mut list = List::default();
        values.into_iter().for_each(|value| list.push(value));
        Self((!list.values.is_empty()).then(|| Arc::new(list)))
    }
}

/// Type names only: a value may be anything, so it is never printed.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice().iter().map(|entry| entry.type_name)).finish()
    }
}
