//! What a run found, and what its pass is worth.

mod coverage;
mod html;
mod json;
mod leak;
mod matrix;
mod model;
mod planted;
mod progress;
mod sighting;
mod story;
mod text;
mod vacuous;
mod words;

pub use coverage::Coverage;
pub use leak::Leak;
pub use matrix::Matrix;
pub use model::Report;
pub use planted::Planted;
pub(crate) use progress::Progress;
pub use sighting::Sighting;
pub use story::Moment;
pub use story::Story;
pub use story::StoryStep;
pub use vacuous::Vacuous;
