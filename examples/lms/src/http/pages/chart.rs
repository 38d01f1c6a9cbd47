//! Bar charts as inline SVG; the numbers stand beside the bars, so that no colour carries a meaning.

use maud::{Markup, html};

const LABEL: f64 = 210.0;
const BARS: f64 = 300.0;
const WIDTH: f64 = 640.0;
const ROW: f64 = 24.0;

/// Horizontal bars, one a row, with their values written out.
pub(super) fn bars(title: &str, rows: &[(String, i64)], value: fn(i64) -> String) -> Markup {
    let most = rows.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    let height = ROW * rows.len().max(1) as f64;
    html! {
        figure {
            figcaption { (title) }
            svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
                @for (place, (label, number)) in rows.iter().enumerate() {
                    @let top = place as f64 * ROW;
                    @let length = BARS * (*number).max(0) as f64 / most as f64;
                    text x=(LABEL - 8.0) y=(top + 16.0) text-anchor="end" { (short(label)) }
                    rect x=(LABEL) y=(top + 4.0) width=(format!("{length:.1}")) height=(ROW - 8.0) {}
                    text x=(format!("{:.1}", LABEL + length + 8.0)) y=(top + 16.0) { (value(*number)) }
                }
                line.axis x1=(LABEL) y1="0" x2=(LABEL) y2=(height) {}
            }
        }
    }
}

/// As much of a label as fits.
fn short(label: &str) -> String {
    const MOST: usize = 27;
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    label.chars().take(MOST - 1).chain(['…']).collect()
}
