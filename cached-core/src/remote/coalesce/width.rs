//! How much goes together: as much as the size of recent answers and the last timeouts allow. When it goes is in `state`.

use crate::remote::transport::Reply;

/// The most reads that go together: what is behind them in the connection waits for all of them.
pub(super) const READS: usize = 128;
/// About so many bytes are to come in one answer. All who go together have their values in one operation timeout, or
/// nobody has: of large values fewer are asked for at a time, and the first of them are served.
const BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Width {
    /// Halved where no answer came in time, doubled where one did.
    reads: usize,
    /// What a name brought lately, in bytes: what is large is believed at once, what is small with time.
    each: usize,
}

impl Width {
    pub(super) fn new() -> Self {
        Self { reads: READS, each: 0 }
    }

    /// The most reads to go together.
    pub(super) fn reads(&self) -> usize {
        self.reads.min(self.names()).max(1)
    }

    /// For how many names an answer is not too large.
    pub(super) fn names(&self) -> usize {
        BYTES / self.each.max(1)
    }

    /// An answer has come to so many reads of so many names.
    pub(super) fn answered(&mut self, names: usize, bytes: usize) {
        let each = bytes / names.max(1);
        self.each = each.max(self.each - self.each / 8);
        self.reads = (self.reads * 2).min(READS);
    }

    /// None came in time to so many reads. What goes alone says nothing of what goes together.
    pub(super) fn timed_out(&mut self, reads: usize) {
        if reads > 1 {
            self.reads = self.reads.min(reads / 2);
        }
    }
}

/// How many bytes of values are in an answer.
pub(super) fn bytes(replies: &[Reply]) -> usize {
    let of = |reply: &Reply| match reply {
        Reply::Bytes(bytes) => bytes.len(),
        Reply::Array(replies) => bytes(replies),
        _ => 0,
    };
    replies.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_large_values_fewer_go_together_and_of_small_ones_again_many() {
        let mut width = Width::new();
        assert_eq!(width.reads(), READS);
        width.answered(READS, READS * 1_000);
        assert_eq!(width.reads(), READS);
        width.answered(4, 4 * BYTES / 2);
        assert_eq!(width.reads(), 2);
        width.answered(2, 20 * BYTES);
        assert_eq!(width.reads(), 1, "one goes, however large it is");
        for _ in 0..100 {
            width.answered(1, 100);
        }
        assert_eq!(width.reads(), READS);
    }

    #[test]
    fn after_a_timeout_half_as_many_go_together_until_answers_come() {
        let mut width = Width::new();
        for expected in [64, 32, 16, 8, 4, 2, 1, 1] {
            width.timed_out(width.reads());
            assert_eq!(width.reads(), expected);
        }
        for expected in [2, 4, 8] {
            width.answered(1, 10);
            assert_eq!(width.reads(), expected);
        }
        width.timed_out(100);
        assert_eq!(width.reads(), 8, "what was sent before is no reason to send more");
    }

    #[test]
    fn values_in_lists_count() {
        let list = Reply::Array(vec![Reply::bytes(vec![0; 3]), Reply::Nil]);
        assert_eq!(bytes(&[list, Reply::Int(1), Reply::bytes(vec![0; 4])]), 7);
    }
}
