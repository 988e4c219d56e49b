//! What the measuring programs print, brought together as one table.

mod measured;
mod row;
mod table;

pub use measured::Measured;
pub use table::table;
