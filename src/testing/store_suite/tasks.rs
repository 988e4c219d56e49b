//! Many at once.

use super::fault::StoreFault;
use tokio::task::JoinSet;

/// What each future gives, in their order. Each is a task.
#[expect(clippy::disallowed_methods, reason = "the suite is no work of a request")]
pub(super) async fn at_once<F>(
    futures: impl IntoIterator<Item = F>,
) -> Result<Vec<F::Output>, StoreFault>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (place, future) in futures.into_iter().enumerate() {
        tasks.spawn(async move { (place, future.await) });
    }
    let mut outputs = Vec::new();
    while let Some(done) = tasks.join_next().await {
        outputs.push(done.map_err(|error| StoreFault::new(format!("a call: {error}")))?);
    }
    outputs.sort_by_key(|(place, _)| *place);
    Ok(outputs.into_iter().map(|(_, output)| output).collect())
}
