//! One value for each owner: what `PerSession` and `PerUser` are made of.

use super::error::OwnedError;
use super::registry::Narrow;
use super::registry::Registry;
use std::any::type_name;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

pub(super) struct PerOwner<T: Send + 'static> {
    init: fn() -> T,
    pub(super) idle: Duration,
    pub(super) max: usize,
    registry: OnceLock<Arc<Registry<T>>>,
}

impl<T: Send + 'static> PerOwner<T> {
    pub(super) const fn new(init: fn() -> T) -> Self {
        let idle = Duration::from_secs(30 * 60);
        Self { init, idle, max: 100_000, registry: OnceLock::new() }
    }

    pub(super) fn try_with<R>(
        &self,
        narrow: Narrow,
        f: impl FnOnce(&mut T) -> R,
    ) -> Result<R, OwnedError> {
        let registry = self.registry.get_or_init(|| Arc::new(Registry::new(self.idle, self.max)));
        registry.find(narrow)?.with(self.init, f)
    }

    pub(super) fn len(&self) -> usize {
        self.registry.get().map_or(0, |registry| registry.len())
    }

    pub(super) fn prune(&self) -> usize {
        self.registry.get().map_or(0, |registry| registry.prune())
    }

    pub(super) fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("{name}<{}>", type_name::<T>())).field("len", &self.len()).finish()
    }
}
