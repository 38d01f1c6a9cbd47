//! Durations as they are written in options: `"90s"`, `"1h30m"`. Which option takes one is not decided here.

/// Units, largest first, with their milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The largest duration: 100 years. More is a typing error, and would overflow a server's clock.
const MAX_MILLIS: u64 = 100 * 365 * 86_400_000;

/// Reads a duration and gives milliseconds, or a sentence that says what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let (number, tail) = split(rest, |c| c.is_ascii_digit());
        let (unit, tail) = split(tail, |c| c.is_ascii_alphabetic());
        if number.is_empty() {
            return Err(format!(
                "expected a number at `{rest}` in the duration `{text}`: {EXAMPLES}"
            ));
        }
        if unit.is_empty() {
            return Err(format!("`{number}` has no unit: {EXAMPLES}"));
        }
        let Some(at) = UNITS.iter().position(|(name, _)| *name == unit) else {
            return Err(format!(
                "unknown unit `{unit}` in `{text}`; the units are `d`, `h`, `m`, `s` and `ms`"
            ));
        };
        if at < next_unit {
            return Err(format!(
                "write the units of `{text}` from the largest to the smallest, each once"
            ));
        }
        next_unit = at + 1;
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(UNITS[at].1))
            .and_then(|millis| total.checked_add(millis))
            .filter(|total| *total <= MAX_MILLIS)
            .ok_or_else(|| format!("`{text}` is longer than 100 years"))?;
        rest = tail;
    }
    Ok(total)
}

/// How to write one, for messages.
pub(crate) const EXAMPLES: &str = "write a duration such as `90s`, `1h30m` or `500ms`";

fn split(text: &str, of_head: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !of_head(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, millis) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
            ("1m1ms", 60_001),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(millis), "{text}");
        }
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        for (text, part) in [
            ("90", "has no unit"),
            ("90x", "unknown unit `x`"),
            ("90sec", "unknown unit `sec`"),
            ("1h 30m", "expected a number at ` 30m`"),
            ("s", "expected a number"),
            ("30m1h", "from the largest"),
            ("1m1m", "each once"),
            ("99999999999999999999d", "longer than 100 years"),
            ("36501d", "longer than 100 years"),
            ("-1s", "expected a number at `-1s`"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
