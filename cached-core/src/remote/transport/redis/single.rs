//! A single Redis, or the primary that sentinels name: one multiplexed connection, and one of its own for commands
//! that block.
//!
//! redis-rs' `ConnectionManager` does not reconnect after a response timeout, so a hung connection is
//! replaced here: whoever waited in vain calls `reset`.

use super::connection::Connection;
use super::origin::Origin;
use super::slot::Slot;
use crate::remote::transport::{Command, Fault, Reply, Shard, Transport, TransportFuture};
use redis::AsyncConnectionConfig;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Redis {
    connect_timeout: Duration,
    shared: Slot<Connection>,
    blocking: Slot<Connection>,
}

impl Redis {
    pub(super) fn new(origin: Origin, connect_timeout: Duration) -> Self {
        let origin = Arc::new(origin);
        let connect = move || connect(origin.clone(), connect_timeout);
        Self { connect_timeout, shared: Slot::new(connect.clone()), blocking: Slot::new(connect) }
    }

    async fn run(
        &self,
        slot: &Slot<Connection>,
        commands: &[Command],
    ) -> Result<Vec<Reply>, Fault> {
        let (mut number, mut connection) = slot.connection().await?;
        if connection.has_ended() {
            slot.drop_through(number);
            (number, connection) = slot.connection().await?;
        }
        let answered = connection.ask(commands).await;
        self.learn(slot, number, answered)
    }

    /// Has another connection made where the answer says that this one is of no use any more.
    fn learn(
        &self,
        slot: &Slot<Connection>,
        number: u64,
        answered: Result<Vec<Reply>, (Fault, bool)>,
    ) -> Result<Vec<Reply>, Fault> {
        match answered {
            Ok(replies) => {
                if replies.iter().any(is_demoted) && slot.drop_through(number) {
                    // Both lead to the same server, where nothing new comes any more, and what is read is what it was.
                    self.shared.drop_all();
                    self.blocking.drop_all();
                }
                Ok(replies)
            }
            Err((fault, is_broken)) => {
                if is_broken {
                    slot.drop_through(number);
                }
                Err(fault)
            }
        }
    }
}

async fn connect(origin: Arc<Origin>, timeout: Duration) -> Result<Connection, Fault> {
    // Timeouts are kept by whoever asks: a blocking read may take long, a look-up may not.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(None);
    let connecting = origin.connect(&config);
    tokio::time::timeout(timeout, connecting).await.map_err(|_| Fault::Timeout)?
}

/// The primary was made a replica: a new connection finds out who took its place.
fn is_demoted(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(error) if error.starts_with("READONLY") || error.starts_with("UNBLOCKED"))
}

impl Transport for Redis {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        // The common way: sent at once, by a future that holds the answer and nothing else.
        if let Some((number, Connection::Line(line))) = self.shared.made()
            && !line.has_ended()
        {
            let asking = line.ask(&commands);
            return Box::pin(async move {
                let answered = asking.await.map_err(|fault| (fault, true));
                self.learn(&self.shared, number, answered)
            });
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use redis::IntoConnectionInfo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Says the same to whatever it hears: so often on each connection, which it then closes.
    async fn serve(listener: TcpListener, often: usize) {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            for _ in 0..often {
                if socket.read(&mut [0; 4096]).await.unwrap() == 0 {
                    break;
                }
                socket.write_all(b"+OK\r\n").await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_meanwhile_costs_no_fault() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, 1));
        let info = format!("redis://{address}").into_connection_info().unwrap();
        // No greeting, so that what it says is the answer.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        let client = redis::Client::open(info.set_redis_settings(settings)).unwrap();
        let redis = Redis::new(Origin::Server(Box::new(client)), Duration::from_secs(5));
        for _ in 0..3 {
            let answer = redis.pipeline(vec![Command::new("PING")]).await;
            assert_eq!(answer, Ok(vec![Reply::Bytes("OK".into())]));
            let (_, connection) = redis.shared.connection().await.unwrap();
            while !connection.has_ended() {
                tokio::task::yield_now().await;
            }
        }
        server.abort();
    }
}
