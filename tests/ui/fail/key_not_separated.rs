//! Placeholders that can run into each other: ("1-2", "3") and ("1", "2-3").

use cached_core::cached;

#[cached(key = "course:<a><b>")]
async fn adjacent(a: &str, b: &str) -> String {
    format!("{a}{b}")
}

#[cached(key = "course:<a>-<b>")]
async fn hyphen(a: &str, b: &str) -> String {
    format!("{a}{b}")
}

fn main() {}
