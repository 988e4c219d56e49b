//! A pause before another try: longer each time, and different for everyone.

use super::error::StoreError;
use super::store::StoreFuture;
use super::write_id::WriteId;
use std::time::Duration;

/// The first pause, at most.
const FIRST: Duration = Duration::from_millis(4);

/// No pause is longer.
const LONGEST: Duration = Duration::from_millis(100);

/// How often what is in doubt is asked again.
const ASKED_AGAIN: u32 = 3;

/// The pauses between tries.
#[derive(Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Waits from half to all of a time that doubles with each try.
    pub(super) async fn pause(&mut self) {
        let longest = FIRST.saturating_mul(1 << self.tries.min(16)).min(LONGEST);
        self.tries += 1;
        let random = u128::from_be_bytes(WriteId::new().to_bytes());
        let half = longest / 2;
        let nanos = (random % (half.as_nanos() + 1)) as u64;
        tokio::time::sleep(half + Duration::from_nanos(nanos)).await;
    }
}

/// Asks again what is in doubt. What is asked happens once, however often.
pub(super) async fn until_sure<'a, T>(
    ask: impl FnMut() -> StoreFuture<'a, T>,
) -> Result<T, StoreError> {
    asked_again(ASKED_AGAIN, ask).await
}

/// Asks again once, where a whole request waits and the answer can be had later as well.
pub(super) async fn twice_if_unsure<'a, T>(
    ask: impl FnMut() -> StoreFuture<'a, T>,
) -> Result<T, StoreError> {
    asked_again(1, ask).await
}

async fn asked_again<'a, T>(
    most: u32,
    mut ask: impl FnMut() -> StoreFuture<'a, T>,
) -> Result<T, StoreError> {
    let mut backoff = Backoff::default();
    loop {
        let is_doubtful = backoff.tries > 0;
        match ask().await {
            Err(error) if error.is_in_doubt() || is_doubtful && error.is_unavailable() => {
                if backoff.tries == most {
                    // That the last try has not happened says nothing of those before it.
                    return Err(StoreError::in_doubt(error));
                }
                backoff.pause().await;
            }
            answer => return answer,
        }
    }
}
