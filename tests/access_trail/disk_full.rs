//! Full.
