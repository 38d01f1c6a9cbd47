//! The step of the protocol that ends leases which stand longer than leases live: bytes of the same shape that nobody of this
//! version wrote, and that may never expire. Whoever looks up next then takes the key.

use super::protocol::Remote;
use super::refusal::{is_full, unexpected};
use super::script;
use super::transport::{Command, Fault, Reply};
use crate::codec::fnv;

/// The shortest life that Redis knows: what is put in such a lease's place is gone at once.
const AT_ONCE_MS: u64 = 1;

impl Remote {
    /// Ends leases, each told by its key and its digest, if they are still there. Says which it has ended.
    ///
    /// `GET` of each, then a script that compares and sets: two round trips.
    pub(crate) async fn end_leases(&self, leases: &[(&str, u64)]) -> Result<Vec<bool>, Fault> {
        let mut ended = vec![false; leases.len()];
        let names = leases.iter().enumerate().flat_map(|(at, (key, _))| {
            [self.layout.entry(key), self.layout.renewal(key)].map(|name| (at, name))
        });
        let names: Vec<(usize, String)> = names.collect();
        let gets = names.iter().map(|(_, name)| Command::new("GET").arg(name).alongside());
        let replies = self.exec(gets.collect()).await?;
        let (mut asked, mut swaps) = (Vec::new(), Vec::new());
        for ((at, name), reply) in names.iter().zip(replies) {
            if let Reply::Bytes(bytes) = reply
                && fnv(&bytes) == leases[*at].1
            {
                let (head, length) = self.form.start_of(&bytes);
                let lease = self.taking.lease();
                asked.push(*at);
                swaps.push(script::replace(name, &head, length, &lease, AT_ONCE_MS).alongside());
            }
        }
        if swaps.is_empty() {
            return Ok(ended);
        }
        for (at, reply) in asked.into_iter().zip(self.exec(swaps).await?) {
            match reply {
                Reply::Int(done) => ended[at] |= done == 1,
                Reply::Error(why) if is_full(&why) => {}
                other => return Err(unexpected(Some(other))),
            }
        }
        Ok(ended)
    }
}
