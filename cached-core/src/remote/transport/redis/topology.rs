//! Which primaries hold a cluster's slots, as they say themselves (`CLUSTER NODES`), and whether all were asked.

use crate::remote::transport::Shard;
use redis::Value;
use std::collections::BTreeMap;

/// What the primaries answered, by node id.
pub(super) struct Topology {
    asked: BTreeMap<String, Shard>,
    /// Ids of those that somebody says hold slots.
    holders: Vec<String>,
}

impl Topology {
    /// From answers by address: `CLUSTER NODES` and `INFO server` of every primary that is known.
    pub(super) fn read(
        nodes: Vec<(Value, Value)>,
        info: Vec<(Value, Value)>,
    ) -> Result<Self, &'static str> {
        let mut processes = BTreeMap::new();
        for (address, text) in info {
            let text = string(text).ok_or("INFO did not answer with text")?;
            let run_id = text.lines().find_map(|line| line.strip_prefix("run_id:"));
            processes.insert(string(address), run_id.unwrap_or_default().trim().to_owned());
        }
        let mut this = Self { asked: BTreeMap::new(), holders: Vec::new() };
        for (address, text) in nodes {
            let text = string(text).ok_or("CLUSTER NODES did not answer with text")?;
            let address = string(address);
            let process = processes.get(&address).ok_or("a node answered once and not twice")?;
            this.hear(&address.unwrap_or_default(), process, &text);
        }
        Ok(this)
    }

    /// `id address flags primary ping pong epoch link slots..`, one node a line. On its own line a node also says
    /// which slots are on their way: `[93->-id]`, `[93-<-id]`.
    fn hear(&mut self, address: &str, process: &str, text: &str) {
        for line in text.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [id, _, flags, _, _, _, _, _, slots @ ..] = &fields[..] else { continue };
            if flags.contains("myself") {
                let moving = slots.iter().any(|slot| slot.starts_with('['));
                let state = format!("{process} {}", slots.join(" "));
                self.asked.insert((*id).to_owned(), Shard::new(address, state, moving));
            }
            if flags.contains("master") && !slots.is_empty() {
                self.holders.push((*id).to_owned());
            }
        }
    }

    /// The primaries, if each that holds slots was asked.
    pub(super) fn shards(self) -> Result<Vec<Shard>, &'static str> {
        match self.holders.iter().all(|id| self.asked.contains_key(id)) && !self.asked.is_empty() {
            true => Ok(self.asked.into_values().collect()),
            false => Err("some nodes of the cluster hold slots and were not asked"),
        }
    }
}

fn string(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    fn shards(nodes: &[(&str, &str)]) -> Result<Vec<Shard>, &'static str> {
        let info = nodes.iter().map(|(at, _)| (text(at), text("# Server\r\nrun_id:r1\r\n")));
        let nodes = nodes.iter().map(|(at, lines)| (text(at), text(lines)));
        Topology::read(nodes.collect(), info.collect()).and_then(Topology::shards)
    }

    const A: &str = "a 127.0.0.1:1@11 myself,master - 0 0 1 connected 0-9";
    const B: &str = "b 127.0.0.1:2@12 master - 0 0 2 connected 10-16383";
    const REPLICA: &str = "c 127.0.0.1:3@13 slave b 0 0 2 connected";

    #[test]
    fn all_primaries_must_have_been_asked() {
        let a = format!("{A}\n{B}\n{REPLICA}\n");
        let b = a.replace("myself,", "").replace(":2@12 master", ":2@12 myself,master");
        let found = shards(&[("127.0.0.1:1", &a), ("127.0.0.1:2", &b)]).unwrap();
        assert_eq!(found[0], Shard::new("127.0.0.1:1", "r1 0-9", false));
        assert_eq!(found[1], Shard::new("127.0.0.1:2", "r1 10-16383", false));
        assert!(shards(&[("127.0.0.1:1", &a)]).is_err());
        assert!(shards(&[]).is_err());
    }

    #[test]
    fn slots_on_their_way_are_seen() {
        let moving = format!("{A} [93->-b]\n");
        assert!(shards(&[("127.0.0.1:1", &moving)]).unwrap()[0].is_moving());
    }
}
