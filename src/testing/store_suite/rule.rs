//! The rules of a session store, by name.

use super::cancellation;
use super::deletion;
use super::desk::Desk;
use super::fault::Outcome;
use super::harness::HarnessFuture;
use super::harness::StoreHarness;
use super::limits;
use super::lists;
use super::odd;
use super::owners;
use super::records;
use super::rotation;
use super::rotation_race;
use super::times;
use super::updates;
use std::fmt;

/// One rule of the contract of session stores.
pub struct StoreRule {
    name: &'static str,
    run: for<'a> fn(&'a Desk<'a>) -> HarnessFuture<'a, Outcome>,
}

impl StoreRule {
    /// The rule in a sentence: what it is about, a colon, what holds.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks a store of `harness` against it.
    ///
    /// # Errors
    /// The fault, if the store breaks the rule.
    pub async fn check(&self, harness: &dyn StoreHarness) -> Result<(), super::StoreFault> {
        let desk = Desk::new(harness).await;
        (self.run)(&desk).await.map_err(|fault| fault.of(self.name))
    }
}

impl fmt::Debug for StoreRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreRule").field(&self.name).finish()
    }
}

/// All rules.
#[must_use]
pub fn store_rules() -> &'static [StoreRule] {
    RULES
}

macro_rules! rules {
    ($($name:literal => $module:ident::$check:ident,)*) => {
        &[$(StoreRule { name: $name, run: |desk| Box::pin($module::$check(desk)) },)*]
    };
}

static RULES: &[StoreRule] = rules! {
    "create: load gives the record that create gave" => records::created,
    "create: an ID that is taken is refused and nothing changes" => records::taken,
    "create: a retry is answered by the same session" => records::created_once,
    "create: a retry after a delete brings nothing back" => records::not_created_again,
    "create: nothing of an earlier session of the ID is there" => records::afresh,
    "load: what was never made is not there" => records::never_made,
    "data: any bytes come back as they were" => odd::bytes,
    "ids: any that is legal names one session and no other" => odd::ids,
    "owners: any that is legal is one owner and no other" => odd::owners,
    "update: a write of the current version is there and counts" => updates::written,
    "update: a write of another version changes nothing and shows the record" => updates::conflict,
    "update: a retry happens once" => updates::once,
    "update: 25 increments by each of 16 tasks are 400" => updates::increments,
    "update: a retry happens once, under concurrent writes" => updates::once_among_others,
    "append: each item has the next position of its list" => lists::positions,
    "append: lists and sessions are apart" => lists::apart,
    "append: of 64 tasks nothing is lost and nothing is doubled" => lists::tasks,
    "append: a retry happens once" => lists::once,
    "range: the items at the positions, as many as there are" => lists::ranges,
    "trim: the items before the position are gone and the others keep theirs" => lists::trimmed,
    "owner: of somebody else's session nothing is shown and nothing is changed" => owners::mismatch,
    "owner: one without a user has no sessions to list or to count" => owners::without_user,
    "list_of: the owner's sessions, the oldest first" => owners::listed,
    "list_of: follows rotations" => owners::listed_after_rotation,
    "delete: the session is gone for every operation" => deletion::deleted,
    "delete: no write of 64 tasks brings the session back" => deletion::final_under_writes,
    "delete_all_of: all of the owner but the exception, and nobody else's" => deletion::all_of,
    "delete_all_of: beside rotations leaves no session of the login" => deletion::all_of_rotating,
    "idle: the session is there before the deadline and gone from it on" => times::idle,
    "idle: begins anew with each use, and with nothing else" => times::uses,
    "absolute: no use goes past it" => times::absolute,
    "expiry: gone for every operation, and brought back by none" => times::expired,
    "rotate: for the same owner data, lists, version and deadlines stay" => rotation::same_owner,
    "rotate: for another owner it begins empty and anew" => rotation::other_owner,
    "rotate: the old session is gone for every operation" => rotation::old_is_gone,
    "rotate: a retry happens once" => rotation::once,
    "rotate: one that is refused changes nothing" => rotation::refused,
    "rotate: no acknowledged append or update is lost to it" => rotation_race::writes,
    "rotate: of it and a delete one wins" => rotation_race::delete,
    "rotate: of several one wins" => rotation_race::rotations,
    "successor: the session in its place for the same owner, or none" => rotation::successor,
    "limits: record_bytes" => limits::record_bytes,
    "limits: item_bytes" => limits::item_bytes,
    "limits: lists" => limits::lists,
    "limits: list_items" => limits::list_items,
    "limits: session_bytes" => limits::session_bytes,
    "limits: sessions_per_owner" => limits::sessions_per_owner,
    "limits: sessions_per_owner counts what is there" => limits::live_sessions_per_owner,
    "limits: sessions" => limits::sessions,
    "prune: removes nothing that is there" => times::pruned,
    "cancellation: of a create leaves all or nothing, and a retry is safe" => cancellation::create,
    "cancellation: of an update leaves old or new, and a retry is safe" => cancellation::update,
    "cancellation: of an append leaves one item or none, and a retry is safe" => cancellation::append,
    "cancellation: of a rotate leaves the one or the other, and a retry is safe" =>
        cancellation::rotate,
    "cancellation: of a delete leaves all or nothing" => cancellation::delete,
};
