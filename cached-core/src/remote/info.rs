//! What the servers say of themselves. Read for people and graphs; nothing is decided by it.

use super::protocol::Remote;
use super::refusal::unexpected;
use super::transport::{Command, Fault, Reply};
use serde::Serialize;

/// What the servers of a remote tier say of themselves, summed over them. All keys of a server count, whoever wrote them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServerInfo {
    /// How many servers answered.
    pub servers: u64,
    /// `used_memory`, in bytes.
    pub used_memory: u64,
    /// `maxmemory`, in bytes; 0 where there is no limit.
    pub max_memory: u64,
    /// `evicted_keys`: dropped for want of memory since the servers started.
    pub evicted_keys: u64,
    /// `expired_keys`: gone at the end of their lives since the servers started.
    pub expired_keys: u64,
    /// `connected_clients`.
    pub clients: u64,
}

impl Remote {
    /// `INFO` of every server.
    pub(crate) async fn server_info(&self) -> Result<ServerInfo, Fault> {
        let shards = self.shards().await?;
        let ask = |shard| Command::new("INFO").on(shard).alongside();
        let mut sum = ServerInfo::default();
        for reply in self.exec(shards.iter().map(ask).collect()).await? {
            match reply {
                Reply::Bytes(text) => sum.add(&String::from_utf8_lossy(&text)),
                Reply::Error(error) => return Err(Fault::Refused(error)),
                other => return Err(unexpected(Some(other))),
            }
        }
        Ok(sum)
    }
}

impl ServerInfo {
    fn add(&mut self, info: &str) {
        self.servers += 1;
        for (name, value) in info.lines().filter_map(|line| line.split_once(':')) {
            let field = match name {
                "used_memory" => &mut self.used_memory,
                "maxmemory" => &mut self.max_memory,
                "evicted_keys" => &mut self.evicted_keys,
                "expired_keys" => &mut self.expired_keys,
                "connected_clients" => &mut self.clients,
                _ => continue,
            };
            *field += value.trim().parse().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_summed() {
        let mut sum = ServerInfo::default();
        sum.add("# Memory\r\nused_memory:100\r\nmaxmemory:0\r\n");
        sum.add("used_memory:50\r\nevicted_keys:7\r\nexpired_keys:x\r\nconnected_clients:2\r\n");
        let expected = ServerInfo {
            servers: 2,
            used_memory: 150,
            evicted_keys: 7,
            clients: 2,
            ..ServerInfo::default()
        };
        assert_eq!(sum, expected);
    }
}
