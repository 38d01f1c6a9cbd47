//! The notice that stands in a namespace while invalidations remove its keys one after the other: a scan, or keys on
//! several servers. Who reads it and what follows is the readers' business.
//!
//! A load begun in the middle, of a key that is removed already, may read another one that is not removed yet. What it
//! stored would outlive the invalidation. So a load that reads cached values looks for the notice after it has taken
//! its lease and before it reads: if none stands, every invalidation that begins later finds the lease; if one stands,
//! the load stores nothing for others.
//!
//! It is a set of marks, one for each who removes, with the time at which each ends: nobody depends on when others have
//! done, and the mark of a process that died is not kept alive by theirs.

use super::protocol::Remote;
use super::refusal::{is_full, unexpected};
use super::script;
use super::transport::{Command, Fault, Reply};
use std::time::Duration;

/// How long a mark stands by itself, should the process that put it up die. Each step renews it; a step takes no longer
/// than the operation timeout.
const LIFE: Duration = Duration::from_secs(10);

/// A mark that is known to stand.
pub(super) struct Notice {
    mark: String,
}

impl Remote {
    /// Puts a mark up. One that a failed attempt has left is taken over. `None` on a server that is full: it can take none,
    /// and no fills.
    pub(super) async fn put_up(&self, scans: bool) -> Result<Option<Notice>, Fault> {
        // What is named and what is looked for are removed side by side.
        let mark = format!("{:016x}{}", self.mark, if scans { "s" } else { "n" });
        let notice = Notice { mark };
        match self.exec(vec![self.raise(&notice, true)]).await?.pop() {
            Some(Reply::Int(_)) => Ok(Some(notice)),
            Some(Reply::Error(error)) if is_full(&error) => Ok(None),
            // None of ours, and it might stand for ever. The invalidation is delivered again.
            Some(Reply::Error(error)) if error.contains("WRONGTYPE ") => {
                self.exec(vec![Command::new("DEL").arg(self.layout.notice())]).await?;
                Err(Fault::Refused(error))
            }
            other => Err(unexpected(other)),
        }
    }

    /// Renews a mark: for [`Remote::check`].
    pub(super) fn renewal(&self, notice: &Notice) -> Command {
        self.raise(notice, false).alongside()
    }

    fn raise(&self, notice: &Notice, put: bool) -> Command {
        let raise = script::call(script::RAISE, &self.layout.notice());
        raise.arg(&notice.mark).num(self.notice_ms()).num(u64::from(put))
    }

    /// Takes a mark down: for [`Remote::check`].
    pub(super) fn lowering(&self, notice: &Notice) -> Command {
        Command::new("ZREM").arg(self.layout.notice()).arg(&notice.mark).alongside()
    }

    /// Whether it has stood until now.
    pub(super) fn check(stood: Option<Reply>) -> Result<(), Fault> {
        match stood {
            Some(Reply::Int(1)) => Ok(()),
            // Loads may have begun while it did not. The invalidation is delivered again.
            Some(Reply::Int(_)) => Err(Fault::Refused(
                "the notice of a removal in progress was lost meanwhile: flushed or evicted".into(),
            )),
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
