//! Which row is which: a number alone may come again. Reads and writes none.

/// A row: its number, and when it was written, at the latest. A later row may bear the same number: after a failover that
/// has lost the last ones, or `TRUNCATE .. RESTART IDENTITY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Written {
    id: i64,
    /// Microseconds since 1970, by the server's clock.
    at: i64,
}

impl Written {
    /// The numbers and the times of rows: `$1` and `$2` of `is_given!`.
    pub(super) fn unzipped(rows: &[Self]) -> (Vec<i64>, Vec<i64>) {
        rows.iter().map(|row| (row.id, row.at)).unzip()
    }
}

/// A time in SQL as [`Written`] has it.
macro_rules! micros {
    ($time:literal) => {
        concat!("(extract(epoch FROM ", $time, ") * 1000000)::bigint")
    };
}

/// SQL, to stand behind `FROM`: those of the rows bound as `$1` and `$2` that the row `o` of the outbox is, as `r`.
macro_rules! is_given {
    () => {
        concat!(
            "unnest($1::bigint[], $2::bigint[]) AS r (id, at) WHERE r.id = o.id AND ",
            $crate::outbox::written::micros!("o.written_at"),
            " <= r.at"
        )
    };
}

pub(super) use {is_given, micros};
