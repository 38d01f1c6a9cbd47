//! Many commands in as many pipelines as servers take: those behind HTTP bound a request, and what is behind a pipeline in the
//! connection waits for all of it. What is asked is not known here.

use super::protocol::Remote;
use super::transport::{Command, Fault, Reply};

/// The most bytes of a pipeline with more than one command. Upstash takes 1 MB of JSON in its smallest plan, which may double text.
pub(super) const MOST_BYTES: usize = 480_000;
/// The most commands. A hundred keys with their tags are one round trip.
const MOST_COMMANDS: usize = 500;

/// The longest request that removes names and tells of them: each stands in it twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) bytes: usize,
    /// What a name takes beside its own bytes.
    pub(crate) around: usize,
}

impl Remote {
    /// The answers to commands, which run one after the other, or as `Command::alongside` says within a part. Each part
    /// has the operation timeout; the first that fails ends the whole, and what ran before it has run.
    pub(super) async fn exec_in_parts(&self, commands: Vec<Command>) -> Result<Vec<Reply>, Fault> {
        let mut replies = Vec::with_capacity(commands.len());
        for part in parts(commands) {
            replies.extend(self.exec(part).await?);
        }
        Ok(replies)
    }
}

fn parts(commands: Vec<Command>) -> Vec<Vec<Command>> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Vec::new(), 0);
    for command in commands {
        let size = command.size();
        if !part.is_empty() && (part.len() == MOST_COMMANDS || bytes + size > MOST_BYTES) {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += size;
        part.push(command);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(commands: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let commands = commands.into_iter().map(|size| Command::new("").arg(vec![0; size]));
        parts(commands.collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_part_is_bounded_by_count_and_by_bytes() {
        assert_eq!(lengths([]), [0_usize; 0]);
        assert_eq!(lengths(vec![1; MOST_COMMANDS]), [MOST_COMMANDS]);
        assert_eq!(lengths(vec![1; MOST_COMMANDS + 1]), [MOST_COMMANDS, 1]);
        assert_eq!(lengths([MOST_BYTES - 1, 1, 1]), [2, 1]);
        assert_eq!(lengths([1, 2 * MOST_BYTES, 1]), [1, 1, 1], "none is split");
    }
}
