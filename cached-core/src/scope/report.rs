//! What the cache did for a request, and how that is said in HTTP: `Cache-Status` (RFC 9211), `Server-Timing`.

use std::fmt::Write as _;
use std::time::Duration;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadSource {
    /// Read before in this request.
    Request,
    /// The local tier.
    Local,
    /// The remote tier.
    Remote,
    /// A value whose lifetime had ended.
    Stale,
    /// Another caller's load.
    Shared,
    /// This caller's load.
    Load,
    /// A load that gave an error, or took longer than the caller waits.
    Failed,
    /// The source itself: the cache was not asked, in a bypass scope.
    Bypass,
}

/// One read of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The annotated function's template, or empty without the macros. Never a key: keys may name users.
    pub template: &'static str,
    /// Where the value came from.
    pub source: ReadSource,
    /// How long the read took.
    pub took: Duration,
    /// For how many seconds a value that the cache had is fresh yet; negative if its lifetime has ended. `None` where it had
    /// none.
    pub ttl: Option<i64>,
}

impl ReadReport {
    pub(crate) fn new(template: &'static str, source: ReadSource, took: Duration) -> Self {
        Self { template, source, took, ttl: None }
    }

    /// The same, of a value that is fresh until a moment, both in milliseconds on one clock.
    pub(crate) fn fresh_until(mut self, fresh_until: u64, now: u64) -> Self {
        if !matches!(self.source, ReadSource::Load | ReadSource::Shared) {
            let left = i64::try_from(fresh_until).unwrap_or(i64::MAX).saturating_sub_unsigned(now);
            self.ttl = Some(left.div_euclid(1000));
        }
        self
    }
}

/// What the cache did for a request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RequestReport {
    /// The reads, in the order in which they ended; the first 64.
    pub reads: Vec<ReadReport>,
    /// How many reads are not listed.
    pub unlisted: usize,
    /// How long the request took.
    pub took: Duration,
}

impl RequestReport {
    /// How many of the listed reads came from a source.
    pub fn count(&self, source: ReadSource) -> usize {
        self.reads.iter().filter(|read| read.source == source).count()
    }

    /// The value of a `Cache-Status` header (RFC 9211): one member per read, the last read last. `None` without reads.
    pub fn cache_status(&self) -> Option<String> {
        let mut header = String::new();
        for read in &self.reads {
            if !header.is_empty() {
                header.push_str(", ");
            }
            header.push_str(match read.source {
                ReadSource::Request => "cached; hit; detail=request",
                ReadSource::Local => "cached; hit; detail=local",
                ReadSource::Remote => "cached; hit; detail=remote",
                ReadSource::Stale => "cached; hit; detail=stale",
                ReadSource::Shared => "cached; fwd=miss; collapsed",
                ReadSource::Load => "cached; fwd=miss",
                ReadSource::Failed => "cached; fwd=miss; detail=failed",
                ReadSource::Bypass => "cached; fwd=bypass",
            });
            if let Some(ttl) = read.ttl {
                let _ = write!(header, "; ttl={ttl}");
            }
            if !read.template.is_empty() {
                let _ = write!(header, "; key={}", quoted(read.template));
            }
        }
        (!header.is_empty()).then_some(header)
    }

    /// The value of a `Server-Timing` header (W3C): the time spent in hits and in loads, in milliseconds.
    pub fn server_timing(&self) -> String {
        let spent = |loaded: bool| -> (usize, f64) {
            let of_source = |read: &&ReadReport| {
                matches!(read.source, ReadSource::Load | ReadSource::Failed | ReadSource::Bypass)
            };
            let reads = self.reads.iter().filter(|read| of_source(read) == loaded);
            let times: Vec<f64> = reads.map(|read| read.took.as_secs_f64() * 1e3).collect();
            (times.len(), times.iter().sum())
        };
        let ((hits, hit_ms), (loads, load_ms)) = (spent(false), spent(true));
        let total = self.took.as_secs_f64() * 1e3;
        format!(
            "cache;dur={hit_ms:.3};desc=\"{hits} from the cache\", \
             load;dur={load_ms:.3};desc=\"{loads} loaded\", total;dur={total:.3}"
        )
    }
}

/// A string of RFC 8941: printable ASCII, with `"` and `\` escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars().filter(|c| (' '..='~').contains(c)) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_templates_and_sources() {
        let read = |template, source| ReadReport::new(template, source, Duration::from_millis(2));
        let report = RequestReport {
            reads: vec![
                read("course:<id>", ReadSource::Local).fresh_until(61_999, 2_000),
                read("a\"b\\c", ReadSource::Load).fresh_until(9_000, 0),
                read("", ReadSource::Shared),
                read("s", ReadSource::Stale).fresh_until(2_000, 3_001),
                read("", ReadSource::Failed),
                read("", ReadSource::Bypass),
            ],
            unlisted: 0,
            took: Duration::from_millis(7),
        };
        assert_eq!(
            report.cache_status().unwrap(),
            "cached; hit; detail=local; ttl=59; key=\"course:<id>\", \
             cached; fwd=miss; key=\"a\\\"b\\\\c\", cached; fwd=miss; collapsed, \
             cached; hit; detail=stale; ttl=-2; key=\"s\", \
             cached; fwd=miss; detail=failed, cached; fwd=bypass"
        );
        assert_eq!(
            report.server_timing(),
            "cache;dur=6.000;desc=\"3 from the cache\", load;dur=6.000;desc=\"3 loaded\", total;dur=7.000"
        );
        assert_eq!(RequestReport::default().cache_status(), None);
    }
}
