//! What it means that a server refuses a command, or answers what nobody asked. What follows is the askers' business.

use super::transport::{Fault, Reply};

/// Why nothing can be stored on a full server.
pub(super) const FULL: &str = "the server is out of memory";

/// Why nothing can be stored where another kind of value stands.
pub(super) const OTHER_KIND: &str = "the key holds another kind of value";

/// Why nothing is stored the first time.
pub(super) const SCRIPTS_FROM_NOW: &str = "no SET NX GET before Redis 7.0: scripts from now on";

/// Whether a server does not take `SET` with both `NX` and `GET`.
pub(super) fn no_set_nx_get(why: &str) -> bool {
    why.starts_with("ERR ") && why.contains("syntax")
}

/// Whether a server refuses for want of memory. Some versions put the script's name before it.
pub(super) fn is_full(why: &str) -> bool {
    why.contains("OOM ")
}

/// Whether a server refuses because of what stands at the name: another kind of value than asked for.
pub(super) fn is_other_kind(why: &str) -> bool {
    why.contains("WRONGTYPE ")
}

impl Fault {
    /// Why nothing can be stored, if the server refuses just that: for want of memory, or for what stands where a tag or a
    /// lease of ours should. It answers, and can be read: that is no reason to stop asking it.
    pub(super) fn closes(&self) -> Option<&'static str> {
        let Self::Refused(why) = self else { return None };
        match why {
            why if is_full(why) => Some(FULL),
            why if is_other_kind(why) => Some("a tag or a lease holds another kind of value"),
            _ => None,
        }
    }
}

pub(super) fn unexpected(reply: Option<Reply>) -> Fault {
    match reply {
        Some(Reply::Error(error)) => Fault::Refused(error),
        Some(_) => Fault::Io("an answer of an unexpected kind".into()),
        None => Fault::Io("an answer is missing".into()),
    }
}
