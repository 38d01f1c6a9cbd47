//! The Open University Learning Analytics Dataset as CSV tables: where they come from, reading them
//! and finding what is wrong with them. Knows nothing of the database.
//!
//! Kuzilek, Hlosta, Zdrahal, *Open University Learning Analytics dataset*, Scientific Data 4:170171
//! (2017), <https://doi.org/10.1038/sdata.2017.171>.

mod check;
mod generate;
mod line;
mod parse;
mod problem;
mod read;
mod rows;
mod source;
mod table;
mod values;

pub use generate::SEED;
pub use problem::{Problem, Problems};
pub use read::read;
pub use rows::{
    AssessmentRow, CourseKey, CourseRow, MaterialRow, RegistrationRow, Rows, StudentRow,
};
pub use source::Source;
