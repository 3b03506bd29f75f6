//! Load, decide, store: what somebody else overtook is decided anew on what is stored by then.

use domain::limits;

use crate::commit;
use crate::error::StorageError;

/// The tries of one change, which is loaded, decided and stored in a loop.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Whether the loop begins again after this error: it does if somebody was faster, a while later and a bounded number
    /// of times. Any other error ends it.
    pub async fn another(&mut self, error: StorageError) -> Result<(), StorageError> {
        self.0 += 1;
        if !matches!(error, StorageError::Stale) || self.0 >= limits::WRITE_TRIES_MAX {
            return Err(error);
        }
        commit::pause(self.0).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_overtaken_is_tried_again_and_ends() {
        let mut tries = Tries::default();
        for _ in 1..limits::WRITE_TRIES_MAX {
            tries.another(StorageError::Stale).await.unwrap();
        }
        assert!(matches!(tries.another(StorageError::Stale).await, Err(StorageError::Stale)));
        let answer = StorageError::DoneBefore("1".into());
        let ended = Tries::default().another(answer).await;
        assert!(matches!(ended, Err(StorageError::DoneBefore(answer)) if answer == "1"));
    }
}
