//! Accepting connections, and not accepting them; the one place where the fault is switched.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};

use super::connection;
use super::fault::{Fault, Faults};
use super::shared::Shared;
use crate::ports;
use crate::wait::GENEROUS;

/// A switch to another fault.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) fault: Fault,
    pub(super) done: oneshot::Sender<io::Result<()>>,
}

/// One listening socket, seen through tokio and directly.
#[derive(Debug)]
pub(super) struct Socket {
    evented: TcpListener,
    /// Does not depend on what tokio's driver has noticed so far.
    direct: std::net::TcpListener,
}

impl Socket {
    async fn bind(address: SocketAddr) -> io::Result<Self> {
        // By tokio, which lets a port be bound again at once.
        let direct = TcpListener::bind(address).await?.into_std()?;
        Ok(Self { evented: TcpListener::from_std(direct.try_clone()?)?, direct })
    }

    /// Binds a port that stays free while nothing listens on it.
    pub(super) async fn bind_any() -> io::Result<Self> {
        let mut attempts = 10;
        loop {
            attempts -= 1;
            match Self::bind((Ipv4Addr::LOCALHOST, ports::free()?).into()).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && attempts > 0 => {}
                result => return result,
            }
        }
    }

    async fn bind_again(address: SocketAddr) -> io::Result<Self> {
        let start = Instant::now();
        loop {
            match Self::bind(address).await {
                Err(_) if start.elapsed() < GENEROUS => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                result => return result,
            }
        }
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.direct.local_addr()
    }

    /// A connection that is waiting already.
    fn accept_waiting(&self) -> Option<TcpStream> {
        let stream = self.direct.accept().ok()?.0;
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    }
}

/// Runs until the proxy is dropped; the connections end with `faults`.
pub(super) async fn run(
    socket: Socket,
    address: SocketAddr,
    shared: Arc<Shared>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    faults: watch::Sender<Faults>,
) {
    let mut socket = Some(socket);
    let mut number = 0;
    let mut open = |client| {
        shared.counts.add_connection();
        number += 1;
        let first = *faults.borrow();
        if first.now != Fault::Cut {
            let receiver = faults.subscribe();
            tokio::spawn(connection::run(client, number, shared.clone(), receiver, first));
        }
    };
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => {
                let Some(Order { fault, done }) = order else { return };
                // Who connected before the switch belongs to the time before it.
                while let Some(client) = socket.as_ref().and_then(Socket::accept_waiting) {
                    open(client);
                }
                let mut result = Ok(());
                if fault == Fault::Refuse {
                    socket = None;
                } else if socket.is_none() {
                    result = Socket::bind_again(address).await.map(|bound| socket = Some(bound));
                }
                faults.send_modify(|faults| faults.set(fault));
                let _ = done.send(result);
            }
            accepted = accept(socket.as_ref()) => {
                if let Ok(client) = accepted {
                    open(client);
                }
            }
        }
    }
}

async fn accept(socket: Option<&Socket>) -> io::Result<TcpStream> {
    match socket {
        Some(socket) => Ok(socket.evented.accept().await?.0),
        None => std::future::pending().await,
    }
}
