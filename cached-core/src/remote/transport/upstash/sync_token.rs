//! The sync token: what the server gave with its last answer, and wants to see with the next request, so that a replica
//! answers it no earlier than it knows of our writes.

use crate::remote::transport::Command;
use http::HeaderValue;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) const HEADER: &str = "upstash-sync-token";

#[derive(Default)]
pub(super) struct SyncToken {
    latest: Mutex<(Option<HeaderValue>, u64)>,
}

/// What was known when a request was sent.
pub(super) struct Sent {
    pub(super) token: Option<HeaderValue>,
    number: u64,
    writes: bool,
}

impl SyncToken {
    /// To be sent along with a pipeline.
    pub(super) fn send(&self, commands: &[Command]) -> Sent {
        let latest = self.lock();
        let writes = commands.iter().any(|command| !is_read(command));
        Sent { token: latest.0.clone(), number: latest.1, writes }
    }

    /// Takes the token of an answer. Of requests under way at once, one that only read may know less than another
    /// that wrote and was answered first: its token is dropped.
    pub(super) fn receive(&self, sent: &Sent, token: Option<&HeaderValue>) {
        let mut latest = self.lock();
        if let Some(token) = token
            && (sent.writes || sent.number == latest.1)
        {
            *latest = (Some(token.clone()), latest.1 + 1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Option<HeaderValue>, u64)> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_read(command: &Command) -> bool {
    let reads: [&[u8]; 7] = [b"EXISTS", b"GET", b"INFO", b"MGET", b"SCAN", b"XINFO", b"XREAD"];
    reads.contains(&command.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_was_overtaken_takes_nothing_back() {
        let tokens = SyncToken::default();
        let (read, write) = ([Command::new("GET").arg("k")], [Command::new("DEL").arg("k")]);
        let token = |text: &'static str| HeaderValue::from_static(text);
        assert_eq!(tokens.send(&read).token, None);
        let (slow, fast) = (tokens.send(&read), tokens.send(&write));
        tokens.receive(&fast, Some(&token("2")));
        tokens.receive(&slow, Some(&token("1")));
        assert_eq!(tokens.send(&read).token, Some(token("2")));
        let later = tokens.send(&read);
        tokens.receive(&later, Some(&token("3")));
        tokens.receive(&tokens.send(&read), None);
        assert_eq!(tokens.send(&read).token, Some(token("3")));
    }
}
