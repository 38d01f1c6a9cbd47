//! What is put at names where nothing stands, leases and generations, as the server takes it. Who asks for it, and what the
//! other answers mean, is in `look_up` and with the callers.

use super::refusal::unexpected;
use super::script;
use super::transport::{Command, Fault, Reply, Resends};
use crate::codec::Form;
use crate::identity;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long a tag's generation is kept, in milliseconds. One that expires makes its entries misses.
pub(super) const GENERATION_MS: u64 = 8 * 86_400_000;

/// How names are set where nothing is.
pub(super) struct Taking {
    pub(super) form: Form,
    /// How long a lease lives, in milliseconds.
    pub(super) lease_ms: u64,
    resends: Resends,
    /// The server refuses `SET .. NX GET` (before 7.0): a script does the same, as it does where leases are made by one.
    scripted: AtomicBool,
    /// Each is asked for on its own: the server refuses the script for many, or may not be sent that.
    apart: AtomicBool,
}

impl Taking {
    pub(super) fn new(form: Form, lease_ms: u64, resends: Resends) -> Self {
        // Behind REST a read may be a replica's, which does not know yet what the script has put; and nowhere may that run twice.
        let apart = AtomicBool::new(form == Form::Text || resends > Resends::Never);
        let scripted = AtomicBool::new(resends == Resends::Late);
        Self { form, lease_ms, resends, scripted, apart }
    }

    /// From now on a script does what the server's `SET` does not.
    pub(super) fn by_script(&self) {
        self.scripted.store(true, Ordering::Relaxed);
    }

    /// Whether each look-up is asked for on its own.
    pub(super) fn is_apart(&self) -> bool {
        self.apart.load(Ordering::Relaxed)
    }

    /// From now on each is.
    pub(super) fn each_apart(&self) {
        self.apart.store(true, Ordering::Relaxed);
    }

    /// The bytes of a new lease. Where a command may run late they stand otherwise: [`ours`](Self::ours) gives them.
    pub(super) fn lease(&self) -> Vec<u8> {
        self.form.lease(identity::unique_wide())
    }

    /// Takes a lease where nothing stands. Who was answered may hold it while an invalidation ends it: what runs late must
    /// not put it back.
    pub(super) fn take(&self, name: &str, lease: &[u8]) -> Command {
        if self.resends == Resends::Late {
            return self.dated(name, lease);
        }
        self.set_if_absent(name, lease, self.lease_ms)
    }

    /// Takes a lease in place of bytes that begin like this and are so long.
    pub(super) fn take_over(&self, name: &str, head: &[u8], length: u64, lease: &[u8]) -> Command {
        if self.resends == Resends::Late {
            return self.dated(name, lease).arg(head).num(length);
        }
        script::replace(name, head, length, lease, self.lease_ms)
    }

    /// A lease with the server's time in it.
    fn dated(&self, name: &str, lease: &[u8]) -> Command {
        let (before, after) = self.form.around_time(lease);
        script::call(script::LEASE, name).arg(before).arg(after).num(self.lease_ms)
    }

    /// Our lease as it stands, if that is what the answer to its taking says.
    pub(super) fn ours(&self, answer: &Reply, lease: &[u8]) -> Option<Vec<u8>> {
        match answer {
            Reply::Nil => Some(lease.to_vec()),
            // Asked twice, because the first answer was lost or did not say enough.
            Reply::Bytes(bytes) if bytes == lease => Some(lease.to_vec()),
            Reply::Bytes(bytes) if self.resends == Resends::Late && bytes.len() == lease.len() => {
                let of = |lease| self.form.around_time(lease);
                (of(bytes) == of(lease)).then(|| bytes.to_vec())
            }
            _ => None,
        }
    }

    /// The same of the answer to a taking in place of other bytes. `None`: somebody was faster.
    pub(super) fn took_over(
        &self,
        answer: Option<Reply>,
        lease: &[u8],
    ) -> Result<Option<Vec<u8>>, Fault> {
        match answer {
            Some(Reply::Int(done)) => Ok((done == 1).then(|| lease.to_vec())),
            Some(answer @ Reply::Bytes(_)) if self.resends == Resends::Late => {
                Ok(self.ours(&answer, lease))
            }
            other => Err(unexpected(other)),
        }
    }

    pub(super) fn set_if_absent(&self, name: &str, value: &[u8], millis: u64) -> Command {
        if self.scripted.load(Ordering::Relaxed) {
            script::call(script::SET_IF_ABSENT, name).arg(value).num(millis)
        } else {
            Command::new("SET").arg(name).arg(value).arg("NX").arg("GET").arg("PX").num(millis)
        }
    }

    /// A generation where none is. Between two runs somebody may have read it, and an invalidation ended it: what runs twice
    /// must not put it back.
    pub(super) fn set_generation(&self, name: &str, generation: &str) -> Command {
        if self.resends > Resends::Never {
            return script::call(script::GENERATE, name).arg(generation).num(GENERATION_MS);
        }
        self.set_if_absent(name, generation.as_bytes(), GENERATION_MS).once()
    }
}

/// What a pipeline puts where generations are missing: each of its commands another. One that is put a second time may have
/// ended in between, and what was loaded under it would count as new again.
#[derive(Clone, Copy)]
pub(super) struct Fresh(u64);

impl Fresh {
    pub(super) fn new() -> Self {
        Self(identity::unique())
    }

    /// What one of the commands puts, as it is stored.
    pub(super) fn text(self, command: usize) -> String {
        format!("{:016x}", self.0.wrapping_add(command as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decoded, decode_stored};

    fn args(command: &Command) -> Vec<Vec<u8>> {
        command.args().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn where_nothing_runs_late_a_lease_stands_as_it_was_sent() {
        for resends in [Resends::Never, Resends::InOrder] {
            let taking = Taking::new(Form::Bytes, 500, resends);
            let lease = taking.lease();
            assert_eq!(args(&taking.take("k", &lease))[..3], [b"SET", &b"k"[..], &lease]);
            assert_eq!(args(&taking.take_over("k", b"old", 3, &lease))[6], lease);
            assert_eq!(taking.ours(&Reply::Nil, &lease), Some(lease.clone()));
            assert_eq!(taking.ours(&Reply::bytes(lease.clone()), &lease), Some(lease.clone()));
            assert_eq!(taking.took_over(Some(Reply::Int(1)), &lease), Ok(Some(lease.clone())));
            assert_eq!(taking.took_over(Some(Reply::Int(0)), &lease), Ok(None));
            let mut other = lease.clone();
            other[5] ^= 1;
            assert_eq!(taking.ours(&Reply::bytes(other), &lease), None);
        }
    }

    /// What a server answers, which has put its time between what it was sent.
    fn answered(command: &Command, time: &str) -> Vec<u8> {
        let args = args(command);
        [&args[4][..], time.as_bytes(), &args[5]].concat()
    }

    #[test]
    fn where_a_command_may_run_late_the_server_dates_leases() {
        for form in [Form::Bytes, Form::Text] {
            let taking = Taking::new(form, 500, Resends::Late);
            let (lease, other) = (taking.lease(), taking.lease());
            for command in [taking.take("k", &lease), taking.take_over("k", b"old", 3, &lease)] {
                assert_eq!(args(&command)[6], b"500");
                let stands = answered(&command, "0123cdef");
                assert_eq!(stands.len(), lease.len());
                assert_eq!(decode_stored(stands.clone().into()), Decoded::Lease);
                let answer = Reply::bytes(stands.clone());
                assert_eq!(taking.ours(&answer, &lease), Some(stands.clone()));
                assert_eq!(taking.ours(&answer, &other), None);
                assert_eq!(taking.took_over(Some(answer.clone()), &lease), Ok(Some(stands)));
                assert_eq!(taking.took_over(Some(answer), &other), Ok(None));
            }
            assert_eq!(taking.ours(&Reply::bytes(lease[1..].to_vec()), &lease), None);
        }
    }
}
