//! Servers that leak, each in one way, as people write them; and their corrected twins.

pub(crate) mod exhibit;
mod support;

mod actor_state;
mod ambiguous_key;
mod batch_order;
mod body_outside_scope;
mod broadcast;
mod clone_shares;
mod coalesced_loads;
mod context_kept;
mod double_checked;
mod endless_task;
mod first_value_kept;
mod half_done_write;
mod interpreter;
mod last_value_slot;
mod logout_resurrection;
mod panic_residue;
mod pooled_connection;
mod prefix_match;
mod registry_by_id;
mod reply_off_by_one;
mod retry_identity;
mod reused_buffer;
mod shared_cookie_jar;
mod short_key;
mod span_guard;
mod thread_local;
mod unkeyed_cache;
mod working_directory;

pub(crate) use exhibit::Exhibit;

/// All of them.
pub(crate) const EXHIBITS: [Exhibit; 28] = [
    last_value_slot::EXHIBIT,
    unkeyed_cache::EXHIBIT,
    short_key::EXHIBIT,
    ambiguous_key::EXHIBIT,
    prefix_match::EXHIBIT,
    double_checked::EXHIBIT,
    first_value_kept::EXHIBIT,
    coalesced_loads::EXHIBIT,
    batch_order::EXHIBIT,
    thread_local::EXHIBIT,
    interpreter::EXHIBIT,
    span_guard::EXHIBIT,
    body_outside_scope::EXHIBIT,
    clone_shares::EXHIBIT,
    reused_buffer::EXHIBIT,
    broadcast::EXHIBIT,
    registry_by_id::EXHIBIT,
    logout_resurrection::EXHIBIT,
    panic_residue::EXHIBIT,
    half_done_write::EXHIBIT,
    actor_state::EXHIBIT,
    pooled_connection::EXHIBIT,
    reply_off_by_one::EXHIBIT,
    shared_cookie_jar::EXHIBIT,
    retry_identity::EXHIBIT,
    working_directory::EXHIBIT,
    context_kept::EXHIBIT,
    endless_task::EXHIBIT,
];
