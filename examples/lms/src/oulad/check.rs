//! What a row alone cannot tell: duplicates, courses that do not exist, students of whom the two
//! student tables say different things.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use super::problem::Problems;
use super::rows::{CourseKey, Rows};
use super::source::Source;

/// Notes every row that names the same thing as an earlier one of its table.
pub(super) fn duplicates(rows: &Rows, source: &Source, problems: &mut Problems) {
    let courses = rows.courses.iter().map(|row| (row.line, &row.key));
    unique(courses, &source.courses.name, |key| format!("course {key}"), problems);
    let students = rows.students.iter().map(|row| (row.line, (&row.course, row.student)));
    unique(students, &source.student_info.name, in_course, problems);
    let registrations = rows.registrations.iter().map(|row| (row.line, (&row.course, row.student)));
    unique(registrations, &source.student_registration.name, in_course, problems);
    let materials = rows.materials.iter().map(|row| (row.line, row.site));
    unique(materials, &source.vle.name, |site| format!("site {site}"), problems);
    let assessments = rows.assessments.iter().map(|row| (row.line, row.assessment));
    unique(assessments, &source.assessments.name, |id| format!("assessment {id}"), problems);
}

/// Notes every row whose course is not in `courses.csv`.
pub(super) fn unknown_courses(rows: &Rows, source: &Source, problems: &mut Problems) {
    let known: std::collections::HashSet<&CourseKey> =
        rows.courses.iter().map(|row| &row.key).collect();
    let mut all = |file: &str, named: &mut dyn Iterator<Item = (u64, &CourseKey)>| {
        for (line, key) in named.filter(|(_, key)| !known.contains(key)) {
            problems.add(file, line, format!("there is no course {key} in courses.csv"));
        }
    };
    let Source { student_info, student_registration, vle, assessments, .. } = source;
    all(&student_info.name, &mut rows.students.iter().map(|row| (row.line, &row.course)));
    let registrations = &mut rows.registrations.iter().map(|row| (row.line, &row.course));
    all(&student_registration.name, registrations);
    all(&vle.name, &mut rows.materials.iter().map(|row| (row.line, &row.course)));
    all(&assessments.name, &mut rows.assessments.iter().map(|row| (row.line, &row.course)));
}

/// Notes every student in a course of whom only one of the two student tables knows.
pub(super) fn lonely_rows(rows: &Rows, source: &Source, problems: &mut Problems) {
    let students: HashMap<_, _> =
        rows.students.iter().map(|row| ((&row.course, row.student), row.line)).collect();
    let registrations: HashMap<_, _> =
        rows.registrations.iter().map(|row| ((&row.course, row.student), row.line)).collect();
    for row in &rows.students {
        let key = (&row.course, row.student);
        if !registrations.contains_key(&key) {
            let message = format!("{} is not in studentRegistration.csv", in_course(&key));
            problems.add(&source.student_info.name, row.line, message);
        }
    }
    for row in &rows.registrations {
        let key = (&row.course, row.student);
        if !students.contains_key(&key) {
            let message = format!("{} is not in studentInfo.csv", in_course(&key));
            problems.add(&source.student_registration.name, row.line, message);
        }
    }
}

/// Notes every row that contradicts an earlier one about the same person.
pub(super) fn contradictions(rows: &Rows, source: &Source, problems: &mut Problems) {
    let mut first = HashMap::new();
    for row in &rows.students {
        let (line, person) = *first.entry(row.student).or_insert((row.line, &row.person));
        if *person != row.person {
            let message = format!(
                "student {} has another gender, region, education, imd_band or disability in line {line}",
                row.student
            );
            problems.add(&source.student_info.name, row.line, message);
        }
    }
}

fn unique<K: Eq + Hash + Copy>(
    rows: impl Iterator<Item = (u64, K)>,
    file: &str,
    name: impl Fn(&K) -> String,
    problems: &mut Problems,
) {
    let mut first = HashMap::new();
    for (line, key) in rows {
        let earlier = *first.entry(key).or_insert(line);
        if earlier != line {
            let message = format!("{} is already in line {earlier}", name(&key));
            problems.add(file, line, message);
        }
    }
}

fn in_course<C: Display>((course, student): &(C, i64)) -> String {
    format!("student {student} in course {course}")
}
