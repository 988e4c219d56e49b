//! Texts that are derived from a context once and kept with it.

use std::sync::OnceLock;

/// Each text by the key of what derived it: few, so a list.
#[derive(Default)]
pub(crate) struct Memo(OnceLock<Box<Kept>>);

struct Kept {
    key: u64,
    text: String,
    next: Memo,
}

impl Memo {
    /// The text of `key`, derived at the first call. `derive` must run no code of the user's.
    pub(crate) fn get_or(&self, key: u64, derive: impl Fn() -> String) -> &str {
        let mut memo = self;
        loop {
            let keep = || Box::new(Kept { key, text: derive(), next: Self::default() });
            let kept = memo.0.get_or_init(keep);
            if kept.key == key {
                return &kept.text;
            }
            memo = &kept.next;
        }
    }
}

/// A derived context derives its own.
impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}
