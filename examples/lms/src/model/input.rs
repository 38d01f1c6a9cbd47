//! What people hand in, checked: only `crate::input` makes these out of what was typed.

use chrono::NaiveDate;
use uuid::Uuid;

/// A course as its form describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseInput {
    /// The module, such as `AAA`.
    pub code: String,
    /// The presentation, such as `2026J`.
    pub presentation: String,
    /// What people call it.
    pub title: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// From the first day to the last one.
    pub length_days: i32,
}

/// What can be changed of a course; what is `None` stays.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseEdit {
    /// What people call it.
    pub title: String,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// From the first day to the last one.
    pub length_days: Option<i32>,
}

/// What can be changed of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileInput {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they write about themselves; `None` leaves it as it is.
    pub about: Option<String>,
}

/// A grade for one piece of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradeInput {
    /// The work.
    pub assessment: Uuid,
    /// Whose it is.
    pub student: Uuid,
    /// Percent of what can be reached.
    pub score: i32,
}
