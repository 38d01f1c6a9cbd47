//! A single Redis, or the primary that sentinels name: one multiplexed connection, and one of its own for commands
//! that block.
//!
//! redis-rs' `ConnectionManager` does not reconnect after a response timeout, so a hung connection is
//! replaced here: whoever waited in vain calls `reset`.

use super::convert::{cmd, fault, reply};
use super::origin::Origin;
use super::slot::Slot;
use crate::remote::transport::{Command, Fault, Reply, Shard, Transport, TransportFuture};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Pipeline, RedisError};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Redis {
    connect_timeout: Duration,
    shared: Slot<MultiplexedConnection>,
    blocking: Slot<MultiplexedConnection>,
}

impl Redis {
    pub(super) fn new(origin: Origin, connect_timeout: Duration) -> Self {
        let origin = Arc::new(origin);
        let connect = move || connect(origin.clone(), connect_timeout);
        Self { connect_timeout, shared: Slot::new(connect.clone()), blocking: Slot::new(connect) }
    }

    async fn run(
        &self,
        slot: &Slot<MultiplexedConnection>,
        commands: &[Command],
    ) -> Result<Vec<Reply>, Fault> {
        let (number, mut connection) = slot.connection().await?;
        match answers(&mut connection, commands).await {
            Ok(replies) => {
                if replies.iter().any(is_demoted) && slot.drop_through(number) {
                    // It reads from the same server, where nothing new comes any more.
                    self.blocking.drop_all();
                }
                Ok(replies)
            }
            Err(error) => {
                if error.is_unrecoverable_error() || error.is_io_error() {
                    slot.drop_through(number);
                }
                Err(fault(error))
            }
        }
    }
}

async fn connect(origin: Arc<Origin>, timeout: Duration) -> Result<MultiplexedConnection, Fault> {
    // Timeouts are kept by whoever asks: a blocking read may take long, a look-up may not.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(None);
    let connecting = origin.connect(&config);
    tokio::time::timeout(timeout, connecting).await.map_err(|_| Fault::Timeout)?
}

async fn answers(
    connection: &mut MultiplexedConnection,
    commands: &[Command],
) -> Result<Vec<Reply>, RedisError> {
    // The common read; a pipeline of one takes redis-rs twice the work.
    if let [command] = commands {
        let value = connection.send_packed_command(&cmd(command)).await?;
        return Ok(vec![reply(value)]);
    }
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(cmd(command));
    }
    let values = connection.send_packed_commands(&pipeline, 0, commands.len()).await?;
    Ok(values.into_iter().map(reply).collect())
}

/// The primary was made a replica: a new connection finds out who took its place.
fn is_demoted(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(error) if error.starts_with("READONLY") || error.starts_with("UNBLOCKED"))
}

impl Transport for Redis {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move { self.run(&self.shared, &commands).await })
    }

    /// They share a connection.
    fn in_order(&self) -> bool {
        true
    }

    fn reset(&self) {
        self.shared.drop_all();
    }

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        let patience = wait + self.connect_timeout;
        Some(Box::pin(async move {
            let running = self.run(&self.blocking, std::slice::from_ref(&command));
            match tokio::time::timeout(patience, running).await {
                Ok(replies) => replies?.pop().ok_or(Fault::Io("no answer".into())),
                Err(_) => {
                    self.blocking.drop_all();
                    Err(Fault::Timeout)
                }
            }
        }))
    }

    /// One server; a new connection may lead to another process, where a cursor of `SCAN` means nothing.
    fn shards(&self) -> TransportFuture<'_, Result<Vec<Shard>, Fault>> {
        Box::pin(async move {
            let (number, _) = self.shared.connection().await?;
            Ok(vec![Shard::new("", number.to_string(), false)])
        })
    }
}
