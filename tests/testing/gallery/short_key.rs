//! The key of a cache is a hash that is too short to tell users apart.

use super::Exhibit;
use super::exhibit::home;
use super::support::Database;
use super::support::lock;
use super::support::me;
use super::support::signed_in;
use super::support::user_of;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use request_context::owner::PerUser;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "key too short",
    way: "a cache is keyed by eight bits of a hash of the user",
    leaky,
    corrected,
    shows_in_replies: true,
    panics: 0.0,
    request: home,
};

#[derive(Clone, Default)]
struct Profiles {
    database: Database,
    by_hash: Arc<Mutex<HashMap<u8, String>>>,
}

fn leaky() -> Router {
    Router::new().route("/", get(profile)).with_state(Profiles::default())
}

async fn profile(State(profiles): State<Profiles>, headers: HeaderMap) -> String {
    let user = user_of(&headers);
    let key = user.bytes().fold(0_u8, |key, byte| key.wrapping_mul(31).wrapping_add(byte));
    profiles.database.query().await;
    let mut by_hash = lock(&profiles.by_hash);
    by_hash.entry(key).or_insert_with(|| format!("profile of {user}")).clone()
}

#[derive(Clone, Default)]
struct OwnProfiles {
    database: Database,
    cached: Arc<PerUser<Option<String>>>,
}

fn corrected() -> Router {
    signed_in(Router::new().route("/", get(own_profile)).with_state(OwnProfiles::default()))
}

async fn own_profile(State(profiles): State<OwnProfiles>) -> String {
    profiles.database.query().await;
    profiles
        .cached
        .with(|cached| cached.get_or_insert_with(|| format!("profile of {}", me())).clone())
}
