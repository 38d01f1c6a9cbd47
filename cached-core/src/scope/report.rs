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
}

impl ReadReport {
    pub(crate) fn new(template: &'static str, source: ReadSource, took: Duration) -> Self {
        Self { template, source, took }
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
            });
            if !read.template.is_empty() {
                let _ = write!(header, "; key={}", quoted(read.template));
            }
        }
        (!header.is_empty()).then_some(header)
    }

    /// The value of a `Server-Timing` header: the time spent in hits and in loads, in milliseconds.
    pub fn server_timing(&self) -> String {
        let spent = |loaded: bool| -> (usize, f64) {
            let reads = self.reads.iter().filter(|r| (r.source == ReadSource::Load) == loaded);
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
                read("course:<id>", ReadSource::Local),
                read("a\"b\\c", ReadSource::Load),
                read("", ReadSource::Shared),
            ],
            unlisted: 0,
            took: Duration::from_millis(7),
        };
        assert_eq!(
            report.cache_status().unwrap(),
            "cached; hit; detail=local; key=\"course:<id>\", cached; fwd=miss; key=\"a\\\"b\\\\c\", \
             cached; fwd=miss; collapsed"
        );
        assert_eq!(
            report.server_timing(),
            "cache;dur=4.000;desc=\"2 from the cache\", load;dur=2.000;desc=\"1 loaded\", total;dur=7.000"
        );
        assert_eq!(RequestReport::default().cache_status(), None);
    }
}
