//! Enrolments, instalments and grades, as their pages show them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::course::CourseCard;
use super::vocabulary::{
    AssessmentKind, CourseStatus, EnrolmentResult, PaymentMethod, PaymentStatus,
};

/// What one credit costs, in pence.
pub const PENCE_A_CREDIT: i64 = 2_250;

/// That a student takes a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Enrolment {
    /// The course.
    pub course_id: Uuid,
    /// Credits studied.
    pub credits: i32,
    /// How it ended for the student; nothing while it goes on.
    pub result: Option<EnrolmentResult>,
}

impl Enrolment {
    /// The same as it is shown.
    pub fn of(self, course: CourseCard) -> StudentCourse {
        let Self { course_id, credits, result } = self;
        let CourseCard { code, presentation, title, status, starts_on, .. } = course;
        StudentCourse { course_id, code, presentation, title, status, starts_on, credits, result }
    }
}

/// A course of a student.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudentCourse {
    /// The course.
    pub course_id: Uuid,
    /// Its module.
    pub code: String,
    /// Its presentation.
    pub presentation: String,
    /// Its title.
    pub title: String,
    /// Where the course stands.
    pub status: CourseStatus,
    /// First day.
    pub starts_on: NaiveDate,
    /// Credits studied.
    pub credits: i32,
    /// How it ended for the student; nothing while it goes on.
    pub result: Option<EnrolmentResult>,
}

/// A student of a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct RosterEntry {
    /// The student.
    pub student_id: Uuid,
    /// The name.
    pub name: String,
    /// Their number in the data set; names are not unique.
    pub oulad_id: Option<i64>,
    /// How the course ended; nothing while it goes on.
    pub result: Option<EnrolmentResult>,
    /// How many pieces of work have been graded.
    pub graded: i64,
    /// Mean score of what was graded, in percent.
    pub mean_score: Option<f64>,
}

impl RosterEntry {
    /// Name and number.
    pub fn label(&self) -> String {
        self.oulad_id.map_or_else(|| self.name.clone(), |number| format!("{}, {number}", self.name))
    }
}

/// One instalment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Payment {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub course_id: Uuid,
    /// The course's title.
    pub title: String,
    /// Counted from 1.
    pub instalment: i32,
    /// How much, in pence.
    pub amount_pence: i64,
    /// How it is paid.
    pub method: PaymentMethod,
    /// What became of it.
    pub status: PaymentStatus,
    /// When it is due.
    pub due_on: NaiveDate,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
}

/// One piece of marked work of a student.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Grade {
    /// The work.
    pub assessment_id: Uuid,
    /// The course that it belongs to.
    pub course_id: Uuid,
    /// The course's title.
    pub title: String,
    /// How it is marked.
    pub kind: AssessmentKind,
    /// Percent of what can be reached.
    pub score: i32,
}
