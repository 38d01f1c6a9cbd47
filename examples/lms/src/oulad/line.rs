//! One row of a table while it is parsed: looks columns up and notes every value that is wrong.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use csv::StringRecord;

use super::problem::Problems;

/// The data set's sign for a missing value.
const MISSING: &str = "?";

/// A row whose number of columns is right.
///
/// Every look-up that fails notes why and gives `None`, so that a parser that looks at all columns
/// before it gives up reports all damage of a row at once.
pub(super) struct Line<'a> {
    pub(super) number: u64,
    pub(super) file: &'a str,
    /// Where in `record` each of the table's columns stands.
    pub(super) columns: &'a [(&'static str, usize)],
    pub(super) record: &'a StringRecord,
    pub(super) problems: &'a mut Problems,
}

impl Line<'_> {
    /// A text that must be there.
    pub(super) fn text(&mut self, column: &'static str) -> Option<String> {
        let value = self.required(column)?;
        if value.chars().any(char::is_control) {
            self.wrong(column, &value, "text without control characters (is a quote missing?)");
            return None;
        }
        Some(value)
    }

    /// A number within a range.
    pub(super) fn number<T>(&mut self, column: &'static str, range: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let value = self.required(column)?;
        self.parse(column, &value, &range)
    }

    /// A number within a range, or nothing; the outer `None` is damage.
    pub(super) fn optional_number<T>(
        &mut self,
        column: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<Option<T>>
    where
        T: FromStr + PartialOrd + Display,
    {
        match self.raw(column) {
            MISSING => Some(None),
            value => {
                let value = value.to_owned();
                self.parse(column, &value, &range).map(Some)
            }
        }
    }

    /// One word of a vocabulary.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        column: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let value = self.required(column)?;
        self.find(column, &value, words)
    }

    /// One word of a vocabulary, or nothing; the outer `None` is damage.
    pub(super) fn optional_one_of<T: Copy>(
        &mut self,
        column: &'static str,
        words: &[(&str, T)],
    ) -> Option<Option<T>> {
        match self.raw(column) {
            MISSING => Some(None),
            value => {
                let value = value.to_owned();
                self.find(column, &value, words).map(Some)
            }
        }
    }

    /// Notes that a value is not what its column takes.
    pub(super) fn wrong(&mut self, column: &str, value: &str, expected: &str) {
        let mut shown: String = value.chars().take(40).collect();
        if shown.len() < value.len() {
            shown.push_str("...");
        }
        let message = format!("{column}: {shown:?} is not {expected}");
        self.problems.add(self.file, self.number, message);
    }

    fn required(&mut self, column: &'static str) -> Option<String> {
        let value = self.raw(column);
        if value.is_empty() || value == MISSING {
            let message = format!("{column}: the value is missing, and this column needs one");
            self.problems.add(self.file, self.number, message);
            return None;
        }
        Some(value.to_owned())
    }

    fn parse<T>(&mut self, column: &str, value: &str, range: &RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let parsed = value.parse().ok().filter(|number| range.contains(number));
        if parsed.is_none() {
            let expected = format!("a number from {} to {}", range.start(), range.end());
            self.wrong(column, value, &expected);
        }
        parsed
    }

    fn find<T: Copy>(&mut self, column: &str, value: &str, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(column, value, &format!("one of: {}", known.join(", ")));
        }
        found
    }

    fn raw(&self, column: &'static str) -> &str {
        let place = self.columns.iter().find(|(name, _)| *name == column);
        debug_assert!(place.is_some(), "`{column}` is no column of this table");
        place.and_then(|(_, index)| self.record.get(*index)).unwrap_or_default()
    }
}
