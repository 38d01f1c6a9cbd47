//! What the cache did for a request, and how that is said in HTTP: `Cache-Status` (RFC 9211), `Server-Timing`.

use std::fmt::Write as _;
use std::time::Duration;

/// A report lists no more reads than this; it counts the others.
const MAX_LISTED: usize = 64;

/// How long a `Cache-Status` header gets, in bytes: servers and proxies refuse responses whose headers take 4 or 8 kB
/// in all.
const MAX_STATUS: usize = 2048;
/// For the member that stands for the reads that have none.
const ROOM_FOR_REST: usize = 64;
const SEPARATOR: &str = ", ";

/// How many sources there are.
const SOURCES: usize = ReadSource::Bypass as usize + 1;

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

/// Why the source was asked: `fwd` of `Cache-Status` (RFC 9211, section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forwarded {
    /// There was no value.
    Miss,
    /// There was one, but its lifetime had ended, or ended soon enough to be loaded anew early.
    Stale,
    /// A refresh scope wanted a new value.
    Request,
    /// A bypass scope does not ask the cache.
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
    /// Why the source was asked; `None` if it was not. A [`ReadSource::Stale`] value with this was served in place of an
    /// error, or of a load that took too long.
    pub forwarded: Option<Forwarded>,
    /// How long the read took.
    pub took: Duration,
    /// For how many seconds a value that the cache had is fresh yet; negative if its lifetime has ended. `None` where it had
    /// none.
    pub ttl: Option<i64>,
}

impl ReadReport {
    pub(crate) fn new(template: &'static str, source: ReadSource, took: Duration) -> Self {
        let forwarded = match source {
            ReadSource::Load | ReadSource::Shared | ReadSource::Failed => Some(Forwarded::Miss),
            ReadSource::Bypass => Some(Forwarded::Bypass),
            ReadSource::Request | ReadSource::Local | ReadSource::Remote | ReadSource::Stale => {
                None
            }
        };
        Self { template, source, forwarded, took, ttl: None }
    }

    /// The same, of a read that asked the source for a reason.
    pub(crate) fn forwarded(mut self, why: Option<Forwarded>) -> Self {
        self.forwarded = why;
        self
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
    /// Of all reads, listed or not.
    hits: Sum,
    loads: Sum,
    /// By source.
    sources: [usize; SOURCES],
    in_place_of_loads: usize,
}

/// Some reads.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    reads: usize,
    took: Duration,
}

impl RequestReport {
    pub(super) fn add(&mut self, read: ReadReport) {
        let by_this_caller = read.source != ReadSource::Shared;
        let sum = match read.forwarded {
            Some(_) if by_this_caller => &mut self.loads,
            _ => &mut self.hits,
        };
        sum.reads += 1;
        self.sources[read.source as usize] += 1;
        if read.source == ReadSource::Stale && read.forwarded.is_some() {
            self.in_place_of_loads += 1;
        }
        sum.took += read.took;
        if self.reads.len() < MAX_LISTED {
            self.reads.push(read);
        } else {
            self.unlisted += 1;
        }
    }

    /// How many reads came from a source, listed or not.
    pub fn count(&self, source: ReadSource) -> usize {
        self.sources[source as usize]
    }

    /// How many reads were served a stale value in place of a load that failed or took too long, listed or not.
    pub(crate) fn in_place_of_loads(&self) -> usize {
        self.in_place_of_loads
    }

    /// The value of a `Cache-Status` header (RFC 9211): one member per read, the last read last. `None` without reads.
    ///
    /// It takes 2 kB at most: where that is too little for all reads, a last member says how many more there were.
    pub fn cache_status(&self) -> Option<String> {
        let mut header = String::new();
        let mut said = 0;
        for read in &self.reads {
            let member = member(read);
            if header.len() + SEPARATOR.len() + member.len() > MAX_STATUS - ROOM_FOR_REST {
                break;
            }
            push(&mut header, &member);
            said += 1;
        }
        let rest = self.reads.len() - said + self.unlisted;
        if rest > 0 {
            push(&mut header, &format!("cached; detail=\"more reads: {rest}\""));
        }
        (!header.is_empty()).then_some(header)
    }

    /// The value of a `Server-Timing` header (W3C): the time spent in hits and in loads, in milliseconds, of all reads.
    pub fn server_timing(&self) -> String {
        let milliseconds = |took: Duration| took.as_secs_f64() * 1e3;
        format!(
            "cache;dur={:.3};desc=\"{} from the cache\", load;dur={:.3};desc=\"{} loaded\", total;dur={:.3}",
            milliseconds(self.hits.took),
            self.hits.reads,
            milliseconds(self.loads.took),
            self.loads.reads,
            milliseconds(self.took),
        )
    }
}

fn push(header: &mut String, member: &str) {
    if !header.is_empty() {
        header.push_str(SEPARATOR);
    }
    header.push_str(member);
}

/// A read's member of the list.
fn member(read: &ReadReport) -> String {
    let mut member = String::from(match read.forwarded {
        None => "cached; hit",
        Some(Forwarded::Miss) => "cached; fwd=miss",
        Some(Forwarded::Stale) => "cached; fwd=stale",
        Some(Forwarded::Request) => "cached; fwd=request",
        Some(Forwarded::Bypass) => "cached; fwd=bypass",
    });
    member.push_str(match read.source {
        ReadSource::Request => "; detail=request",
        ReadSource::Local => "; detail=local",
        ReadSource::Remote => "; detail=remote",
        ReadSource::Stale if read.forwarded.is_some() => "; detail=stale-if-error",
        ReadSource::Stale => "; detail=stale",
        ReadSource::Shared => "; collapsed",
        ReadSource::Failed => "; detail=failed",
        ReadSource::Load | ReadSource::Bypass => "",
    });
    if let Some(ttl) = read.ttl {
        let _ = write!(member, "; ttl={ttl}");
    }
    if !read.template.is_empty() {
        let _ = write!(member, "; key={}", quoted(read.template));
    }
    member
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

    fn report(reads: impl IntoIterator<Item = ReadReport>) -> RequestReport {
        let mut report = RequestReport { took: Duration::from_millis(7), ..Default::default() };
        reads.into_iter().for_each(|read| report.add(read));
        report
    }

    #[test]
    fn headers_name_templates_and_sources() {
        let read = |template, source| ReadReport::new(template, source, Duration::from_millis(2));
        let report = report([
            read("course:<id>", ReadSource::Local).fresh_until(61_999, 2_000),
            read("a\"b\\c", ReadSource::Load).fresh_until(9_000, 0),
            read("", ReadSource::Shared),
            read("s", ReadSource::Stale).fresh_until(2_000, 3_001),
            read("", ReadSource::Failed),
            read("", ReadSource::Bypass),
        ]);
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

    #[test]
    fn the_sums_are_of_all_reads() {
        let read = |source| ReadReport::new("", source, Duration::from_millis(2));
        let report = report((0..200).flat_map(|_| [ReadSource::Load, ReadSource::Local]).map(read));
        assert_eq!((report.reads.len(), report.unlisted), (64, 336));
        assert_eq!(
            report.server_timing(),
            "cache;dur=400.000;desc=\"200 from the cache\", load;dur=400.000;desc=\"200 loaded\", total;dur=7.000"
        );
    }

    #[test]
    fn a_long_status_ends_with_how_many_reads_it_leaves_out() {
        let template = "course:<filter.school>:<filter.teacher>:<filter.page>";
        let read = |_| ReadReport::new(template, ReadSource::Remote, Duration::ZERO);
        let status = |reads: usize| report((0..reads).map(read)).cache_status().unwrap();
        for (reads, whole) in [(1, true), (20, true), (30, false), (64, false), (10_000, false)] {
            let status = status(reads);
            let members: Vec<&str> = status.split(", ").collect();
            assert!(status.len() <= 2048 && status.is_ascii(), "{}", status.len());
            let left_out = members.last().unwrap().strip_prefix("cached; detail=\"more reads: ");
            assert_eq!(left_out.is_none(), whole, "{status}");
            if let Some(left_out) = left_out {
                let left_out: usize = left_out.trim_end_matches('"').parse().unwrap();
                assert_eq!(members.len() - 1 + left_out, reads);
                assert!(status.len() > 1900, "no more is left out than need be");
            }
        }
        let long = ReadReport::new("x".repeat(3000).leak(), ReadSource::Load, Duration::ZERO);
        let status = report([long]).cache_status();
        assert_eq!(status.unwrap(), "cached; detail=\"more reads: 1\"");
    }
}
