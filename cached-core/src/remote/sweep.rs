//! Removing what a glob matches: `SCAN` over every server, until it is sure that no key slipped past the cursor.

use super::notice::Notice;
use super::protocol::Remote;
use super::refusal::unexpected;
use super::transport::{Command, Fault, Reply, Shard};
use crate::codec::Form;
use crate::key::Pattern;
use bytes::Bytes;

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
    ///
    /// A notice, if one is given, is renewed at each step, and must stand until the end.
    pub(super) async fn remove_all(
        &self,
        glob: &str,
        notice: Option<&Notice>,
    ) -> Result<u64, Fault> {
        self.remove_where(&self.layout.entries(glob), |_| true, notice).await
    }

    /// Removes every key that a pattern matches, and every key that ends in a digest of which it cannot be said.
    pub(super) async fn remove_matching(
        &self,
        pattern: &Pattern,
        notice: Option<&Notice>,
    ) -> Result<u64, Fault> {
        let removed = self.remove_all(pattern.as_str(), notice).await?;
        let start = self.layout.entry("").len();
        let digested = self.layout.entries(&format!("*~{}", "?".repeat(32)));
        let may_match = |name: &[u8]| {
            let key = name.get(start..).map(String::from_utf8_lossy);
            key.is_none_or(|key| pattern.matches(&key))
        };
        Ok(removed + self.remove_where(&digested, may_match, notice).await?)
    }

    async fn remove_where(
        &self,
        glob: &str,
        doomed: impl Fn(&[u8]) -> bool + Send + Sync,
        notice: Option<&Notice>,
    ) -> Result<u64, Fault> {
        let mut removed = 0;
        let mut same = 0;
        let mut before = self.shards().await?;
        for _ in 0..PASSES {
            for shard in &before {
                removed += self.sweep(shard, glob, &doomed, notice).await?;
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

    pub(super) async fn shards(&self) -> Result<Vec<Shard>, Fault> {
        match tokio::time::timeout(self.timeout, self.transport.shards()).await {
            Ok(shards) => shards,
            Err(_) => {
                self.transport.reset();
                Err(Fault::Timeout)
            }
        }
    }

    /// Keys are text: a name that is not is none of ours, and some transports could not say it.
    fn can_name(&self, key: &[u8]) -> bool {
        self.form == Form::Bytes || std::str::from_utf8(key).is_ok()
    }

    /// One pass over one server.
    async fn sweep(
        &self,
        shard: &Shard,
        glob: &str,
        condemned: &(impl Fn(&[u8]) -> bool + Send + Sync),
        notice: Option<&Notice>,
    ) -> Result<u64, Fault> {
        let mut cursor = Bytes::from_static(b"0");
        let mut removed = 0;
        // Removed in one pipeline with the next step.
        let mut doomed: Vec<Command> = Vec::new();
        loop {
            let scan = Command::new("SCAN").arg(&cursor).arg("MATCH").arg(glob);
            doomed.push(scan.arg("COUNT").num(SCAN_COUNT).on(shard).alongside());
            doomed.extend(notice.map(|notice| self.renewal(notice)));
            let mut replies = self.checked(std::mem::take(&mut doomed)).await?;
            if notice.is_some() {
                Self::check(replies.pop())?;
            }
            let found = replies.pop();
            removed += count(&replies);
            let Some(Reply::Array(mut page)) = found else { return Err(unexpected(found)) };
            let (Some(Reply::Array(keys)), Some(Reply::Bytes(next))) = (page.pop(), page.pop())
            else {
                return Err(unexpected(None));
            };
            // One key a command, so that a cluster can route each.
            doomed.extend(keys.into_iter().filter_map(|key| match key {
                Reply::Bytes(key) if self.can_name(&key) && condemned(&key) => {
                    Some(Command::new("UNLINK").arg(key).alongside())
                }
                _ => None,
            }));
            cursor = next;
            if cursor == "0" {
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
