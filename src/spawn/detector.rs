//! Finds plain spawns inside a scope.
