//! A Redis stream, as far as the backplane uses one: `XADD`, `XINFO STREAM`, `XREAD` of one field.

use crate::remote::transport::Reply;
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Default)]
pub(super) struct Stream {
    last: (u64, u64),
    added: u64,
    messages: VecDeque<((u64, u64), Vec<Reply>)>,
}

impl Stream {
    /// Adds a message and keeps no more than `most`; its id.
    pub(super) fn add(&mut self, fields: &[Vec<u8>], most: Option<usize>) -> Reply {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
        self.last = if now > self.last.0 { (now, 0) } else { (self.last.0, self.last.1 + 1) };
        self.added += 1;
        let fields = fields.iter().cloned().map(Reply::bytes).collect();
        self.messages.push_back((self.last, fields));
        while most.is_some_and(|most| self.messages.len() > most) {
            self.messages.pop_front();
        }
        id(self.last)
    }

    pub(super) fn info(&self) -> Reply {
        let name = |name: &'static str| Reply::bytes(name);
        let number = |n: u64| Reply::Int(n.try_into().unwrap_or(i64::MAX));
        Reply::Array(vec![
            name("length"),
            number(self.messages.len() as u64),
            name("last-generated-id"),
            id(self.last),
            name("entries-added"),
            number(self.added),
        ])
    }

    /// The first messages after a position; `None` if there are none.
    pub(super) fn read(&self, after: (u64, u64), count: usize) -> Option<Reply> {
        let newer = self.messages.iter().filter(|(at, _)| *at > after).take(count);
        let messages: Vec<_> = newer
            .map(|(at, fields)| Reply::Array(vec![id(*at), Reply::Array(fields.clone())]))
            .collect();
        (!messages.is_empty()).then_some(Reply::Array(messages))
    }
}

fn id((ms, seq): (u64, u64)) -> Reply {
    Reply::bytes(format!("{ms}-{seq}"))
}

/// Reads an id.
pub(super) fn position(text: &[u8]) -> Option<(u64, u64)> {
    let (ms, seq) = std::str::from_utf8(text).ok()?.split_once('-')?;
    Some((ms.parse().ok()?, seq.parse().ok()?))
}
