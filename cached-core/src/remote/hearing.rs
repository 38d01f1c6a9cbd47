//! Who has heard what. Each listener puts on record how far in the stream of invalidations it has got, and a writer that
//! is to return after everybody has heard looks there. When a writer waits at all is `write`'s to say.
//!
//! The record of a listener ends with its trust: who is not on record, or has not passed a message a life of a record after
//! it was sent, serves no local copy. So the wait is bounded, and needs no answer to end.

use super::position::Position;
use super::protocol::Remote;
use super::script;
use super::transport::{Command, Reply};
use std::time::Duration;

/// The pause between two looks at the record; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

/// Where in the stream a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Announced {
    At(Position),
    /// In a stream that began anew, or in none: others drop their local tiers, and no record tells when.
    Lost,
}

impl Default for Announced {
    fn default() -> Self {
        Self::At(Position::default())
    }
}

impl Remote {
    /// Puts on record that a listener has told all messages up to a position.
    pub(super) fn record(&self, origin: &str, at: Position, life_ms: u64) -> Command {
        script::call(script::HEARD, &self.layout.hearing())
            .arg(origin)
            .arg(at.to_string())
            .num(life_ms)
    }

    /// Waits until every other process has heard a message, or a record's life has passed. A server that does not answer
    /// makes it the latter.
    ///
    /// # Cancel safety
    /// It changes nothing.
    pub(crate) async fn heard_by_all(&self, message: Announced, origin: &str, life_ms: u64) {
        let life = Duration::from_millis(life_ms);
        let Announced::At(message) = message else {
            return tokio::time::sleep(life).await;
        };
        let heard = async {
            let mut pause = FIRST_PAUSE;
            while !self.all_have_passed(message, origin, life_ms).await {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        // Later than that nobody trusts what they had before the message.
        let _ = tokio::time::timeout(life, heard).await;
    }

    async fn all_have_passed(&self, message: Position, origin: &str, life_ms: u64) -> bool {
        let ask = script::call(script::LISTENERS, &self.layout.hearing()).arg(origin).num(life_ms);
        match self.exec(vec![ask]).await.map(|mut replies| replies.pop()) {
            Ok(Some(Reply::Array(others))) => others
                .iter()
                .all(|at| Position::parse(at).is_some_and(|position| position >= message)),
            _ => false,
        }
    }
}
