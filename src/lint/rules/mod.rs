//! The rules, one file each: what it looks for, and what it says.

mod ambiguous_joined_key;
mod carried;
mod entry_without_owner;
mod fan_out;
mod found;
mod from_client;
mod get_insert_misses_identity;
mod guard_over_await;
mod interpreter_in_thread_local;
mod key_from_client_header;
mod keyed_user_registry;
mod last_value_slot;
mod loader_key_misses_identity;
mod made_types;
mod process_state_in_request;
mod raw_task_local;
mod rule;
mod said;
mod secret_in_log;
mod shown;
mod spawn_loses_context;
mod spawning_wrapper;
mod static_mut;
mod telling;
mod texts;
mod user_data;
mod who_from_header;
mod whose;

pub(super) use found::Found;
pub use rule::Rule;
pub(super) use rule::UNUSED;
pub(super) use rule::WRONG;
