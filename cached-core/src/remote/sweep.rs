//! Removing what a glob matches: `SCAN` over every server, until it is sure that no key slipped past the cursor.

use super::protocol::{Remote, unexpected};
use super::transport::{Command, Fault, Reply, Shard};

/// Keys per step of a scan.
const SCAN_COUNT: u64 = 1_000;
/// Passes over all servers before it gives up for now; the queue tries again.
const PASSES: u32 = 8;

impl Remote {
    /// Removes every key that a glob matches, leases included; how many they were.
    ///
    /// `SCAN` gives every key that is there from its start to its end, on one server, in one process. So the
    /// servers are asked before and after what they hold: if that changed, another pass follows. While keys move
    /// between servers a key can move once from one that is not visited yet to one that was: the pass after that
    /// finds it, so two passes in a row must see the same.
    pub(super) async fn remove_all(&self, glob: &str) -> Result<u64, Fault> {
        let glob = self.layout.entries(glob);
        let mut removed = 0;
        let mut same = 0;
        let mut before = self.shards().await?;
        for _ in 0..PASSES {
            for shard in &before {
                removed += self.sweep(shard, &glob).await?;
            }
            let after = self.shards().await?;
            same = if after == before { same + 1 } else { 0 };
            let needed = if after.iter().any(Shard::is_moving) { 2 } else { 1 };
            if same >= needed {
                return Ok(removed);
            }
            before = after;
        }
        Err(Fault::Refused("the servers change faster than they can be scanned".into()))
    }

    async fn shards(&self) -> Result<Vec<Shard>, Fault> {
        match tokio::time::timeout(self.timeout, self.transport.shards()).await {
            Ok(shards) => shards,
            Err(_) => {
                self.transport.reset();
                Err(Fault::Timeout)
            }
        }
    }

    /// One pass over one server.
    async fn sweep(&self, shard: &Shard, glob: &str) -> Result<u64, Fault> {
        let mut cursor = b"0".to_vec();
        let mut removed = 0;
        // Removed in one pipeline with the next step.
        let mut doomed: Vec<Command> = Vec::new();
        loop {
            let scan = Command::new("SCAN").arg(&cursor).arg("MATCH").arg(glob);
            doomed.push(scan.arg("COUNT").num(SCAN_COUNT).on(shard).alongside());
            let mut replies = self.checked(std::mem::take(&mut doomed)).await?;
            let found = replies.pop();
            removed += count(&replies);
            let Some(Reply::Array(mut page)) = found else { return Err(unexpected(found)) };
            let (Some(Reply::Array(keys)), Some(Reply::Bytes(next))) = (page.pop(), page.pop())
            else {
                return Err(unexpected(None));
            };
            // One key a command, so that a cluster can route each.
            doomed.extend(keys.into_iter().filter_map(|key| match key {
                Reply::Bytes(key) => Some(Command::new("UNLINK").arg(key).alongside()),
                _ => None,
            }));
            cursor = next;
            if cursor == b"0" {
                break;
            }
        }
        if !doomed.is_empty() {
            removed += count(&self.checked(doomed).await?);
        }
        Ok(removed)
    }
}

fn count(replies: &[Reply]) -> u64 {
    let removed = replies.iter().filter(|reply| matches!(reply, Reply::Int(1..)));
    removed.count() as u64
}
