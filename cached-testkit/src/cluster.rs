//! A private Redis Cluster: three primaries on loopback, without replicas.

use std::time::Duration;

use crate::error::{StartError, StartErrorKind};
use crate::redis::RedisServer;
use crate::resp::{self, CommandError, Value};
use crate::{ports, wait};

const NODES: usize = 3;
const SLOTS: usize = 16_384;
const PATIENCE: Duration = Duration::from_secs(10);

/// A Redis Cluster of three nodes, gone when dropped or when the process ends.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts three nodes, gives each a third of the slots, and waits until they agree.
    ///
    /// # Errors
    ///
    /// See [`RedisBuilder::start`](crate::RedisBuilder::start).
    pub fn start() -> Result<Self, StartError> {
        let mut nodes = Vec::new();
        let mut bus = Vec::new();
        for _ in 0..NODES {
            let port = ports::free().map_err(|e| StartError::io("finding a free port", &e))?;
            let server = RedisServer::builder()
                .arg("--cluster-enabled", "yes")
                .arg("--cluster-config-file", "nodes.conf")
                .arg("--cluster-node-timeout", "2000")
                .arg("--cluster-port", &port.to_string());
            nodes.push(server.start()?);
            bus.push(port.to_string());
        }
        for (at, node) in nodes.iter().enumerate() {
            let (from, to) = (SLOTS * at / NODES, SLOTS * (at + 1) / NODES - 1);
            node.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()]);
            node.cli(&["CLUSTER", "ADDSLOTSRANGE", &from.to_string(), &to.to_string()]);
            for (other, bus) in nodes.iter().zip(&bus).take(at) {
                node.cli(&["CLUSTER", "MEET", "127.0.0.1", &other.port().to_string(), bus]);
            }
        }
        let this = Self { nodes };
        this.wait()?;
        Ok(this)
    }

    /// The nodes, each with its own slots.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// `redis://127.0.0.1:PORT` of each node.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// Kills every node.
    pub fn kill(&self) {
        self.nodes.iter().for_each(RedisServer::kill);
    }

    /// Starts every node again, with its slots and without its keys, and waits until they agree.
    ///
    /// # Errors
    ///
    /// See [`RedisServer::restart`].
    pub fn restart(&self) -> Result<(), StartError> {
        for node in &self.nodes {
            node.restart()?;
        }
        self.wait()
    }

    /// Runs one command on the node of its key, wherever that is.
    ///
    /// # Errors
    ///
    /// See [`RedisServer::command`].
    pub fn command<A: AsRef<[u8]>>(&self, arguments: &[A]) -> Result<Value, CommandError> {
        match self.nodes[0].command(arguments) {
            // `MOVED slot host:port`
            Err(CommandError::Refused(told)) if told.starts_with("MOVED ") => {
                let port = told.rsplit(':').next().and_then(|port| port.parse().ok());
                match port {
                    Some(port) => resp::command(port, PATIENCE, arguments),
                    None => Err(CommandError::Refused(told)),
                }
            }
            answer => answer,
        }
    }

    /// Moves a slot, with its keys, to another node.
    ///
    /// # Panics
    ///
    /// When a node refuses a step.
    #[track_caller]
    pub fn move_slot(&self, slot: u16, to: usize) {
        let from = self.holder(slot);
        if from == to {
            return;
        }
        self.open(slot, from, to);
        while self.migrate(slot, from, to, 100) > 0 {}
        let id = self.nodes[to].cli(&["CLUSTER", "MYID"]);
        for node in [&self.nodes[to], &self.nodes[from]].into_iter().chain(&self.nodes) {
            node.cli(&["CLUSTER", "SETSLOT", &slot.to_string(), "NODE", &id]);
        }
    }

    /// Moves half of a slot's keys to another node, and stops there: the slot is on its way.
    ///
    /// # Panics
    ///
    /// When a node refuses a step.
    #[track_caller]
    pub fn move_half(&self, slot: u16) {
        let from = self.holder(slot);
        let to = (from + 1) % NODES;
        self.open(slot, from, to);
        let keys = self.nodes[from].cli(&["CLUSTER", "COUNTKEYSINSLOT", &slot.to_string()]);
        self.migrate(slot, from, to, keys.parse::<usize>().unwrap_or(0) / 2);
    }

    fn holder(&self, slot: u16) -> usize {
        let own = |node: &RedisServer| {
            let nodes = node.cli(&["CLUSTER", "NODES"]);
            nodes.lines().any(|line| line.contains("myself") && holds(line, slot))
        };
        self.nodes.iter().position(own).expect("every slot has a node")
    }

    fn open(&self, slot: u16, from: usize, to: usize) {
        let slot = slot.to_string();
        let id = |node: usize| self.nodes[node].cli(&["CLUSTER", "MYID"]);
        self.nodes[to].cli(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]);
        self.nodes[from].cli(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(to)]);
    }

    /// Moves some keys of a slot; how many they were.
    fn migrate(&self, slot: u16, from: usize, to: usize, most: usize) -> usize {
        let (slot, most) = (slot.to_string(), most.to_string());
        let keys = self.nodes[from].cli(&["CLUSTER", "GETKEYSINSLOT", &slot, &most]);
        let port = self.nodes[to].port().to_string();
        for key in keys.lines() {
            self.nodes[from].cli(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
        }
        keys.lines().count()
    }

    fn wait(&self) -> Result<(), StartError> {
        let agreed = |node: &RedisServer| {
            let info = node.command(&["CLUSTER", "INFO"]).map(|info| info.to_string());
            info.is_ok_and(|info| {
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            })
        };
        match wait::within(wait::GENEROUS, || self.nodes.iter().all(agreed)) {
            true => Ok(()),
            false => Err(StartError::new(
                StartErrorKind::NotReady,
                "the nodes of the cluster did not agree within a minute",
            )),
        }
    }
}

/// Whether a line of `CLUSTER NODES` names a slot, alone or in a range.
fn holds(line: &str, slot: u16) -> bool {
    line.split_whitespace().skip(8).any(|range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(from), Ok(to)) if (from..=to).contains(&slot))
    })
}
