//! State beyond a request: sessions that cannot cross.

mod error;
mod limits;
mod list_name;
mod memory;
mod record;
mod store;
mod timeouts;
mod token;
mod write_id;

pub use error::StoreError;
pub use limits::Limits;
pub use list_name::ListName;
pub use memory::MemoryStore;
pub use memory::Sweeper;
pub use record::Record;
pub use record::SessionInfo;
pub use record::Version;
pub use store::Append;
pub use store::Items;
pub use store::NewSession;
pub use store::Rotation;
pub use store::SessionStore;
pub use store::StoreFuture;
pub use store::Update;
pub use store::Written;
pub use timeouts::Timeouts;
pub use token::InvalidToken;
pub use token::NoRandomness;
pub use token::SessionToken;
pub use write_id::WriteId;
