//! Which server a cache was told to use, and how to get a transport to it. Connects to nothing yet.

use super::Transport;
use crate::error::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// The remote tier as the builder was told of it.
pub(crate) enum Server {
    None,
    Given(Arc<dyn Transport>),
    #[cfg(feature = "redis")]
    Redis(String),
}

impl Server {
    /// A transport that connects within `timeout`; `None` if there is no remote tier.
    pub(crate) fn transport(self, timeout: Duration) -> Result<Option<Arc<dyn Transport>>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Given(transport) => Ok(Some(transport)),
            #[cfg(feature = "redis")]
            Self::Redis(url) => {
                // The URL may hold a password: it is not repeated.
                let redis = super::redis::Redis::new(&url, timeout).map_err(|error| {
                    Error::new(
                        ErrorKind::Config,
                        "the Redis URL cannot be read: write it as redis://user:password@host:6379/0",
                    )
                    .with(error)
                })?;
                Ok(Some(Arc::new(redis)))
            }
        }
    }
}
