//! What is said about a name that is no option: mistyped, or unknown.

use crate::suggest;
use syn::Ident;

pub(super) const CACHED: [&str; 19] = [
    "ttl",
    "key",
    "tags",
    "skip",
    "local",
    "remote",
    "none",
    "cache_if",
    "stale_while_revalidate",
    "stale_if_error",
    "stale_if",
    "early_refresh",
    "timeout",
    "timeout_error",
    "batch",
    "cache",
    "version",
    "codec",
    "crate",
];

pub(super) const INVALIDATES: [&str; 7] =
    ["key", "tags", "pattern", "with", "in", "cache", "crate"];

/// The error for a name that is not an option of `#[cached]`.
pub(super) fn unknown_in_cached(name: &Ident) -> syn::Error {
    let written = name.to_string();
    let hint = match written.as_str() {
        "pattern" | "with" | "in" => format!("; `{written}` is an option of `#[invalidates]`"),
        _ => suggest::did_you_mean(&written, CACHED),
    };
    unknown(name, &hint, &CACHED)
}

/// The error for a name that is not an option of `#[invalidates]`.
pub(super) fn unknown_in_invalidates(name: &Ident) -> syn::Error {
    let written = name.to_string();
    let hint = match written.as_str() {
        "keys" => "; `key` takes a list too: `key = [\"a\", \"b\"]`".to_owned(),
        "tag" => "; did you mean `tags`?".to_owned(),
        "patterns" => "; `pattern` takes a list too: `pattern = [\"a:*\", \"b:*\"]`".to_owned(),
        "ttl" | "skip" => format!("; `{written}` is an option of `#[cached]`"),
        _ => suggest::did_you_mean(&written, INVALIDATES),
    };
    unknown(name, &hint, &INVALIDATES)
}

fn unknown(name: &Ident, hint: &str, known: &[&str]) -> syn::Error {
    let list = if hint.is_empty() {
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        format!("; the options are {}", known.join(", "))
    } else {
        hint.to_owned()
    };
    syn::Error::new(name.span(), format!("unknown option `{name}`{list}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_in_the_tables_of_the_docs() {
        let docs = include_str!("../../../docs/OPTIONS.md");
        let (cached, rest) = docs.split_once("## `#[invalidates]`").unwrap();
        let (invalidates, _) = rest.split_once("## `Cache::builder()`").unwrap();
        for (part, options) in [(cached, &CACHED[..]), (invalidates, &INVALIDATES)] {
            for option in options {
                assert!(part.contains(&format!("| [`{option}`](#")), "add a row for `{option}`");
                assert!(part.contains(&format!("### `{option}`")), "add an example for `{option}`");
            }
        }
    }
}
