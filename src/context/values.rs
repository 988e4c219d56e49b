//! The typed values inside a context: immutable, shared, one of each type.

use crate::context::ContextValue;
use crate::context::Reach;
use std::any::Any;
use std::any::TypeId;
use std::any::type_name;
use std::fmt;
use std::sync::Arc;

/// A few values, so a linear search beats any map; an empty one owns no memory.
#[derive(Clone, Default)]
pub(crate) struct Values(Option<Arc<Vec<Value>>>);

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
        let type_id = TypeId::of::<T>();
        self.as_slice()
            .iter()
            .find(|entry| entry.type_id == type_id)
            .and_then(|entry| entry.value.downcast_ref())
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[Value] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds a value, in the place of one of the same type.
    pub(crate) fn insert(&mut self, value: Value) {
        let values = Arc::make_mut(self.0.get_or_insert_default());
        values.retain(|other| other.type_id != value.type_id);
        values.push(value);
    }

    /// Takes out the value of type `T`, if there is one.
    #[cfg(feature = "owner")]
    pub(crate) fn remove<T: ContextValue>(&mut self) {
        if self.get::<T>().is_some()
            && let Some(values) = &mut self.0
        {
            Arc::make_mut(values).retain(|value| value.type_id != TypeId::of::<T>());
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
        let values: Vec<_> = values.into_iter().collect();
        Self((!values.is_empty()).then(|| Arc::new(values)))
    }
}

/// Type names only: a value may be anything, so it is never printed.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice().iter().map(|entry| entry.type_name)).finish()
    }
}
