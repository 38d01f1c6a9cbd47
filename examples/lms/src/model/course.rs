//! Courses as lists and as details.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::vocabulary::{AssessmentKind, CourseStatus, EnrolmentResult};

/// A course in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct CourseSummary {
    /// Its id.
    pub id: Uuid,
    /// The module, such as `AAA`.
    pub code: String,
    /// The presentation of the module, such as `2013J`.
    pub presentation: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub status: CourseStatus,
    /// First day.
    pub starts_on: NaiveDate,
    /// From the first day to the last one.
    pub length_days: i32,
    /// Who teaches it.
    pub teacher_id: Uuid,
    /// That one's name.
    pub teacher_name: String,
    /// How many students are or were enrolled.
    pub students: i64,
}

/// What pages of its students show of a course. Students' own pages hold its id alone, so that a new title makes one value
/// untrue and not a thousand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct CourseCard {
    /// The module.
    pub code: String,
    /// The presentation.
    pub presentation: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub status: CourseStatus,
    /// First day.
    pub starts_on: NaiveDate,
    /// From the first day to the last one.
    pub length_days: i32,
    /// Who teaches it.
    pub teacher_id: Uuid,
    /// That one's name.
    pub teacher_name: String,
    /// How much material there is.
    pub materials: i64,
    /// The day of each assessment, where known.
    pub due_days: Vec<Option<i32>>,
}

/// A course with all that its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CourseDetails {
    /// The course itself.
    pub course: CourseSummary,
    /// By the day on which they are due.
    pub assessments: Vec<Assessment>,
    /// How much material of each kind there is.
    pub materials: Vec<MaterialCount>,
    /// How its students' courses ended.
    pub results: Vec<ResultCount>,
}

/// Marked work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Assessment {
    /// Its id.
    pub id: Uuid,
    /// How it is marked.
    pub kind: AssessmentKind,
    /// Days from the start of the course, where known.
    pub due_day: Option<i32>,
    /// Share of the final mark in percent.
    pub weight: f64,
}

/// How many pieces of material there are of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct MaterialCount {
    /// The kind.
    pub activity_type: String,
    /// The number.
    pub count: i64,
}

/// How many students' courses ended in one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct ResultCount {
    /// The way; nothing while the course goes on.
    pub result: Option<EnrolmentResult>,
    /// The number.
    pub count: i64,
}

/// A piece of course material.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Material {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub activity_type: String,
    /// First week in which it is used, where planned.
    pub week_from: Option<i32>,
    /// Last week in which it is used, where planned.
    pub week_to: Option<i32>,
}
