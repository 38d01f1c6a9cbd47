//! One connection through the proxy: what passes, what is lost, how it ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

use super::fault::{Fault, Faults, Loss};
use super::names::Names;
use super::shared::Shared;

const PIECE: usize = 16 * 1024;
/// No loss is under way.
const NEVER: u64 = u64::MAX;

struct Connection {
    number: u64,
    shared: Arc<Shared>,
    faults: watch::Receiver<Faults>,
    /// The faults when the connection was accepted.
    first: Faults,
    /// Whether the server had the last word, so that the client's next one begins a round trip.
    server_spoke: AtomicBool,
    /// After so many bytes of reply the connection is cut.
    cut_in: AtomicU64,
}

/// Runs one accepted connection to its end.
pub(super) async fn run(
    client: TcpStream,
    number: u64,
    shared: Arc<Shared>,
    faults: watch::Receiver<Faults>,
    first: Faults,
) {
    let counted = shared.clone();
    let _open = counted.counts.open();
    let this = Connection {
        number,
        shared,
        faults,
        first,
        server_spoke: AtomicBool::new(true),
        cut_in: AtomicU64::new(NEVER),
    };
    // How a connection ends is nobody's error.
    let _ = this.run(client).await;
}

impl Connection {
    async fn run(&self, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let (mut from_client, mut to_client) = client.into_split();
        let mut server = None;
        if self.first.now.flows() {
            let stream = TcpStream::connect(self.shared.upstream).await?;
            stream.set_nodelay(true)?;
            let (mut from_server, mut to_server) = stream.into_split();
            tokio::select! {
                biased;
                () = self.until(|faults| faults.breaks > self.first.breaks) => {}
                result = self.requests(&mut from_client, &mut to_server) => return result,
                result = self.replies(&mut from_server, &mut to_client) => return result,
            }
            // A hung server still has the connection; one behind a forgetful firewall has not.
            let keep = self.faults.borrow().last_break == Fault::Stall;
            server = keep.then_some((from_server, to_server));
        }
        let closed = |faults: &Faults| faults.closes > self.first.closes;
        let result = tokio::select! {
            biased;
            () = self.until(closed) => Ok(()),
            result = swallow(&mut from_client) => result,
        };
        drop((server, to_client));
        result
    }

    /// Passes on what the client sends, until somebody closes or a loss strikes.
    async fn requests(
        &self,
        client: &mut OwnedReadHalf,
        server: &mut OwnedWriteHalf,
    ) -> io::Result<()> {
        let mut names = Names::default();
        let mut buffer = vec![0; PIECE];
        loop {
            let length = client.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            self.may_flow().await;
            let piece = &buffer[..length];
            let commands = names.feed(piece);
            match self.shared.trigger.take(&commands) {
                Some(Loss::Command) => return Ok(()),
                Some(Loss::Reply { after }) => self.cut_in.store(after as u64, Ordering::SeqCst),
                None => {}
            }
            let begins = self.server_spoke.swap(false, Ordering::SeqCst);
            self.shared.counts.add(&commands, begins);
            server.write_all(piece).await?;
        }
    }

    /// Passes on what the server replies, as the fault has it, until somebody closes or a loss strikes.
    async fn replies(
        &self,
        server: &mut OwnedReadHalf,
        client: &mut OwnedWriteHalf,
    ) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        let mut random = None;
        loop {
            let length = server.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            if let Fault::Slow(delay) = self.fault() {
                tokio::time::sleep(delay).await;
            }
            self.may_flow().await;
            let piece = &mut buffer[..length];
            self.server_spoke.store(true, Ordering::SeqCst);
            if let Fault::Garbage { seed } = self.fault() {
                let random = random.get_or_insert_with(|| {
                    fastrand::Rng::with_seed(seed.wrapping_add(self.number))
                });
                random.fill(piece);
            }
            let left = self.cut_in.load(Ordering::SeqCst);
            if left < length as u64 {
                return client.write_all(&piece[..left as usize]).await;
            }
            client.write_all(piece).await?;
            if left != NEVER {
                self.cut_in.fetch_sub(length as u64, Ordering::SeqCst);
            }
        }
    }

    /// Waits while everything is held back, for ever if the flow has ended: the caller is then dropped.
    async fn may_flow(&self) {
        self.until(|faults| faults.now != Fault::Freeze).await;
        if self.faults.borrow().breaks > self.first.breaks {
            std::future::pending().await
        }
    }

    /// Waits until the faults are like this, or the proxy is gone.
    async fn until(&self, like_this: impl Fn(&Faults) -> bool) {
        let _ = self.faults.clone().wait_for(like_this).await;
    }

    fn fault(&self) -> Fault {
        self.faults.borrow().now
    }
}

/// Reads and forgets, until the client closes.
async fn swallow(client: &mut OwnedReadHalf) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    while client.read(&mut buffer).await? > 0 {}
    Ok(())
}
