//! The step of the protocol that takes the lease of a stale entry, which stays for others to serve.

use super::acquire::Known;
use super::ask::Ask;
use super::protocol::{Claim, Found, Remote};
use super::refusal::unexpected;
use super::transport::{Command, Fault, Reply};
use crate::codec::{Entry, fnv};
use crate::key::Key;

impl Remote {
    /// Takes the right to load anew what a stale entry holds: `SET renewal lease NX GET PX`
    /// and `GET key`, one round trip.
    ///
    /// The fill replaces the entry if it is still there: an invalidation deletes it, and with it this right.
    pub(crate) async fn acquire_renewal(
        &self,
        key: &str,
        tags: &[Key],
        with_sequence: bool,
        old: &Entry,
    ) -> Result<Found, Fault> {
        let (head, length) = self.form.start_of(old.bytes());
        let token = self.taking.lease();
        let ask = Ask::new(tags, with_sequence);
        let mut commands = vec![
            self.taking.set_if_absent(&self.layout.renewal(key), &token, self.taking.lease_ms),
            Command::new("GET").arg(self.layout.entry(key)),
        ];
        commands.extend(self.commands(&ask));
        let mut replies = self.exec(commands).await?.into_iter();
        let (first, present) = (replies.next(), replies.next());
        let busy = match first {
            Some(Reply::Nil) => None,
            Some(Reply::Bytes(bytes)) if bytes == token => None,
            Some(Reply::Bytes(bytes)) => Some(fnv(&bytes)),
            other => return Err(unexpected(other)),
        };
        if busy.is_some() {
            return Ok(Found::Busy(busy));
        }
        let claim = Claim::Renewal { token, head, length };
        let (stamps, sequence) = match ask.answered(replies) {
            Ok(read) => read,
            Err(fault) => {
                // Nobody is to wait for it.
                self.release(key, &Known::default().by(claim)).await?;
                return Err(fault);
            }
        };
        let held = Known { stamps, sequence, unreadable: false }.by(claim);
        if !matches!(present, Some(Reply::Bytes(bytes)) if bytes == old.bytes()) {
            // Who had the lease before has filled, or the key was invalidated: look again.
            self.release(key, &held).await?;
            return Ok(Found::Busy(None));
        }
        Ok(Found::Held(held))
    }
}
