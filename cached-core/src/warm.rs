//! Warming: reads what will be asked for before anybody asks, a bounded number at a time. What is worth it is the
//! application's to say.

use crate::scope::{self, ReadSource};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::fmt;
use std::future::Future;
use std::time::{Duration, Instant};

/// Errors that a report quotes.
const QUOTED: usize = 8;

/// How to warm; see [`Warming::run`].
#[must_use = "warming does nothing until it is run"]
pub struct Warming<'a> {
    concurrency: usize,
    refresh: bool,
    progress: Box<dyn FnMut(&WarmReport) + Send + 'a>,
}

/// How far a warming has come; as the result, what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WarmReport {
    /// Items known to be there in all; less than it will be while the iterator does not tell its length.
    pub total: usize,
    /// Items for which a value was loaded.
    pub loaded: usize,
    /// Items whose values were there already, or came from another process' load.
    pub present: usize,
    /// Items whose read returned an error, or rests on a stale value in place of one.
    pub failed: usize,
    /// The first errors, at most eight.
    pub errors: Vec<String>,
    /// How long it took so far.
    pub took: Duration,
}

impl WarmReport {
    /// Items that are done.
    pub fn done(&self) -> usize {
        self.loaded + self.present + self.failed
    }
}

/// `40 of 40 items in 1.2 s: 31 loaded, 8 present, 1 failed (no such course)`
impl fmt::Display for WarmReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} items in {:.1} s: {} loaded, {} present, {} failed",
            self.done(),
            self.total,
            self.took.as_secs_f64(),
            self.loaded,
            self.present,
            self.failed
        )?;
        match self.errors.first() {
            Some(error) => write!(f, " ({error})"),
            None => Ok(()),
        }
    }
}

enum Warmed {
    Loaded,
    Present,
    Failed(String),
}

impl Default for Warming<'_> {
    fn default() -> Self {
        Self { concurrency: 8, refresh: false, progress: Box::new(|_| {}) }
    }
}

impl<'a> Warming<'a> {
    /// Eight items at a time, without telling progress; what is there is left as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many items are read at a time; at least one. As many connections of the source are busy.
    pub fn concurrency(mut self, items: usize) -> Self {
        self.concurrency = items.max(1);
        self
    }

    /// Loads anew what is there too.
    pub fn refresh(mut self, refresh: bool) -> Self {
        self.refresh = refresh;
        self
    }

    /// Is called after every item.
    pub fn on_progress(mut self, progress: impl FnMut(&WarmReport) + Send + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Reads every item with a function that calls cached functions. Errors are counted, and end nothing.
    ///
    /// Processes that warm the same at once share the work: of each key only the one with its lease loads, the others
    /// wait for the value.
    ///
    /// ```
    /// use cached_core::{cached, warm::Warming};
    ///
    /// #[cached(key = "course:<id>")]
    /// async fn course(id: u64) -> Result<String, std::io::Error> {
    ///     Ok(format!("course {id}"))
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let popular = [3, 1, 4];
    /// let report = Warming::new().concurrency(2).run(popular, |id| course(id)).await;
    /// assert_eq!((report.loaded, report.present, report.failed), (3, 0, 0));
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping the future drops the loads under way; what was loaded stays.
    pub async fn run<I, F, Fut, T, E>(mut self, items: I, read: F) -> WarmReport
    where
        I: IntoIterator,
        F: Fn(I::Item) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: fmt::Display,
    {
        let began = Instant::now();
        let mut items = items.into_iter();
        let mut running = FuturesUnordered::new();
        let mut report = WarmReport::default();
        let mut taken = 0;
        loop {
            while running.len() < self.concurrency
                && let Some(item) = items.next()
            {
                taken += 1;
                running.push(one(read(item), self.refresh));
            }
            report.total = items.size_hint().0.saturating_add(taken);
            let Some(warmed) = running.next().await else { break };
            match warmed {
                Warmed::Loaded => report.loaded += 1,
                Warmed::Present => report.present += 1,
                Warmed::Failed(error) => {
                    report.failed += 1;
                    if report.errors.len() < QUOTED {
                        report.errors.push(error);
                    }
                }
            }
            report.took = began.elapsed();
            (self.progress)(&report);
        }
        report.took = began.elapsed();
        report
    }
}

impl fmt::Debug for Warming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warming").field("concurrency", &self.concurrency).finish_non_exhaustive()
    }
}

/// Reads one item; its reads tell where the values came from.
async fn one<T, E: fmt::Display>(
    read: impl Future<Output = Result<T, E>>,
    refresh: bool,
) -> Warmed {
    let (output, report) = if refresh {
        scope::request_scope_with_report(scope::refresh_scope(read)).await
    } else {
        scope::request_scope_with_report(read).await
    };
    match output {
        Err(error) => Warmed::Failed(error.to_string()),
        // The source was asked and had none.
        Ok(_) if report.in_place_of_loads() > 0 => {
            Warmed::Failed("a stale value in place of a failed load".into())
        }
        Ok(_) if report.count(ReadSource::Load) > 0 => Warmed::Loaded,
        Ok(_) => Warmed::Present,
    }
}
