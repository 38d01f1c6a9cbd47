//! The notice that stands in a namespace while an invalidation removes its keys one after the other: a scan, or keys on
//! several servers. Who reads it and what follows is the readers' business.
//!
//! A load begun in the middle, of a key that is removed already, may read another one that is not removed yet. What it
//! stored would outlive the invalidation. So a load that reads cached values looks for the notice after it has taken
//! its lease and before it reads: if none stands, every invalidation that begins later finds the lease; if one stands,
//! the load stores nothing for others.

use super::protocol::{Remote, unexpected};
use super::script;
use super::transport::{Command, Fault, Reply};
use std::time::Duration;

/// How long a notice stands by itself, should the process that put it up die. Each step renews it; a step takes no longer
/// than the operation timeout.
const LIFE: Duration = Duration::from_secs(10);

/// A notice that is known to stand.
pub(super) struct Notice {
    mark: Vec<u8>,
    /// Whether we have put it up; else another process has, and takes it down.
    ours: bool,
}

impl Remote {
    /// Puts a notice up, or joins the one that stands. `None` on a server that is full: it can take none, and few fills.
    pub(super) async fn put_up(&self) -> Result<Option<Notice>, Fault> {
        let mark = format!("{:016x}", fastrand::u64(..)).into_bytes();
        let set = self.set_if_absent(&self.layout.notice(), &mark, self.notice_ms());
        match self.exec(vec![set]).await?.pop() {
            Some(Reply::Nil) => Ok(Some(Notice { mark, ours: true })),
            Some(Reply::Bytes(mark)) => Ok(Some(Notice { mark, ours: false })),
            Some(Reply::Error(error)) if error.starts_with("OOM") => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// Two commands that renew it and show it: for [`Remote::check`].
    pub(super) fn renewal(&self) -> [Command; 2] {
        let name = self.layout.notice();
        let renew = Command::new("PEXPIRE").arg(&name).num(self.notice_ms());
        [renew, Command::new("GET").arg(name)]
    }

    /// Whether it has stood until now.
    pub(super) fn check(notice: &Notice, shown: Option<Reply>) -> Result<(), Fault> {
        match shown {
            Some(Reply::Bytes(mark)) if mark == notice.mark => Ok(()),
            Some(Reply::Bytes(_) | Reply::Nil) => Err(lapsed()),
            other => Err(unexpected(other)),
        }
    }

    /// The last look at it; and takes it down, if it is ours.
    pub(super) async fn take_down(&self, notice: Notice) -> Result<(), Fault> {
        let name = self.layout.notice();
        if !notice.ours {
            let shown = self.exec(vec![Command::new("GET").arg(name)]).await?.pop();
            return Self::check(&notice, shown);
        }
        let remove = script::call(script::RELEASE, &name).arg(&notice.mark);
        match self.exec(vec![remove]).await?.pop() {
            Some(Reply::Int(1)) => Ok(()),
            Some(Reply::Int(_)) => Err(lapsed()),
            other => Err(unexpected(other)),
        }
    }

    /// Whether a notice stands.
    pub(crate) async fn is_sweeping(&self) -> Result<bool, Fault> {
        let ask = Command::new("EXISTS").arg(self.layout.notice());
        match self.exec(vec![ask]).await?.pop() {
            Some(Reply::Int(number)) => Ok(number != 0),
            other => Err(unexpected(other)),
        }
    }

    fn notice_ms(&self) -> u64 {
        u64::try_from((LIFE + self.timeout() * 2).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Loads may have begun while none stood. The invalidation is delivered again.
fn lapsed() -> Fault {
    Fault::Refused("the notice of a removal in progress was lost meanwhile".into())
}
