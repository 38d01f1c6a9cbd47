//! A connection to one server: our own, or redis-rs' where that one does not do.

use super::convert::{cmd, fault, reply};
use super::line::Line;
use crate::remote::transport::{Command, Fault, Reply};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError};

#[derive(Clone)]
pub(super) enum Connection {
    Line(Line),
    /// Over TLS, or in RESP3.
    Client(MultiplexedConnection),
}

impl Connection {
    pub(super) async fn to(
        client: &Client,
        config: &AsyncConnectionConfig,
    ) -> Result<Self, RedisError> {
        if let Some(line) = Line::connect(client, config).await? {
            return Ok(Self::Line(line));
        }
        client.get_multiplexed_async_connection_with_config(config).await.map(Self::Client)
    }

    /// Whether it is known to be of no use any more.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self, Self::Line(line) if line.has_ended())
    }

    /// The answers, and behind a fault whether another connection is to be made.
    pub(super) async fn ask(self, commands: &[Command]) -> Result<Vec<Reply>, (Fault, bool)> {
        match self {
            Self::Line(line) => line.ask(commands).await.map_err(|fault| (fault, true)),
            Self::Client(mut it) => answers(&mut it, commands).await.map_err(|error| {
                let is_broken = error.is_unrecoverable_error() || error.is_io_error();
                (fault(error), is_broken)
            }),
        }
    }
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
