//! Turns what a user typed into an `ILIKE` pattern.

/// A pattern that matches any text that contains `typed`, taken literally.
pub(super) fn containing(typed: &str) -> String {
    let mut pattern = String::with_capacity(typed.len() + 2);
    pattern.push('%');
    for character in typed.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn wildcards_are_taken_literally() {
        assert_eq!(containing("100%_\\"), "%100\\%\\_\\\\%");
    }
}
