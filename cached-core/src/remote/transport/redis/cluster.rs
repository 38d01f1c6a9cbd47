//! A Redis Cluster. redis-rs routes each command to the node of its key and follows redirections; what is added
//! here is the order between commands, `SCAN` over all nodes, and a new start where nothing answers.

use super::convert::{cmd, fault, refusal, reply};
use super::slot::Slot;
use super::topology::Topology;
use crate::remote::transport::{Command, Fault, Reply, Resends, Shard, Transport, TransportFuture};
use futures_util::future::try_join_all;
use redis::aio::ConnectionLike;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{RedisError, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// Longer than anybody here waits: timeouts are kept by whoever asks.
const LONG: Duration = Duration::from_secs(30);

/// How many connecting timeouts nodes that answer late are given, where nobody waits.
const PATIENCE: u32 = 10;

pub(crate) struct Cluster {
    client: ClusterClient,
    connect_timeout: Duration,
    shared: Slot<ClusterConnection>,
    blocking: Slot<ClusterConnection>,
    renewing: Arc<AtomicBool>,
}

impl Cluster {
    pub(super) fn new(
        builder: ClusterClientBuilder,
        connect_timeout: Duration,
    ) -> Result<Self, RedisError> {
        // A command that finds its slot elsewhere is sent again; one that finds nobody waits for the breaker.
        let builder = builder.retries(3).min_retry_wait(5).max_retry_wait(50);
        let client = builder
            .connection_timeout(connect_timeout)
            .response_timeout(LONG)
            .overall_response_timeout(None)
            .build()?;
        let connect = {
            let client = client.clone();
            move || connect(client.clone(), connect_timeout)
        };
        let (shared, blocking) = (Slot::new(connect.clone()), Slot::new(connect));
        Ok(Self { client, connect_timeout, shared, blocking, renewing: Arc::default() })
    }

    async fn run(
        &self,
        slot: &Slot<ClusterConnection>,
        commands: &[Command],
    ) -> Result<Vec<Reply>, Fault> {
        let (number, connection) = slot.connection().await?;
        let mut replies = Vec::with_capacity(commands.len());
        for wave in commands.chunk_by(|_, next| next.is_alongside()) {
            let running = wave.iter().map(|command| send(connection.clone(), command));
            match try_join_all(running).await {
                Ok(answers) => replies.extend(answers),
                Err(fault) => {
                    // A node that is gone is replaced by redis-rs itself; a cluster that is gone is not.
                    slot.drop_through(number);
                    return Err(fault);
                }
            }
        }
        Ok(replies)
    }

    async fn topology(&self) -> Result<Vec<Shard>, Fault> {
        let (number, connection) = self.shared.connection().await?;
        let shards = topology(connection).await;
        if let Err(Fault::Refused(_)) = &shards {
            // Whom we know is not who is there: learn it anew.
            self.shared.drop_through(number);
        }
        shards
    }

    /// Connects to all nodes anew, one attempt at a time, and goes on with what there is until each of them answers.
    fn renew(&self, runtime: &Handle) {
        if self.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let renewal = Renewal(self.renewing.clone());
        let (client, slot) = (self.client.clone(), self.shared.clone());
        let patience = self.connect_timeout * PATIENCE;
        runtime.spawn(async move {
            let renewed = tokio::time::timeout(patience, async {
                let connection = client.get_async_connection().await.map_err(fault)?;
                topology(connection.clone()).await?;
                Ok::<_, Fault>(connection)
            });
            if let Ok(Ok(connection)) = renewed.await {
                slot.put(connection);
            }
            drop(renewal);
        });
    }
}

async fn connect(client: ClusterClient, timeout: Duration) -> Result<ClusterConnection, Fault> {
    let connected = tokio::time::timeout(timeout, client.get_async_connection()).await;
    connected.map_err(|_| Fault::Timeout)?.map_err(fault)
}

/// Ends with the attempt, also if the runtime ends before it does.
struct Renewal(Arc<AtomicBool>);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The primaries, if all of them answer.
async fn topology(mut connection: ClusterConnection) -> Result<Vec<Shard>, Fault> {
    let mut ask = async |name: &str, subject: &str| {
        let mut cmd = redis::cmd(name);
        cmd.arg(subject);
        let everybody = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match connection.route_command(cmd, everybody).await {
            Ok(Value::Map(answers)) => Ok(answers),
            Ok(_) => Err(Fault::Io("an answer of an unexpected kind to CLUSTER NODES".into())),
            Err(error) => Err(fault(error)),
        }
    };
    let (nodes, info) = (ask("CLUSTER", "NODES").await?, ask("INFO", "server").await?);
    let shards = Topology::read(nodes, info).and_then(Topology::shards);
    shards.map_err(|why| Fault::Refused(why.into()))
}

async fn send(mut connection: ClusterConnection, command: &Command) -> Result<Reply, Fault> {
    let cmd = cmd(command);
    let node = command.shard().and_then(|shard| {
        let (host, port) = shard.address().rsplit_once(':')?;
        let (host, port) = (host.to_owned(), port.parse().ok()?);
        Some(RoutingInfo::SingleNode(SingleNodeRoutingInfo::ByAddress { host, port }))
    });
    let answered = match node {
        Some(node) => connection.route_command(cmd, node).await,
        None => connection.req_packed_command(&cmd).await,
    };
    match answered {
        Ok(value) => Ok(reply(value)),
        Err(error) => refusal(&error).map(Reply::Error).ok_or_else(|| fault(error)),
    }
}

impl Transport for Cluster {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move { self.run(&self.shared, &commands).await })
    }

    /// A node that is down must not fail the reads of others' keys.
    fn coalesces(&self) -> bool {
        false
    }

    /// Whoever waited in vain does not know which node hangs. The others' connections are kept until new ones stand.
    fn reset(&self) {
        match Handle::try_current() {
            Ok(runtime) => self.renew(&runtime),
            Err(_) => self.shared.drop_all(),
        }
    }

    /// Over connections of its own: on the shared one everybody would wait.
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

    /// redis-rs sends any command again where a connection breaks: a value that is put takes its place when that runs for the
    /// last time.
    fn resends(&self) -> Resends {
        Resends::InOrder
    }

    fn is_spread(&self) -> bool {
        true
    }

    fn shards(&self) -> TransportFuture<'_, Result<Vec<Shard>, Fault>> {
        Box::pin(self.topology())
    }
}
