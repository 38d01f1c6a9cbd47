//! Names and constants as SQL takes them.

/// Leads the bodies of trigger functions. A column may be called as one of their variables is, `found`, `new` and `old` among them:
/// in queries it is the column, and elsewhere, where no column is in sight, the variable.
pub(super) const COLUMNS_FIRST: &str = "#variable_conflict use_column\n";

/// A name, whatever it holds.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text constant. Trigger functions are parsed again in the sessions of writers, whose
/// `standard_conforming_strings` nobody knows: a backslash needs the form that does not depend on it.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("\\' --"), "E'\\\\'' --'");
    }
}
