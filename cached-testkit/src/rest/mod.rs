//! A REST front over a real Redis that answers as Upstash' does, and fails on demand. What it answers is pinned by
//! requests of the official client (`tests/rest`). It knows no `/multi-exec`, no commands in the path and no quota.
//! Source: <https://upstash.com/docs/redis/features/restapi>.

mod answer;
mod exchange;
mod serve;
mod state;

pub use exchange::Exchange;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use crate::error::StartError;
use crate::redis::RedisServer;
use crate::{ports, unique_name};
use state::{Fault, Planned, State};

/// Upstash' REST API over a private Redis, on a loopback port of its own. It ends when it is dropped.
///
/// ```no_run
/// use cached_testkit::{RedisServer, RestFront};
///
/// # fn main() -> Result<(), cached_testkit::StartError> {
/// let redis = RedisServer::start()?;
/// let front = RestFront::start(&redis)?;
/// println!("curl -X POST {} -H 'Authorization: Bearer {}' -d '[\"PING\"]'", front.url(), front.token());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RestFront {
    address: SocketAddr,
    state: Arc<State>,
    /// Dropped with the front, which ends its thread.
    _running: tokio::sync::oneshot::Sender<()>,
}

impl RestFront {
    /// Starts a front over a server. Whoever asks while the server is killed is told 503.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start(redis: &RedisServer) -> Result<Self, StartError> {
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, ports::free()?));
        // Somebody may take the port between our choice and its use.
        let listener = listen().or_else(|_| listen());
        let listener = listener.map_err(|error| StartError::io("finding a free port", &error))?;
        let state = Arc::new(State::new(redis.port(), unique_name("token")));
        let (running, ended) = tokio::sync::oneshot::channel();
        let starting = |error: std::io::Error| StartError::io("starting the REST front", &error);
        let address = listener.local_addr().map_err(starting)?;
        serve::spawn(listener, state.clone(), ended).map_err(starting)?;
        Ok(Self { address, state, _running: running })
    }

    /// `http://127.0.0.1:PORT`: the value of `UPSTASH_REDIS_REST_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The one token that it accepts: the value of `UPSTASH_REDIS_REST_TOKEN`.
    pub fn token(&self) -> &str {
        &self.state.token
    }

    /// Answers the next `count` requests with a status and runs nothing of them: 429, 503.
    pub fn fail_next(&self, count: u32, status: u16) {
        self.state.plan(Planned { fault: Fault::Status(status), left: count, command: None });
    }

    /// Runs the next request that holds a command, named in capitals, or a script that calls it, and breaks the connection before
    /// it is answered.
    pub fn lose_next(&self, command: &str) {
        self.state.plan(Planned { fault: Fault::Lost, left: 1, command: Some(command.into()) });
    }

    /// All that was asked so far and answered, in the order in which the answers were ready.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.exchanges()
    }
}
