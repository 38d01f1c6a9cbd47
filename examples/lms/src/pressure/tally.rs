//! What was measured.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::mix::PAGES;
use super::outage::Phase;

/// The template of what students' pages show of a course.
const CARD: &str = "course:<id>:card";

/// Latencies in microseconds, to three digits.
pub(super) type Latencies = Histogram<u64>;

/// Adds one.
pub(super) fn note(latencies: &mut Latencies, took: Duration) {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    // These histograms take any value.
    latencies.record(micros).unwrap_or_default();
}

/// An empty histogram.
pub(super) fn latencies() -> Latencies {
    // Fails only for a number of digits above five.
    Histogram::new(3).expect("three digits")
}

/// What one client, or all of them, measured.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// By kind of page.
    pub(super) pages: Vec<Latencies>,
    /// Second by second: all page reads.
    pub(super) seconds: Vec<Latencies>,
    /// Writes that were answered.
    pub(super) writes: Latencies,
    /// Requests that were not answered as they should.
    pub failed: u64,
    /// The first failure.
    pub failure: Option<String>,
    /// Pages that were looked at after a write.
    pub checked: u64,
    /// Of these, how many showed an older state.
    pub older: u64,
    /// The first one.
    pub older_page: Option<String>,
    /// The same, of pages that were looked at while Redis was away.
    pub older_without_redis: u64,
    /// Of the pages that were looked at, those of writes that were made after Redis had come back.
    pub checked_after_outage: u64,
    /// Writes by kind, where every kind is made.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Hits and misses of the servers' caches, second by second.
    pub hits: Vec<Second>,
    /// The same by template, of the servers that serve by annotations.
    pub templates: BTreeMap<String, Template>,
}

/// What the servers' caches did for one template.
#[derive(Debug, Clone, Copy, Default)]
pub struct Template {
    /// Reads.
    pub reads: u64,
    /// Those that needed no load of their own.
    pub hits: u64,
    /// Loaded values that were not stored, because something came in between.
    pub refused: u64,
}

impl Template {
    /// Reads that needed a load.
    pub fn misses(&self) -> u64 {
        self.reads.saturating_sub(self.hits)
    }
}

/// What the servers' caches did within a second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Second {
    /// Reads that needed no load of their own.
    pub hits: u64,
    /// Reads that did.
    pub misses: u64,
}

impl Outcome {
    pub(super) fn new(seconds: u64) -> Self {
        Self {
            pages: PAGES.iter().map(|_| latencies()).collect(),
            seconds: (0..seconds).map(|_| latencies()).collect(),
            writes: latencies(),
            failed: 0,
            failure: None,
            checked: 0,
            older: 0,
            older_page: None,
            older_without_redis: 0,
            checked_after_outage: 0,
            kinds: BTreeMap::new(),
            hits: Vec::new(),
            templates: BTreeMap::new(),
        }
    }

    pub(super) fn fail(&mut self, reason: String) {
        self.failed += 1;
        self.failure.get_or_insert(reason);
    }

    /// A page was looked at, in the phase `seen`, after a write of the phase `written`; `older` says what it shows if it is not
    /// what it should.
    pub(super) fn looked(&mut self, written: Phase, seen: Phase, older: Option<String>) {
        let is_excused = written <= Phase::During && seen >= Phase::During;
        self.checked += 1;
        self.checked_after_outage += u64::from(written == Phase::After);
        match older {
            None => {}
            Some(_) if is_excused => self.older_without_redis += 1,
            Some(page) => {
                self.older += 1;
                self.older_page.get_or_insert(page);
            }
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        let both = self
            .pages
            .iter_mut()
            .zip(&other.pages)
            .chain(self.seconds.iter_mut().zip(&other.seconds));
        // Fails only for values that do not fit, and these histograms grow.
        both.for_each(|(sum, more)| sum.add(more).unwrap_or_default());
        self.writes.add(&other.writes).unwrap_or_default();
        self.failed += other.failed;
        self.failure = self.failure.take().or(other.failure);
        self.checked += other.checked;
        self.older += other.older;
        self.older_page = self.older_page.take().or(other.older_page);
        self.older_without_redis += other.older_without_redis;
        self.checked_after_outage += other.checked_after_outage;
        for (kind, more) in other.kinds {
            *self.kinds.entry(kind).or_default() += more;
        }
    }

    /// Page reads of all kinds.
    pub fn reads(&self) -> u64 {
        self.pages.iter().map(Latencies::len).sum()
    }

    /// Writes.
    pub fn writes(&self) -> u64 {
        self.writes.len()
    }

    /// Hits of all reads of the servers' caches.
    pub fn hit_rate(&self) -> Option<f64> {
        let hits: u64 = self.hits.iter().map(|second| second.hits).sum();
        let misses: u64 = self.hits.iter().map(|second| second.misses).sum();
        (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
    }

    /// The same without the cards of courses, of which a page reads many, and which a cache by hand has none of; nothing for
    /// servers that do not serve by annotations.
    pub fn hit_rate_without_cards(&self) -> Option<f64> {
        let others = self.templates.iter().filter(|(template, _)| *template != CARD);
        let (hits, reads) = others.fold((0, 0), |(hits, reads), (_, template)| {
            (hits + template.hits, reads + template.reads)
        });
        (reads > 0).then(|| hits as f64 / reads as f64)
    }

    pub(super) fn all(&self) -> Latencies {
        let mut all = latencies();
        self.pages.iter().for_each(|page| all.add(page).unwrap_or_default());
        all
    }
}

/// Milliseconds at a percentile.
pub(super) fn at(latencies: &Latencies, percentile: f64) -> f64 {
    latencies.value_at_percentile(percentile) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_can_be_left_out_of_the_hit_rate() {
        let mut outcome = Outcome::new(1);
        assert_eq!(outcome.hit_rate_without_cards(), None);
        for (template, reads, hits) in [(CARD, 900, 900), ("course:<id>", 100, 80)] {
            let counts = Template { reads, hits, refused: 0 };
            outcome.templates.insert(template.to_owned(), counts);
        }
        assert_eq!(outcome.hit_rate_without_cards(), Some(0.8));
    }
}
