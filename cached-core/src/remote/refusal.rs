//! What it means that a server refuses a command, or answers what nobody asked. What follows is the askers' business.

use super::transport::{Fault, Reply};

/// Why an entry cannot be replaced by who must name it.
pub(super) const NOT_TEXT: &str = "this transport cannot name an entry that is not text";

/// Why nothing can be stored on a full server.
pub(super) const FULL: &str = "the server is out of memory";

/// Whether a server refuses for want of memory. Some versions put the script's name before it.
pub(super) fn is_full(why: &str) -> bool {
    why.contains("OOM ")
}

impl Fault {
    /// Why nothing can be stored, if the server refuses just that: for want of memory, or for what stands where a tag or a
    /// lease of ours should. It answers, and can be read: that is no reason to stop asking it.
    pub(super) fn closes(&self) -> Option<&'static str> {
        let Self::Refused(why) = self else { return None };
        match why {
            why if is_full(why) => Some(FULL),
            why if why.contains("WRONGTYPE ") => {
                Some("a tag or a lease holds another kind of value")
            }
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
