//! Where the five tables come from: a folder, or the generator. Reads bytes, understands none.

use std::path::Path;

use super::generate;

/// One CSV table, not parsed yet.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// How messages call it: the path of the file.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The CSV tables of one data set.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) courses: Text,
    pub(super) student_info: Text,
    pub(super) student_registration: Text,
    pub(super) vle: Text,
    pub(super) assessments: Text,
}

impl Source {
    /// Reads `courses.csv`, `studentInfo.csv`, `studentRegistration.csv`, `vle.csv` and
    /// `assessments.csv` of a folder. Blocks.
    ///
    /// # Errors
    ///
    /// A sentence that names every file that cannot be read.
    pub fn folder(folder: &Path) -> Result<Self, String> {
        let mut failures = Vec::new();
        let mut open = |name: &str| {
            let path = folder.join(name);
            let bytes = std::fs::read(&path).unwrap_or_else(|error| {
                failures.push(format!("{}: {error}", path.display()));
                Vec::new()
            });
            Text { name: path.display().to_string(), bytes }
        };
        let source = Self {
            courses: open("courses.csv"),
            student_info: open("studentInfo.csv"),
            student_registration: open("studentRegistration.csv"),
            vle: open("vle.csv"),
            assessments: open("assessments.csv"),
        };
        if failures.is_empty() {
            return Ok(source);
        }
        Err(format!(
            "these tables cannot be read, give the folder that holds the OULAD files: {}",
            failures.join("; ")
        ))
    }

    /// Made-up tables of OULAD's size, the same ones for the same seed.
    pub fn generated(seed: u64) -> Self {
        let tables = generate::tables(seed);
        let text = |name: &str, bytes| Text { name: format!("generated {name}"), bytes };
        Self {
            courses: text("courses.csv", tables.courses),
            student_info: text("studentInfo.csv", tables.student_info),
            student_registration: text("studentRegistration.csv", tables.student_registration),
            vle: text("vle.csv", tables.vle),
            assessments: text("assessments.csv", tables.assessments),
        }
    }
}
