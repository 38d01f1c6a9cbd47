//! The results as tables in Markdown.

use std::fmt::Write as _;

use super::mix::PAGES;
use super::tally::{Outcome, Template, at};

/// One row a variant, then one row a kind of page, then one row a template for each variant that serves by annotations.
pub fn table(outcomes: &[(&str, Outcome)], seconds: u64) -> String {
    let mut text = String::new();
    // Writing into a String does not fail.
    let _ = summary(&mut text, outcomes, seconds);
    let _ = by_kind(&mut text, outcomes);
    let _ = by_page(&mut text, outcomes);
    let _ = by_template(&mut text, outcomes);
    text
}

fn summary(text: &mut String, outcomes: &[(&str, Outcome)], seconds: u64) -> std::fmt::Result {
    writeln!(
        text,
        "| | pages/s | p50 ms | p99 ms | writes | write p50 ms | hit rate | pages checked after writes | older state shown | failed requests |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|---|---|---|")?;
    for (name, outcome) in outcomes {
        let all = outcome.all();
        let percent = |rate: f64| format!("{:.1} %", 100.0 * rate);
        let mut hit_rate = outcome.hit_rate().map_or_else(|| "–".to_owned(), percent);
        if let Some(rate) = outcome.hit_rate_without_cards() {
            hit_rate.push_str(&format!(" ({} without cards)", percent(rate)));
        }
        let older = match outcome.older_without_redis {
            0 => outcome.older.to_string(),
            more => format!("{} (and {more} while Redis was away)", outcome.older),
        };
        writeln!(
            text,
            "| {name} | {:.0} | {:.2} | {:.2} | {} | {:.2} | {hit_rate} | {} | {older} | {} |",
            outcome.reads() as f64 / seconds.max(1) as f64,
            at(&all, 50.0),
            at(&all, 99.0),
            outcome.writes(),
            at(&outcome.writes, 50.0),
            outcome.checked,
            outcome.failed,
        )?;
    }
    Ok(())
}

/// How many writes of each kind, where every kind is made.
fn by_kind(text: &mut String, outcomes: &[(&str, Outcome)]) -> std::fmt::Result {
    for (name, outcome) in outcomes.iter().filter(|(_, outcome)| !outcome.kinds.is_empty()) {
        writeln!(text, "\n| {name} | writes |\n|---|---|")?;
        for (kind, writes) in &outcome.kinds {
            writeln!(text, "| {kind} | {writes} |")?;
        }
    }
    Ok(())
}

fn by_page(text: &mut String, outcomes: &[(&str, Outcome)]) -> std::fmt::Result {
    write!(text, "\n| p50 / p99 in ms |")?;
    outcomes.iter().try_for_each(|(name, _)| write!(text, " {name} |"))?;
    write!(text, "\n|---|")?;
    outcomes.iter().try_for_each(|_| write!(text, "---|"))?;
    for (kind, (page, _)) in PAGES.iter().enumerate() {
        write!(text, "\n| {page} |")?;
        for (_, outcome) in outcomes {
            let latencies = &outcome.pages[kind];
            write!(text, " {:.2} / {:.2} |", at(latencies, 50.0), at(latencies, 99.0))?;
        }
    }
    writeln!(text)
}

/// Where the misses are, most of them first.
fn by_template(text: &mut String, outcomes: &[(&str, Outcome)]) -> std::fmt::Result {
    for (name, outcome) in outcomes.iter().filter(|(_, outcome)| !outcome.templates.is_empty()) {
        let all: u64 = outcome.templates.values().map(Template::misses).sum();
        let mut rows: Vec<_> = outcome.templates.iter().collect();
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.misses()));
        writeln!(text, "\n| {name} | reads | hit rate | share of all misses | not stored |")?;
        writeln!(text, "|---|---|---|---|---|")?;
        for (template, row) in rows {
            let share = |part: u64, of: u64| 100.0 * part as f64 / of.max(1) as f64;
            writeln!(
                text,
                "| `{template}` | {} | {:.1} % | {:.1} % | {} |",
                row.reads,
                share(row.hits, row.reads),
                share(row.misses(), all),
                row.refused,
            )?;
        }
    }
    Ok(())
}
