//! What people hand in: read, checked, and turned into what repositories take. Forms and JSON share it.

mod fields;
mod forms;

pub use fields::{FieldErrors, Fields};
pub use forms::{course, course_edit, grade, profile};
