//! How much a store takes.

/// How much a store takes. What goes beyond is refused by
/// [a capacity error](super::StoreError::is_capacity); nothing is ever evicted for it, since that
/// would log somebody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The bytes of one session's data. 64 KiB.
    pub record_bytes: usize,
    /// The lists of one session. 16.
    pub lists: usize,
    /// The items of one list. 10,000.
    pub list_items: usize,
    /// The bytes of one item of a list. 64 KiB.
    pub item_bytes: usize,
    /// The bytes of one session in all: its data, and the names and items of its lists. 4 MiB.
    pub session_bytes: usize,
    /// The live sessions of one owner that has a user. 100. Anonymous ones are not counted, in a tenant
    /// or in none: one visitor could keep out all others.
    pub sessions_per_owner: usize,
    /// The live sessions in all, where the store itself holds them. 1,000,000.
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 64 << 10,
            lists: 16,
            list_items: 10_000,
            item_bytes: 64 << 10,
            session_bytes: 4 << 20,
            sessions_per_owner: 100,
            sessions: 1_000_000,
        }
    }
}
