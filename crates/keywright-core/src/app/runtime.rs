//! Work off the network tasks, and counts for the window.

use crate::CoreError;

/// A count for the window; saturates at `u32::MAX`.
pub(crate) fn small<T: TryInto<u32>>(count: T) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

/// Deriving a key takes half a second on purpose: it must not hold up the network tasks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CoreError> + Send + 'static,
) -> Result<T, CoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|source| CoreError::Task { source })?
}
