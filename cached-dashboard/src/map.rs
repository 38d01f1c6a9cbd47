//! The cache map: writes on the left, reads on the right, a line for each write that invalidates a read; beside it the
//! same as a list, and the warnings.

use crate::Dashboard;
use crate::escape::escaped;
use cached_core::registry::{Audit, Edge, Registry};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

const WIDTH: usize = 860;
const ROW: usize = 30;
const TOP: usize = 34;
/// Where the left boxes end and the right ones begin.
const LEFT: usize = 320;
const RIGHT: usize = 540;
/// Characters that fit into a box.
const LONGEST: usize = 42;

pub(crate) fn audit(settings: &Dashboard) -> Audit {
    (settings.registry)(Registry::linked()).audit()
}

pub(crate) fn data(audit: &Audit) -> Value {
    #[derive(Serialize)]
    struct Told<'a> {
        place: &'a str,
        text: String,
    }
    let warnings: Vec<Told<'_>> = audit
        .warnings
        .iter()
        .map(|warning| Told { place: warning.place(), text: warning.to_string() })
        .collect();
    json!({
        "cached": audit.registry.cached,
        "invalidating": audit.registry.invalidating,
        "edges": audit.edges,
        "warnings": warnings,
    })
}

/// The graph, the list and the warnings, as HTML.
pub(crate) fn drawing(audit: &Audit) -> String {
    let mut html = warnings(audit);
    if audit.registry.cached.is_empty() {
        html.push_str("<p>No cached function is linked into this program.</p>");
        return html;
    }
    html.push_str(
        "<p>Point at a write to see what it invalidates. Dashed: by a tag or a pattern. Framed in dashes: a read that no write \
         invalidates.</p>",
    );
    html.push_str(&graph(audit));
    html.push_str(&list(audit));
    html
}

fn warnings(audit: &Audit) -> String {
    if audit.is_clean() {
        return "<p class=\"good\">No warnings: every cached read is invalidated by a write or left to its lifetime.</p>"
            .to_owned();
    }
    let mut html = String::from("<ul class=\"warnings\">");
    for warning in &audit.warnings {
        let (text, place) = (escaped(&warning.to_string()), escaped(warning.place()));
        let _ = write!(html, "<li><strong>Warning:</strong> {text} <code>{place}</code></li>");
    }
    html.push_str("</ul>");
    html
}

fn graph(audit: &Audit) -> String {
    let registry = &audit.registry;
    let rows = registry.cached.len().max(registry.invalidating.len());
    let height = TOP + rows * ROW + 6;
    let mut svg = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of the cache map\">\
         <svg class=\"map\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{} writes and {} reads with {} edges; the list below says the same\">\
         <text x=\"4\" y=\"18\" class=\"head\">writes</text><text x=\"{RIGHT}\" y=\"18\" class=\"head\">cached reads</text>",
        registry.invalidating.len(),
        registry.cached.len(),
        audit.edges.len(),
    );
    let reached = |read: usize| audit.edges.iter().any(|edge| edge.read == read);
    // A write with its edges, so that the page can lift out those of one.
    for (at, write) in registry.invalidating.iter().enumerate() {
        svg.push_str("<g class=\"of\" tabindex=\"0\">");
        audit
            .edges
            .iter()
            .filter(|edge| edge.write == at)
            .for_each(|edge| svg.push_str(&line(edge)));
        svg.push_str(&node(2, at, "write", short_path(&write.path), &write.path));
        svg.push_str("</g>");
    }
    for (at, read) in registry.cached.iter().enumerate() {
        let class = if reached(at) { "read" } else { "read lonely" };
        let title = format!("{} ({}, lifetime {})", read.template, read.path, read.ttl);
        svg.push_str(&node(RIGHT, at, class, read.template, &title));
    }
    svg.push_str("</svg></div>");
    svg
}

fn middle(row: usize) -> usize {
    TOP + row * ROW + ROW / 2 - 2
}

fn line(edge: &Edge) -> String {
    let (from, to) = (middle(edge.write), middle(edge.read));
    let (near, far) = (LEFT + 90, RIGHT - 90);
    let via = format!("{:?}", edge.via).to_lowercase();
    let title = escaped(&format!("{via}: {}", edge.text));
    format!(
        "<path class=\"edge {via}\" d=\"M{LEFT} {from} C{near} {from} {far} {to} {RIGHT} {to}\"><title>{title}</title></path>"
    )
}

fn node(x: usize, row: usize, class: &str, label: &str, title: &str) -> String {
    let (y, text_y) = (TOP + row * ROW, middle(row) + 4);
    let (width, text_x) = (LEFT - 2, x + 8);
    let (label, title) = (escaped(&shortened(label)), escaped(title));
    format!(
        "<g class=\"{class}\"><title>{title}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"24\" rx=\"4\"/>\
         <text x=\"{text_x}\" y=\"{text_y}\">{label}</text></g>"
    )
}

/// Module and name.
fn short_path(path: &str) -> &str {
    let mut ends = path.rmatch_indices("::");
    ends.nth(1).map_or(path, |(at, _)| &path[at + 2..])
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn list(audit: &Audit) -> String {
    let registry = &audit.registry;
    let mut html = String::from("<details><summary>The map as a list</summary><dl class=\"list\">");
    for (at, write) in registry.invalidating.iter().enumerate() {
        let _ = write!(html, "<dt><code>{}</code></dt>", escaped(&write.path));
        let mut edges = audit.edges.iter().filter(|edge| edge.write == at).peekable();
        if edges.peek().is_none() {
            html.push_str("<dd>invalidates no cached function that is known</dd>");
        }
        for edge in edges {
            let (template, text) =
                (escaped(registry.cached[edge.read].template), escaped(&edge.text));
            let via = format!("{:?}", edge.via).to_lowercase();
            let _ = write!(html, "<dd><code>{template}</code> by {via} <code>{text}</code></dd>");
        }
    }
    html.push_str("</dl></details>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_shortened_and_paths_keep_their_end() {
        assert_eq!(short_path("lms::repo::courses::rename"), "courses::rename");
        assert_eq!(short_path("rename"), "rename");
        let long = shortened(&"é".repeat(60));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST, true));
    }
}
