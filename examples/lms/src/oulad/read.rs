//! Reads a whole data set: parses every table, then checks what the tables say of each other.

use super::problem::Problems;
use super::rows::Rows;
use super::source::Source;
use super::{check, parse};

/// All rows of a data set.
///
/// # Errors
///
/// Every damaged row with its file and line. Checks that would only repeat a table's damage wait
/// until that table is whole: a course whose row is damaged is not also unknown to each of its students.
pub fn read(source: &Source) -> Result<Rows, Problems> {
    let mut problems = Problems::default();
    let courses = parse::courses(&source.courses, &mut problems);
    let courses_are_whole = problems.total() == 0;
    let students = parse::students(&source.student_info, &mut problems);
    let registrations = parse::registrations(&source.student_registration, &mut problems);
    let students_are_whole = problems.total() == 0;
    let materials = parse::materials(&source.vle, &mut problems);
    let assessments = parse::assessments(&source.assessments, &mut problems);
    let rows = Rows { courses, students, registrations, materials, assessments };
    check::duplicates(&rows, source, &mut problems);
    if courses_are_whole {
        check::unknown_courses(&rows, source, &mut problems);
    }
    if students_are_whole {
        check::lonely_rows(&rows, source, &mut problems);
    }
    check::contradictions(&rows, source, &mut problems);
    if problems.total() == 0 { Ok(rows) } else { Err(problems) }
}
