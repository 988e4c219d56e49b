//! What the measuring programs print, brought together as tables.

mod http;
mod measured;
mod row;
mod stores;
mod table;

pub use http::table as http_table;
pub use measured::Measured;
pub use stores::table as stores_table;
pub use table::table;
