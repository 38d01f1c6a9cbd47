//! A TCP proxy that breaks on demand what runs through it, and counts it.
//!
//! It knows enough of the Redis protocol to name commands; other protocols pass through it uncounted.

mod connection;
mod counts;
mod fault;
mod listener;
mod names;
mod shared;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

pub use self::fault::Fault;
use self::fault::{Faults, Loss};
use self::shared::Shared;

/// A TCP proxy in front of a server, on a loopback port of its own, that can break everything a network can.
///
/// ```no_run
/// use std::time::Duration;
/// use cached_testkit::{Fault, FaultProxy, RedisServer};
///
/// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
/// let redis = RedisServer::start()?;
/// let proxy = FaultProxy::start(redis.address()).await?;
/// // .. connect the service to proxy.url(), then:
/// proxy.set(Fault::Stall).await; // a hung server
/// proxy.set(Fault::Pass).await;
/// proxy.lose_reply_of("SET"); // executed, and nobody knows
/// assert_eq!(proxy.round_trips(), 3);
/// # Ok(())
/// # }
/// ```
///
/// It runs on the tokio runtime that started it, and ends, with its connections, when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    orders: mpsc::UnboundedSender<listener::Order>,
    faults: watch::Receiver<Faults>,
}

impl FaultProxy {
    /// Starts a proxy that passes everything to `upstream`, which need not be up yet.
    ///
    /// # Errors
    ///
    /// No loopback port can be bound.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// When cancelled nothing runs.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = listener::Socket::bind_any().await?;
        let address = listener.address()?;
        let shared = Arc::new(Shared::new(upstream));
        let (orders, inbox) = mpsc::unbounded_channel();
        let (sender, faults) = watch::channel(Faults::default());
        tokio::spawn(listener::run(listener, address, shared.clone(), inbox, sender));
        Ok(Self { address, shared, orders, faults })
    }

    /// `127.0.0.1:PORT` of the proxy.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `redis://127.0.0.1:PORT` of the proxy.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Switches to a fault, for connections that are open and for new ones.
    ///
    /// Once it has returned, nothing is passed on that the fault would stop.
    ///
    /// # Panics
    ///
    /// When the runtime that started the proxy is gone, or the port was taken by somebody else
    /// while the proxy [refused](Fault::Refuse).
    ///
    /// # Cancel safety
    ///
    /// When cancelled the switch still happens.
    pub async fn set(&self, fault: Fault) {
        let (done, is_done) = oneshot::channel();
        let sent = self.orders.send(listener::Order { fault, done });
        sent.expect("the runtime of the fault proxy is gone");
        is_done
            .await
            .expect("the runtime of the fault proxy is gone")
            .expect("the port of the fault proxy was taken by somebody else");
    }

    /// The fault that is set.
    pub fn fault(&self) -> Fault {
        self.faults.borrow().now
    }

    /// Cuts the connection of the next command after so many bytes of its reply. Once.
    pub fn cut_after(&self, reply_bytes: usize) {
        self.shared.trigger.arm(None, Loss::Reply { after: reply_bytes });
    }

    /// Cuts the connection of the next command in place of its reply. Once.
    ///
    /// The server has executed the command, and the client cannot know. On a connection with
    /// several commands in flight the reply of an earlier one is lost as well.
    pub fn lose_next_reply(&self) {
        self.cut_after(0);
    }

    /// Like [`lose_next_reply`](Self::lose_next_reply), for the next command of this name, such as `SET`.
    pub fn lose_reply_of(&self, command: &str) {
        self.shared.trigger.arm(Some(command), Loss::Reply { after: 0 });
    }

    /// Cuts the connection in place of passing on the next command of this name. Once.
    ///
    /// The server never sees it, nor what the client sent in the same write.
    pub fn lose_command(&self, command: &str) {
        self.shared.trigger.arm(Some(command), Loss::Command);
    }

    /// Whether a loss that was asked for by the methods above has yet to find its command.
    pub fn is_armed(&self) -> bool {
        self.shared.trigger.is_armed()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.counts.connections()
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> u64 {
        self.shared.counts.open_connections()
    }

    /// How often a client sent something after the server had replied, over all connections.
    ///
    /// A pipeline is one round trip. A client's greeting (`HELLO`, `CLIENT SETINFO`) counts too, so
    /// compare with the count before, or [`reset_counts`](Self::reset_counts) first.
    pub fn round_trips(&self) -> u64 {
        self.shared.counts.traffic().0
    }

    /// Round trips and commands of one moment.
    #[must_use]
    pub fn traffic(&self) -> (u64, BTreeMap<String, u64>) {
        self.shared.counts.traffic()
    }

    /// How many commands of each name, in capitals, were passed on.
    pub fn commands(&self) -> BTreeMap<String, u64> {
        self.shared.counts.traffic().1
    }

    /// How many commands of this name were passed on.
    pub fn commands_named(&self, name: &str) -> u64 {
        self.commands().get(&name.to_ascii_uppercase()).copied().unwrap_or(0)
    }

    /// Sets connections, round trips and commands back to zero; open connections stay counted.
    pub fn reset_counts(&self) {
        self.shared.counts.reset();
    }
}
