//! Who waits and what is in flight, and whose turn it is. How that is sent, and what becomes of the answers, is in `coalesce`.

use super::pipeline::{Answer, Waiting};
use super::width::{Width, bytes};
use crate::remote::transport::Fault;
use std::collections::VecDeque;

/// No more are added to reads that ask for so many names: where each is a command, a request may not be longer than servers take.
const NAMES: usize = 500;
/// Nothing is added while so many names are in flight: what else is sent waits for them too.
pub(super) const IN_FLIGHT: usize = 2 * NAMES;
/// Nor while so many answers that are as large as they are to be.
const PIPELINES: usize = 4;

pub(super) struct State {
    /// Nobody waits while fewer pipelines are in flight: two where one that hangs would not stop the other.
    pub(super) places: usize,
    width: Width,
    /// Pipelines that were sent and are not answered, and for how many names they ask.
    pub(super) pipelines: usize,
    pub(super) in_flight: usize,
    /// How often what is in flight was counted no more.
    pub(super) forgotten: u64,
    pub(super) waiting: VecDeque<Waiting>,
    /// How many have waited, those who wait yet included.
    pub(super) queued: u64,
    /// For how many names those who wait ask.
    pub(super) wanted: usize,
}

impl State {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            width: Width::new(),
            pipelines: 0,
            in_flight: 0,
            forgotten: 0,
            waiting: VecDeque::new(),
            queued: 0,
            wanted: 0,
        }
    }

    /// What came of a pipeline of so many names, for so many reads.
    pub(super) fn learn(&mut self, names: usize, reads: usize, answer: &Answer) {
        match answer {
            Ok(replies) => self.width.answered(names, bytes(replies)),
            Err(Fault::Timeout) => self.width.timed_out(reads),
            Err(_) => {}
        }
    }

    /// Whether a read is sent at once.
    pub(super) fn goes_alone(&self) -> bool {
        self.waiting.is_empty() && (self.pipelines < self.places || self.in_flight <= 1)
    }

    /// Whether it is time for those who wait.
    pub(super) fn is_due(&self) -> bool {
        let room = IN_FLIGHT.min(PIPELINES * self.width.names());
        let enough = self.wanted >= self.in_flight && self.in_flight < room;
        enough || self.pipelines < self.places
    }

    /// The number of the first that waits: all before it were sent.
    pub(super) fn first_waiting(&self) -> u64 {
        self.queued - self.waiting.len() as u64
    }

    /// What is in flight takes nobody's place any more.
    pub(super) fn forget_in_flight(&mut self) {
        self.forgotten += 1;
        (self.pipelines, self.in_flight) = (0, 0);
    }

    /// Those who wait, none of whom is sent.
    pub(super) fn take_all(&mut self) -> VecDeque<Waiting> {
        self.wanted = 0;
        std::mem::take(&mut self.waiting)
    }

    /// One more pipeline is in flight; for how many names it asks.
    pub(super) fn sends(&mut self, names: usize) -> usize {
        self.pipelines += 1;
        self.in_flight += names;
        names
    }

    /// Those who go next, if it is time, and for how many names they ask. Who was cancelled meanwhile is passed over.
    pub(super) fn due(&mut self) -> Option<(Vec<Waiting>, usize)> {
        if !self.is_due() {
            return None;
        }
        let (mut next, mut names) = (Vec::new(), 0);
        let (reads, most) = (self.width.reads(), NAMES.min(self.width.names()));
        while next.len() < reads
            && (names < most || next.is_empty())
            && let Some(waiting) = self.waiting.pop_front()
        {
            self.wanted -= waiting.names();
            if !waiting.is_cancelled() {
                names += waiting.names();
                next.push(waiting);
            }
        }
        (!next.is_empty()).then(|| (next, self.sends(names)))
    }
}
