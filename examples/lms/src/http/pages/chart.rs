//! Bar charts: a table whose middle column draws its numbers, so that it reads well on any width and no colour carries a
//! meaning. The bars are SVG, since the pages' policy allows no style in an element.

use maud::{Markup, html};

const BAR: f64 = 100.0;

/// Horizontal bars, one a row, with their values written out.
pub(super) fn bars(title: &str, rows: &[(String, i64)], value: fn(i64) -> String) -> Markup {
    let most = rows.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    html! {
        table.bars {
            caption { (title) }
            tbody { @for (label, number) in rows {
                @let length = BAR * (*number).max(0) as f64 / most as f64;
                tr {
                    th scope="row" { (label) }
                    td.bar {
                        svg viewBox=(format!("0 0 {BAR} 8")) preserveAspectRatio="none" aria-hidden="true" {
                            rect width=(format!("{length:.1}")) height="8" {}
                        }
                    }
                    td.number { (value(*number)) }
                }
            } }
        }
    }
}
