//! What proves isolation.
