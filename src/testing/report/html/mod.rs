//! The report as a page of its own.

mod curve;
mod escaped;
mod marked;
mod matrix;
mod page;
mod style;
mod timeline;
