//! Teachers and administrators: profiles, and what they see first.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::vocabulary::CourseStatus;

/// Who a teacher or an administrator is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct StaffProfile {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they write about themselves.
    pub about: String,
}

/// What a teacher sees first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeacherDashboard {
    /// Whose it is.
    pub teacher: StaffProfile,
    /// Drafts first, then by presentation.
    pub courses: Vec<TaughtCourse>,
}

/// One course of a teacher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct TaughtCourse {
    /// The course.
    pub id: Uuid,
    /// Its module.
    pub code: String,
    /// Its presentation.
    pub presentation: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: CourseStatus,
    /// First day.
    pub starts_on: NaiveDate,
    /// How many are or were enrolled.
    pub students: i64,
    /// How many of them are in the middle of it.
    pub studying: i64,
    /// How many pieces of work have been graded.
    pub graded: i64,
    /// Mean score of what was graded, in percent.
    pub mean_score: Option<f64>,
}

/// What an administrator sees first; the analytics stand beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdminDashboard {
    /// Courses that are being written.
    pub drafts: Vec<DraftCourse>,
    /// How many instalments are open.
    pub open_payments: i64,
    /// What they come to, in pence.
    pub open_pence: i64,
}

/// A course that is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct DraftCourse {
    /// The course.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Who teaches it.
    pub teacher_name: String,
}
