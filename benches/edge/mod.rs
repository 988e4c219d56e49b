//! The router of the HTTP figures, and the layers around it.

mod by_hand;
mod floor;
mod floor_with_everything;
mod ours;

pub use by_hand::Around;
pub use by_hand::FreshHub;
pub use by_hand::Nothing;
pub use by_hand::OtelContext;
pub use by_hand::in_task_local;
pub use floor::Floor;
pub use floor_with_everything::FloorWithEverything;
pub use ours::ours;
pub use ours::ours_with_everything;

use axum::Router;
use axum::routing::get;

/// What the client sends as `Authorization`.
pub const CREDENTIAL: &str = "Bearer ada.lovelace";

pub fn router() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}
