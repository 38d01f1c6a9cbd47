//! Tables for people and JSON for programs. Measures nothing.

use serde_json::{Map, Value, json};

/// What has been measured.
pub(crate) struct Report {
    workloads: Map<String, Value>,
}

/// One line of a table: a name, figures, and a ratio to the line that is the floor.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) figures: Vec<f64>,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, figures: impl Into<Vec<f64>>) -> Self {
        Self { name: name.into(), figures: figures.into() }
    }
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { workloads: Map::new() }
    }

    /// Prints a table in Markdown and keeps it for the JSON file. The last column is the first figure's ratio to that
    /// of the first row.
    pub(crate) fn table(&mut self, workload: &str, title: &str, columns: &[&str], rows: &[Row]) {
        println!("\n### {title}\n\n| | {} | ratio |", columns.join(" | "));
        println!("|---|{}", "---:|".repeat(columns.len() + 1));
        let floor = rows.first().and_then(|row| row.figures.first()).copied().unwrap_or(1.0);
        let mut kept = Vec::new();
        for row in rows {
            let figures: Vec<String> = row.figures.iter().map(|figure| shown(*figure)).collect();
            let ratio = row.figures.first().map_or(f64::NAN, |figure| figure / floor);
            println!("| {} | {} | {ratio:.2} |", row.name, figures.join(" | "));
            kept.push(json!({ "name": row.name, "figures": row.figures, "ratio": ratio }));
        }
        let table = json!({ "title": title, "columns": columns, "rows": kept });
        self.workloads.insert(workload.to_owned(), table);
    }

    /// Writes the JSON file, if one is wanted.
    pub(crate) fn save(&self, path: Option<&str>) {
        let Some(path) = path else { return };
        let text = serde_json::to_string_pretty(&self.workloads).expect("plain data");
        std::fs::write(path, text + "\n").unwrap_or_else(|why| panic!("{path}: {why}"));
        println!("\nwritten to {path}");
    }
}

fn shown(figure: f64) -> String {
    match figure.abs() {
        size if size >= 1000.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
