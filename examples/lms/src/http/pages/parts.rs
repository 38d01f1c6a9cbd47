//! Small parts that several pages use.

use maud::{Markup, html};

use crate::model::{EnrolmentResult, Page};

/// `1,234.50 GBP` of pence.
pub(super) fn money(pence: i64) -> String {
    format!("£{}.{:02}", thousands(pence / 100), pence.abs() % 100)
}

/// `1,234,567`.
pub(super) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// `71 %`, or a dash.
pub(super) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.0} %"))
}

/// How a course ended for a student.
pub(super) fn result(result: Option<EnrolmentResult>) -> Markup {
    html! { span.tag { (result.map_or("studying", EnrolmentResult::as_str)) } }
}

/// One number with its name, in a `<dl>`.
pub(super) fn figure(name: &str, value: impl AsRef<str>) -> Markup {
    html! { div { dt { (name) } dd { (value.as_ref()) } } }
}

/// What a redirect says was done: `?done=..`, out of a fixed list, so that no link can put words into our mouth.
pub(super) fn done(word: &str) -> Markup {
    let message = match word {
        "created" => "The draft was created.",
        "saved" => "Saved.",
        "published" => "The course is open to students.",
        "archived" => "The course is closed.",
        "enrolled" => "Enrolled.",
        "withdrawn" => "Withdrawn.",
        "paid" => "Paid. Thank you.",
        "graded" => "The grade was saved.",
        _ => return html! {},
    };
    html! { p.notice role="status" { (message) } }
}

/// What stands in place of an empty list: nothing matches, or the page is behind the last one.
pub(super) fn nothing_here<T>(page: &Page<T>, nothing: &'static str) -> &'static str {
    if page.total > 0 { "There are fewer pages." } else { nothing }
}

/// Links to the pages before and after; `query` is what else the address says, ready to be used.
pub(super) fn pager<T>(page: &Page<T>, path: &str, query: &str) -> Markup {
    let pages = page.total.max(1).unsigned_abs().div_ceil(u64::from(page.per_page.max(1)));
    let to = |number: u32| format!("{path}?page={number}{query}");
    html! {
        nav.row aria-label="Pages" {
            @if page.page > 1 {
                a rel="prev" href=(to(before(page.page, pages))) { "Previous" }
            }
            span { "Page " (page.page) " of " (pages) ", " (thousands(page.total)) " in all" }
            @if u64::from(page.page) < pages { a rel="next" href=(to(page.page + 1)) { "Next" } }
        }
    }
}

/// The page before one, or the last there is.
fn before(page: u32, pages: u64) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX).min(page - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_pounds_and_pence() {
        assert_eq!(money(123_456_705), "£1,234,567.05");
        assert_eq!(money(0), "£0.00");
        assert_eq!(thousands(-1_000), "-1,000");
        assert_eq!(thousands(999), "999");
    }
}
