//! A private Redis with a replica, and three sentinels that watch over both.

use std::ffi::OsString;
use std::time::Duration;

use crate::daemon::Daemon;
use crate::error::{StartError, StartErrorKind};
use crate::redis::RedisServer;
use crate::resp::{self, CommandError, Value};
use crate::supervisor::Supervisor;
use crate::{ports, program, wait};

const NAME: &str = "mymaster";
const PATIENCE: Duration = Duration::from_secs(10);

/// Two Redis servers, one the other's replica, and three sentinels. Gone when dropped or when the process ends.
#[derive(Debug)]
pub struct RedisSentinel {
    servers: [RedisServer; 2],
    sentinels: Vec<Sentinel>,
}

#[derive(Debug)]
struct Sentinel {
    daemon: Daemon,
    port: u16,
}

impl RedisSentinel {
    /// Starts all five and waits until the sentinels know one another and the replica has caught up.
    ///
    /// # Errors
    ///
    /// See [`RedisBuilder::start`](crate::RedisBuilder::start).
    pub fn start() -> Result<Self, StartError> {
        let builder = || RedisServer::builder().arg("--repl-diskless-sync-delay", "0");
        let primary = builder().start()?;
        let port = primary.port().to_string();
        let replica = builder().words(&["--replicaof", "127.0.0.1", &port]).start()?;
        let mut sentinels = Vec::new();
        for _ in 0..3 {
            sentinels.push(Sentinel::start(primary.port())?);
        }
        let this = Self { servers: [primary, replica], sentinels };
        this.wait("the sentinels know the replica and one another", || this.is_ready())?;
        Ok(this)
    }

    /// `redis://127.0.0.1:PORT` of each sentinel.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels
            .iter()
            .map(|sentinel| format!("redis://127.0.0.1:{}", sentinel.port))
            .collect()
    }

    /// The name under which they watch the primary.
    pub fn name(&self) -> &'static str {
        NAME
    }

    /// The server that the sentinels take for the primary.
    ///
    /// # Panics
    ///
    /// When the first sentinel does not answer.
    #[track_caller]
    pub fn primary(&self) -> &RedisServer {
        let port = self.sentinels[0].primary().expect("the sentinel answers");
        let found = self.servers.iter().find(|server| server.port() == port);
        found.expect("the sentinels watch one of our servers")
    }

    /// Kills the primary and waits until the sentinels have made the other server the primary.
    ///
    /// # Errors
    ///
    /// They have not within a minute.
    pub fn fail_over(&self) -> Result<(), StartError> {
        let old = self.primary().port();
        self.primary().kill();
        self.wait("the sentinels agree on another primary", || {
            self.sentinels.iter().all(|sentinel| {
                sentinel.primary().is_some_and(|port| port != old && is_primary(port))
            })
        })
    }

    /// Kills both servers; the sentinels go on.
    pub fn kill(&self) {
        self.servers.iter().for_each(RedisServer::kill);
    }

    /// Starts both servers again, without their keys, and waits until they are as before.
    ///
    /// # Errors
    ///
    /// See [`RedisServer::restart`]; also when the primary is not accepted within a minute.
    pub fn restart(&self) -> Result<(), StartError> {
        self.servers.iter().try_for_each(RedisServer::restart)?;
        self.wait("the sentinels take one server for the primary, and it is", || {
            self.sentinels.iter().all(|sentinel| sentinel.primary().is_some_and(is_primary))
        })
    }

    fn is_ready(&self) -> bool {
        let linked =
            self.servers[1].cli(&["INFO", "replication"]).contains("master_link_status:up");
        linked
            && self.sentinels.iter().all(|sentinel| {
                sentinel
                    .ask(&["SENTINEL", "CKQUORUM", NAME])
                    .is_ok_and(|answer| answer.contains("OK 3 "))
                    && sentinel
                        .ask(&["SENTINEL", "REPLICAS", NAME])
                        .is_ok_and(|all| !all.is_empty())
            })
    }

    fn wait(&self, what: &str, condition: impl FnMut() -> bool) -> Result<(), StartError> {
        match wait::within(wait::GENEROUS, condition) {
            true => Ok(()),
            false => {
                let message = format!("waited a minute, and still not: {what}");
                Err(StartError::new(StartErrorKind::NotReady, message))
            }
        }
    }
}

impl Sentinel {
    fn start(primary: u16) -> Result<Self, StartError> {
        let program = program::find(&["redis-server", "valkey-server"], &[])?;
        let io = |error: std::io::Error| StartError::io("starting a sentinel", &error);
        let supervisor = Supervisor::launch("KILL").map_err(io)?;
        let port = ports::free().map_err(io)?;
        let folder = supervisor.folder().to_path_buf();
        // It writes what it learns into this file.
        let file = folder.join("sentinel.conf");
        let settings = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {NAME} 127.0.0.1 {primary} 2\n\
             sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 3000\n",
            folder.display()
        );
        std::fs::write(&file, settings).map_err(io)?;
        let argv: Vec<OsString> = vec![program.into(), file.into(), "--sentinel".into()];
        let this = Self { daemon: Daemon::new(supervisor, argv), port };
        this.daemon.start(|_| this.ask(&["PING"]).is_ok())?;
        Ok(this)
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, CommandError> {
        resp::command(self.port, PATIENCE, arguments).map(|answer| answer.to_string())
    }

    fn primary(&self) -> Option<u16> {
        let answer = self.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]).ok()?;
        answer.lines().nth(1)?.parse().ok()
    }
}

fn is_primary(port: u16) -> bool {
    let role = resp::command(port, PATIENCE, &["ROLE"]);
    matches!(role, Ok(Value::Array(fields)) if fields.first().is_some_and(|role| role.to_string() == "master"))
}
