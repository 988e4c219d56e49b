//! A text that is derived from a context once and kept with it.

use std::borrow::Cow;
use std::sync::OnceLock;

/// Keeps the text of the first deriver; another key derives anew each time. A derived context may
/// differ in what the text came from, so a clone is empty.
#[derive(Default)]
pub(crate) struct Memo(OnceLock<Box<Kept>>);

struct Kept {
    key: u64,
    text: String,
}

impl Memo {
    pub(crate) fn get_or(&self, key: u64, derive: impl Fn() -> String) -> Cow<'_, str> {
        let kept = self.0.get_or_init(|| Box::new(Kept { key, text: derive() }));
        if kept.key == key { Cow::Borrowed(&kept.text) } else { Cow::Owned(derive()) }
    }
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}
