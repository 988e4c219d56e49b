//! What belongs together across files: types, statics, functions, and what requests reach.

mod along;
mod given;
mod names;
mod places;
mod reach;
mod receivers;
mod request;
mod shape;
mod shared;
mod targets;
mod workspace;

pub(super) use names::is_about;
pub(super) use names::is_content;
pub(super) use names::is_exchanged;
pub(super) use names::is_exchanged_with_models;
pub(super) use names::is_identity;
pub(super) use names::is_personal;
pub(super) use names::is_said;
pub(super) use names::is_secret;
pub(super) use names::is_user_data;
pub(super) use names::is_whole;
pub(super) use names::talks_to_models;
pub(super) use names::words;
pub(super) use reach::Reach;
pub(super) use request::is_request;
pub(super) use shape::Container;
pub(super) use shape::hands_on;
pub(super) use shape::is_map;
pub(super) use shape::is_plain;
pub(super) use shape::is_sender;
pub(super) use shape::is_swap;
pub(super) use shared::CALLERS;
pub(super) use shared::Shared;
pub(super) use shared::SharedKind;
pub(super) use workspace::Function;
pub(super) use workspace::Workspace;
