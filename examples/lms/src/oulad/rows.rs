//! The rows of the five tables, typed, each with the line that it came from.

use std::fmt;

use chrono::NaiveDate;

use crate::model::{AssessmentKind, EnrolmentResult};

/// The natural key of a course: a module and one of its presentations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CourseKey {
    /// `code_module`, such as `AAA`.
    pub code: String,
    /// `code_presentation`, such as `2013J`: a year, and `B` for February or `J` for October.
    pub presentation: String,
}

impl fmt::Display for CourseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.code, self.presentation)
    }
}

/// A row of `courses.csv`.
#[derive(Debug, Clone)]
pub struct CourseRow {
    /// Its line in the file.
    pub line: u64,
    /// Module and presentation.
    pub key: CourseKey,
    /// The day of which the presentation's code tells the month.
    pub starts_on: NaiveDate,
    /// `module_presentation_length`.
    pub length_days: i32,
}

/// A row of `studentInfo.csv`: a student in one course.
#[derive(Debug, Clone)]
pub struct StudentRow {
    /// Its line in the file.
    pub line: u64,
    /// The course.
    pub course: CourseKey,
    /// `id_student`.
    pub student: i64,
    /// What must be the same in every row of this student.
    pub person: Person,
    /// `age_band`, which may change from one course to the next.
    pub age_band: &'static str,
    /// `num_of_prev_attempts`.
    pub previous_attempts: i32,
    /// `studied_credits`.
    pub credits: i32,
    /// `final_result`.
    pub result: EnrolmentResult,
}

/// The columns of `studentInfo.csv` that belong to the student and not to the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `gender`.
    pub gender: &'static str,
    /// `region`.
    pub region: String,
    /// `highest_education`.
    pub education: &'static str,
    /// `imd_band`, where known.
    pub imd_band: Option<&'static str>,
    /// `disability`.
    pub disability: bool,
}

/// A row of `studentRegistration.csv`. Days count from the start of the course.
#[derive(Debug, Clone)]
pub struct RegistrationRow {
    /// Its line in the file.
    pub line: u64,
    /// The course.
    pub course: CourseKey,
    /// `id_student`.
    pub student: i64,
    /// `date_registration`, where known.
    pub registered_day: Option<i32>,
    /// `date_unregistration`, for those who left.
    pub unregistered_day: Option<i32>,
}

/// A row of `vle.csv`: a piece of course material.
#[derive(Debug, Clone)]
pub struct MaterialRow {
    /// Its line in the file.
    pub line: u64,
    /// `id_site`.
    pub site: i64,
    /// The course.
    pub course: CourseKey,
    /// `activity_type`.
    pub activity_type: &'static str,
    /// `week_from`, where planned.
    pub week_from: Option<i32>,
    /// `week_to`, where planned.
    pub week_to: Option<i32>,
}

/// A row of `assessments.csv`.
#[derive(Debug, Clone)]
pub struct AssessmentRow {
    /// Its line in the file.
    pub line: u64,
    /// `id_assessment`.
    pub assessment: i64,
    /// The course.
    pub course: CourseKey,
    /// `assessment_type`.
    pub kind: AssessmentKind,
    /// `date`: the last day to hand in, where known.
    pub due_day: Option<i32>,
    /// `weight` in percent.
    pub weight: f64,
}

/// The tables of one data set.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// `courses.csv`.
    pub courses: Vec<CourseRow>,
    /// `studentInfo.csv`.
    pub students: Vec<StudentRow>,
    /// `studentRegistration.csv`.
    pub registrations: Vec<RegistrationRow>,
    /// `vle.csv`.
    pub materials: Vec<MaterialRow>,
    /// `assessments.csv`.
    pub assessments: Vec<AssessmentRow>,
}
