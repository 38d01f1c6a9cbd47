//! Walks through one CSV table: header, number of columns, encoding. What the values mean is the
//! parser's business.

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::line::Line;
use super::problem::Problems;
use super::source::Text;

/// Parses all rows of `text`; rows that are damaged are noted in `problems` and left out.
pub(super) fn rows<T>(
    text: &Text,
    wanted: &[&'static str],
    problems: &mut Problems,
    parse: impl Fn(&mut Line<'_>) -> Option<T>,
) -> Vec<T> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.bytes.as_slice());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.add(&text.name, 1, reason(&error));
            return Vec::new();
        }
    };
    let Some(columns) = places(text, wanted, &header, problems) else { return Vec::new() };
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    loop {
        // The row's own position, or the reader's where there is no row.
        let before = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return rows,
            Ok(true) => {
                let number = record.position().map_or(before, csv::Position::line);
                if record.len() != header.len() {
                    let message =
                        format!("{} columns, but the header has {}", record.len(), header.len());
                    problems.add(&text.name, number, message);
                    continue;
                }
                let mut line =
                    Line { number, file: &text.name, columns: &columns, record: &record, problems };
                rows.extend(parse(&mut line));
            }
            Err(error) => {
                let number = error.position().map_or(before, csv::Position::line);
                problems.add(&text.name, number, reason(&error));
                if error.is_io_error() {
                    return rows;
                }
            }
        }
    }
}

/// Where the wanted columns stand; nothing, and a problem at line 1, if one is missing.
fn places(
    text: &Text,
    wanted: &[&'static str],
    header: &StringRecord,
    problems: &mut Problems,
) -> Option<Vec<(&'static str, usize)>> {
    let place = |name: &str| header.iter().position(|column| column == name);
    let found: Vec<_> = wanted.iter().filter_map(|name| Some((*name, place(name)?))).collect();
    if found.len() == wanted.len() {
        return Some(found);
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| place(name).is_none()).collect();
    let message = format!("the header lacks the columns {}", missing.join(", "));
    problems.add(&text.name, 1, message);
    None
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::Utf8 { err, .. } => {
            format!("column {} is not UTF-8", err.field() + 1)
        }
        _ => error.to_string(),
    }
}
