//! Where a function stands, for keys that no template was given for: taken out of the compiler's name of a closure in
//! it, which says the module, the type with its parameters, the trait, and the functions around.

/// The path up to, and without, the function `within`, of a closure's type name: for
/// `lms::Repo<u8>::course::{{closure}}::{{closure}}` in `course` it is `lms::Repo<u8>`.
///
/// The function and its companion stand at one place, so both get the same path.
pub(super) fn of(closure: &'static str, within: &str) -> &'static str {
    let mut path = closure;
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    let around = path.strip_suffix(within).and_then(|path| path.strip_suffix("::"));
    around.unwrap_or_else(|| searched(path, within))
}

/// Behind the function's name its type parameters may stand, or, if another attribute moved the body, functions
/// inside of it.
#[cold]
fn searched<'a>(path: &'a str, within: &str) -> &'a str {
    let mut last = None;
    let mut function = None;
    for at in outside_brackets(path) {
        let Some(rest) = path[at..].strip_prefix("::") else { continue };
        last = Some(at);
        if let Some(rest) = rest.strip_prefix(within)
            && (rest.is_empty() || rest.starts_with("::") || rest.starts_with('<'))
        {
            function = Some(at);
        }
    }
    // Under another name it is a function that stands where this one stood.
    function.or(last).map_or("", |at| &path[..at])
}

/// The positions of a path's bytes outside of `<..>`, `(..)`, `[..]` and `{..}`.
fn outside_brackets(path: &str) -> impl Iterator<Item = usize> {
    let bytes = path.as_bytes();
    let mut depth = 0_u32;
    (0..bytes.len()).filter(move |at| {
        match bytes[*at] {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            // The arrow of a function type closes nothing.
            b'>' if *at > 0 && bytes[*at - 1] == b'-' => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_stands_around_a_function_is_its_origin() {
        for (closure, around) in [
            ("lms::course::{{closure}}", "lms"),
            ("lms::Repo::course::{{closure}}::{{closure}}", "lms::Repo"),
            ("lms::Repo<lms::course>::course<u8>::{{closure}}", "lms::Repo<lms::course>"),
            ("<lms::Repo as lms::Courses>::course::{{closure}}", "<lms::Repo as lms::Courses>"),
            ("lms::<impl lms::a::Repo>::course::{{closure}}", "lms::<impl lms::a::Repo>"),
            ("lms::f<fn(u8) -> u16>::course<fn() -> u8>::{{closure}}", "lms::f<fn(u8) -> u16>"),
            ("lms::outer::{{closure}}::course::{{closure}}", "lms::outer::{{closure}}"),
            ("lms::course::course::{{closure}}", "lms::course"),
            ("lms::Repo::course::inner::{{closure}}", "lms::Repo"),
            ("lms::Repo::course_renamed::{{closure}}", "lms::Repo"),
            ("lms::course_list::{{closure}}", "lms"),
        ] {
            assert_eq!(of(closure, "course"), around, "{closure}");
        }
    }
}
