//! Numbers about the whole place, for its administrators.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

/// A word and how often it occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Count {
    /// The word, as the database spells it.
    pub label: String,
    /// How often.
    pub count: i64,
}

/// The platform as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlatformAnalytics {
    /// Accounts by role.
    pub users: Vec<Count>,
    /// Courses by status.
    pub courses: Vec<Count>,
    /// Mean score of all that was graded, in percent.
    pub mean_score: Option<f64>,
    /// How many pieces of work have been graded.
    pub graded: i64,
}

/// Who enrols, and how it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrolmentAnalytics {
    /// Enrolments by how they ended; `studying` while they go on.
    pub results: Vec<Count>,
    /// Enrolments by presentation, the earliest first.
    pub presentations: Vec<Count>,
    /// The courses with the most students.
    pub popular: Vec<PopularCourse>,
}

/// A course that many take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct PopularCourse {
    /// The course.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// How many are or were enrolled.
    pub students: i64,
}

/// What comes in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevenueAnalytics {
    /// Paid and kept, in pence.
    pub paid_pence: i64,
    /// Pending or failed, in pence.
    pub open_pence: i64,
    /// Given back, in pence.
    pub refunded_pence: i64,
    /// Month by month, the earliest first.
    pub months: Vec<MonthlyRevenue>,
}

/// What came in within a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct MonthlyRevenue {
    /// Its first day.
    pub month: NaiveDate,
    /// Paid and kept, in pence.
    pub paid_pence: i64,
}

/// How one course goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct CourseStatistics {
    /// How many are or were enrolled.
    pub students: i64,
    /// How many are in the middle of it.
    pub studying: i64,
    /// How many passed, with distinction or without.
    pub passed: i64,
    /// How many left.
    pub withdrawn: i64,
    /// How many pieces of work have been graded.
    pub graded: i64,
    /// Mean score of what was graded, in percent.
    pub mean_score: Option<f64>,
    /// Paid and kept, in pence.
    pub paid_pence: i64,
}
