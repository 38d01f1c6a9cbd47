//! After a write has answered: the pages that it concerns, in every server, at once.

use futures_util::future::join_all;
use serde_json::Value;
use uuid::Uuid;

use super::outage::Phase;
use super::tally::Outcome;
use super::target::{Servers, get};

/// A page and what it must show.
pub(super) struct Expected {
    pub(super) path: String,
    pub(super) shows: Shows,
}

/// What a page must show, and did not before the write.
pub(super) enum Shows {
    Text(String),
    /// In the JSON form of a page: in the list at a pointer, the row with this id has this value.
    Row {
        list: &'static str,
        id: (&'static str, Uuid),
        value: (&'static str, Value),
    },
}

impl Shows {
    fn is_in(&self, page: &str) -> bool {
        match self {
            Self::Text(text) => page.contains(text),
            Self::Row { list, id: (name, id), value: (field, value) } => {
                let page: Value = serde_json::from_str(page).unwrap_or_default();
                let rows = page.pointer(list).and_then(Value::as_array);
                let is_it = |row: &&Value| row[name] == id.to_string();
                rows.and_then(|rows| rows.iter().find(is_it))
                    .is_some_and(|row| row.get(field) == Some(value))
            }
        }
    }
}

impl std::fmt::Display for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Row { id: (name, id), value: (field, value), .. } => {
                write!(f, "{field} {value} where {name} is {id}")
            }
        }
    }
}

/// Looks at every page in every server; the caller sees to it that nobody else writes meanwhile. `written` is the phase in
/// which the write began.
pub(super) async fn check(
    servers: &Servers,
    outcome: &mut Outcome,
    written: Phase,
    expected: &[Expected],
) {
    let pages = expected.iter().flat_map(|expected| {
        servers.targets.iter().map(move |target| async move {
            (expected, &target.base, get(target, &expected.path).await)
        })
    });
    let pages = join_all(pages).await;
    // Redis may have gone between the write and the look.
    let seen = servers.outage.phase();
    for (expected, base, page) in pages {
        match page {
            Err(reason) => outcome.fail(reason),
            Ok(page) if expected.shows.is_in(&page) => outcome.looked(written, seen, None),
            Ok(_) => {
                let text = format!("{base}{} does not show `{}`", expected.path, expected.shows);
                outcome.looked(written, seen, Some(text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_with_another_value_or_in_another_list_is_not_it() {
        let [course, other] = [1, 2].map(Uuid::from_u128);
        let page = json!({
            "courses": [{ "id": other, "result": null }, { "id": course, "result": "pass" }],
        });
        let shown = |list, id, value: Value| {
            Shows::Row { list, id: ("id", id), value: ("result", value) }.is_in(&page.to_string())
        };
        assert!(shown("/courses", course, json!("pass")) && shown("/courses", other, Value::Null));
        assert!(!shown("/courses", course, Value::Null), "somebody else's row has it");
        assert!(!shown("", course, json!("pass")) && !shown("/courses", Uuid::nil(), Value::Null));
    }
}
