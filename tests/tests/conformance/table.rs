//! The table of deployments and cases, as it is printed.

use std::sync::Mutex;

pub struct Table {
    columns: Vec<&'static str>,
    rows: Vec<&'static str>,
    /// Row by row; `None` where a case was not run.
    cells: Mutex<Vec<Option<bool>>>,
}

impl Table {
    pub fn new(columns: Vec<&'static str>, rows: Vec<&'static str>) -> Self {
        let cells = Mutex::new(vec![None; columns.len() * rows.len()]);
        Self { columns, rows, cells }
    }

    pub fn set(&self, row: usize, column: usize, passed: bool) {
        self.cells.lock().unwrap()[row * self.columns.len() + column] = Some(passed);
    }

    pub fn print(&self) {
        let cells = self.cells.lock().unwrap();
        let first = self.rows.iter().map(|row| row.len()).max().unwrap_or(0);
        print!("\n{:first$}", "");
        for column in &self.columns {
            print!("  {column}");
        }
        println!();
        for (row, cells) in self.rows.iter().zip(cells.chunks(self.columns.len())) {
            print!("{row:first$}");
            for (column, cell) in self.columns.iter().zip(cells) {
                let word = match cell {
                    None => "-",
                    Some(true) => "ok",
                    Some(false) => "FAILED",
                };
                print!("  {word:>width$}", width = column.len());
            }
            println!();
        }
        let ran = cells.iter().flatten().count();
        let passed = cells.iter().flatten().filter(|passed| **passed).count();
        println!("{passed} of {ran} cells are ok");
    }
}
