//! What proves isolation.

pub mod store_suite;
