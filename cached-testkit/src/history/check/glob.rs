//! Globs over keys, as the Redis command `SCAN MATCH` has them. Written anew, so as to judge others.
//!
//! Source: <https://redis.io/docs/latest/commands/keys/>.

/// Whether a glob matches the whole of a text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on after the last star, one character further each time.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, t));
            continue;
        }
        match (text.get(t), one(&pattern[p..], text.get(t).copied())) {
            (None, _) if p == pattern.len() => return true,
            (Some(_), Some(length)) => {
                p += length;
                t += 1;
            }
            _ => match &mut retry {
                Some((after, from)) if *from < text.len() => {
                    *from += 1;
                    (p, t) = (*after, *from);
                }
                _ => return false,
            },
        }
    }
}

/// How many bytes of the pattern match this one character, if they do.
fn one(pattern: &[u8], character: Option<u8>) -> Option<usize> {
    let character = character?;
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == character).then_some(2),
        [b'[', set @ ..] => set_matches(set, character).map(|length| length + 1),
        [plain, ..] => (*plain == character).then_some(1),
        [] => None,
    }
}

/// The length of a set, its closing bracket included, if the character is in it.
fn set_matches(set: &[u8], character: u8) -> Option<usize> {
    let is_negated = set.first() == Some(&b'^');
    let mut position = usize::from(is_negated);
    let mut is_in = false;
    loop {
        match &set[position.min(set.len())..] {
            [] => break,
            [b']', ..] => {
                position += 1;
                break;
            }
            [b'\\', escaped, ..] => {
                is_in |= *escaped == character;
                position += 2;
            }
            [low, b'-', high, ..] if *high != b']' => {
                let (low, high) = ((*low).min(*high), (*low).max(*high));
                is_in |= (low..=high).contains(&character);
                position += 3;
            }
            [plain, ..] => {
                is_in |= *plain == character;
                position += 1;
            }
        }
    }
    (is_in != is_negated).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn as_redis_has_it() {
        for (pattern, text) in [
            ("course:*", "course:1"),
            ("course:*", "course:"),
            ("*", ""),
            ("*:1", "course:1:1"),
            ("a*b*c", "aXbYbZc"),
            ("h?llo", "hello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hallo"),
            ("h[a-c]llo", "hbllo"),
            ("a\\*b", "a*b"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} should match {text}");
        }
        for (pattern, text) in [
            ("course:*", "courses"),
            ("*:1", "course:12"),
            ("a*b*c", "aXbYbZ"),
            ("h?llo", "hllo"),
            ("h[ae]llo", "hillo"),
            ("h[^e]llo", "hello"),
            ("h[a-c]llo", "hdllo"),
            ("a\\*b", "aXb"),
            ("", "a"),
        ] {
            assert!(!matches(pattern, text), "{pattern} should not match {text}");
        }
    }
}
