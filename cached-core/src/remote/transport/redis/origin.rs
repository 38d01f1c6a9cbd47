//! Where a connection comes from: a server, or the primary that sentinels name.

use super::connection::Connection;
use super::convert::fault;
use crate::remote::transport::Fault;
use redis::{AsyncConnectionConfig, Client};

#[cfg(feature = "redis-cluster")]
type Sentinel = std::sync::Arc<tokio::sync::Mutex<redis::sentinel::SentinelClient>>;

pub(super) enum Origin {
    Server(Box<Client>),
    /// One client for each sentinel.
    #[cfg(feature = "redis-cluster")]
    Sentinels(Vec<Sentinel>),
}

impl Origin {
    pub(super) async fn connect(
        &self,
        config: &AsyncConnectionConfig,
    ) -> Result<Connection, Fault> {
        match self {
            Self::Server(client) => Connection::to(client, config).await.map_err(fault),
            #[cfg(feature = "redis-cluster")]
            Self::Sentinels(sentinels) => primary(sentinels, config).await,
        }
    }
}

/// Asks all sentinels at once and takes the first primary that answers: one sentinel that hangs delays nobody.
#[cfg(feature = "redis-cluster")]
async fn primary(
    sentinels: &[Sentinel],
    config: &AsyncConnectionConfig,
) -> Result<Connection, Fault> {
    let mut asking = tokio::task::JoinSet::new();
    for sentinel in sentinels {
        let (sentinel, config) = (sentinel.clone(), config.clone());
        asking.spawn(async move {
            let client = sentinel.lock().await.async_get_client().await.map_err(fault)?;
            Connection::to(&client, &config).await.map_err(fault)
        });
    }
    let mut last = Fault::Io("no sentinel knows the primary".into());
    while let Some(ended) = asking.join_next().await {
        match ended {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(fault)) => last = fault,
            Err(_) => {}
        }
    }
    Err(last)
}
