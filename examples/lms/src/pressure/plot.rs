//! The results as a picture: p99 and hit rate, second by second, as SVG.

use std::fmt::Write as _;

use super::tally::{Outcome, at};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 60.0;
const COLOURS: [&str; 4] = ["#8a8f98", "#c2571a", "#0b57a4", "#1a6b34"];
const DASHES: [&str; 4] = ["2 3", "8 4", "12 3 2 3", "none"];

/// Two charts below each other, a line a variant.
pub fn plot(outcomes: &[(&str, Outcome)]) -> String {
    let latency = |outcome: &Outcome| -> Vec<f64> {
        outcome.seconds.iter().map(|second| at(second, 99.0)).collect()
    };
    let hit_rate = |outcome: &Outcome| -> Vec<f64> {
        let rate =
            |hits: u64, all: u64| if all == 0 { 0.0 } else { 100.0 * hits as f64 / all as f64 };
        outcome.hits.iter().map(|second| rate(second.hits, second.hits + second.misses)).collect()
    };
    let lines = |of: &dyn Fn(&Outcome) -> Vec<f64>| -> Vec<Vec<f64>> {
        outcomes.iter().map(|(_, outcome)| of(outcome)).collect()
    };
    let names: Vec<&str> = outcomes.iter().map(|(name, _)| *name).collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        2.0 * (HEIGHT + 60.0)
    );
    // Writing into a String does not fail.
    let _ = chart(
        &mut svg,
        30.0,
        "p99 of all pages in ms, second by second",
        &names,
        &lines(&latency),
        None,
    );
    let _ = chart(
        &mut svg,
        HEIGHT + 90.0,
        "hit rate in %, second by second",
        &names,
        &lines(&hit_rate),
        Some(100.0),
    );
    svg.push_str("</svg>\n");
    svg
}

fn chart(
    svg: &mut String,
    top: f64,
    title: &str,
    names: &[&str],
    lines: &[Vec<f64>],
    most: Option<f64>,
) -> std::fmt::Result {
    let highest = most.unwrap_or_else(|| lines.iter().flatten().copied().fold(1.0, f64::max));
    let bottom = top + HEIGHT;
    writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{title}</text>", top - 12.0)?;
    for part in 0..=4 {
        let y = bottom - HEIGHT * f64::from(part) / 4.0;
        let value = highest * f64::from(part) / 4.0;
        writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{WIDTH}\" y2=\"{y:.1}\" stroke=\"#dde3ea\"/>"
        )?;
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.1}</text>",
            LEFT - 6.0,
            y + 4.0
        )?;
    }
    for (place, (name, values)) in names.iter().zip(lines).enumerate() {
        let (colour, dash) = (COLOURS[place % 4], DASHES[place % 4]);
        let step = (WIDTH - LEFT) / values.len().saturating_sub(1).max(1) as f64;
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(second, value)| {
                format!(
                    "{:.1},{:.1}",
                    LEFT + step * second as f64,
                    bottom - HEIGHT * value / highest
                )
            })
            .collect();
        writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\" points=\"{}\"/>",
            points.join(" ")
        )?;
        let x = LEFT + 300.0 + 95.0 * place as f64;
        writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>",
            x + 24.0,
            y = top - 16.0
        )?;
        writeln!(svg, "<text x=\"{}\" y=\"{}\">{name}</text>", x + 30.0, top - 12.0)?;
    }
    Ok(())
}
