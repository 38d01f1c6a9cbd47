//! The Redis transport over redis-rs: one multiplexed connection, and one of its own for commands that block.
//!
//! redis-rs' `ConnectionManager` does not reconnect after a response timeout, so a hung connection is
//! replaced here: whoever waited in vain calls `reset`.

use super::{Command, Fault, Reply, Transport, TransportFuture};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError, Value};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

pub(crate) struct Redis {
    client: Client,
    connect_timeout: Duration,
    shared: Slot,
    blocking: Slot,
}

/// A connection, replaced when it broke or hung.
#[derive(Default)]
struct Slot {
    connection: Mutex<Option<(u64, MultiplexedConnection)>>,
    /// Connections made before this number are not used any more.
    valid_from: AtomicU64,
    made: AtomicU64,
}

impl Redis {
    pub(crate) fn new(url: &str, connect_timeout: Duration) -> Result<Self, RedisError> {
        let client = Client::open(url)?;
        Ok(Self { client, connect_timeout, shared: Slot::default(), blocking: Slot::default() })
    }

    /// The slot's connection and its number; connects if there is none. Callers who come meanwhile wait for
    /// that one attempt, each no longer than its own timeout.
    async fn connection(&self, slot: &Slot) -> Result<(u64, MultiplexedConnection), Fault> {
        let mut held = slot.connection.lock().await;
        if let Some((number, connection)) = &*held
            && *number >= slot.valid_from.load(Ordering::Acquire)
        {
            return Ok((*number, connection.clone()));
        }
        *held = None;
        // Timeouts are kept by whoever asks: a blocking read may take long, a look-up may not.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = tokio::time::timeout(self.connect_timeout, connecting)
            .await
            .map_err(|_| Fault::Timeout)?
            .map_err(fault)?;
        let number = slot.made.fetch_add(1, Ordering::AcqRel) + 1;
        *held = Some((number, connection.clone()));
        Ok((number, connection))
    }

    async fn run(&self, slot: &Slot, commands: &[Command]) -> Result<Vec<Reply>, Fault> {
        let (number, mut connection) = self.connection(slot).await?;
        let mut pipeline = Pipeline::with_capacity(commands.len());
        for command in commands {
            let mut cmd = redis::Cmd::new();
            for arg in command.args() {
                cmd.arg(&arg[..]);
            }
            pipeline.add_command(cmd);
        }
        match connection.req_packed_commands(&pipeline, 0, commands.len()).await {
            Ok(values) => Ok(values.into_iter().map(reply).collect()),
            Err(error) => {
                if error.is_unrecoverable_error() || error.is_io_error() {
                    slot.drop_through(number);
                }
                Err(fault(error))
            }
        }
    }
}

impl Slot {
    /// Connections up to this number are not used any more.
    fn drop_through(&self, number: u64) {
        self.valid_from.fetch_max(number + 1, Ordering::AcqRel);
    }
}

impl Transport for Redis {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move { self.run(&self.shared, &commands).await })
    }

    fn reset(&self) {
        self.shared.drop_through(self.shared.made.load(Ordering::Acquire));
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
                    self.blocking.drop_through(self.blocking.made.load(Ordering::Acquire));
                    Err(Fault::Timeout)
                }
            }
        }))
    }
}

fn reply(value: Value) -> Reply {
    match value {
        Value::Nil => Reply::Nil,
        Value::Int(number) => Reply::Int(number),
        Value::BulkString(bytes) => Reply::Bytes(bytes),
        Value::SimpleString(text) => Reply::Bytes(text.into_bytes()),
        Value::Okay => Reply::Bytes(b"OK".to_vec()),
        Value::Array(values) | Value::Set(values) => {
            Reply::Array(values.into_iter().map(reply).collect())
        }
        // RESP3 maps read like RESP2's flat arrays, so that one reader serves both.
        Value::Map(pairs) => Reply::Array(
            pairs.into_iter().flat_map(|(key, value)| [reply(key), reply(value)]).collect(),
        ),
        // As on the wire: the code, then the text.
        Value::ServerError(error) => {
            Reply::Error(format!("{} {}", error.code(), error.details().unwrap_or_default()))
        }
        other => {
            Reply::Error(format!("unexpected kind of answer: {other:?}").chars().take(80).collect())
        }
    }
}

fn fault(error: RedisError) -> Fault {
    if error.is_timeout() {
        Fault::Timeout
    } else if error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal()
    {
        Fault::Io(error.to_string())
    } else {
        Fault::Refused(error.to_string())
    }
}
