//! Students: list, profile, and the dashboard that they see first.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::vocabulary::EnrolmentResult;

/// A student in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct StudentSummary {
    /// The id.
    pub id: Uuid,
    /// The name (generated: the data set has none).
    pub name: String,
    /// The number in OULAD, if the student comes from there.
    pub oulad_id: Option<i64>,
    /// How many courses.
    pub courses: i64,
}

/// Who a student is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct StudentProfile {
    /// The id.
    pub id: Uuid,
    /// The name (generated: the data set has none).
    pub name: String,
    /// The address (generated, and no real one).
    pub email: String,
    /// The number in OULAD, if the student comes from there.
    pub oulad_id: Option<i64>,
    /// Where the student lives.
    pub region: String,
    /// Highest education so far.
    pub education: String,
    /// What they write about themselves.
    pub about: String,
}

/// What a student sees first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Whose it is.
    pub student: StudentProfile,
    /// The latest one first.
    pub courses: Vec<DashboardCourse>,
}

/// One course of a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct DashboardCourse {
    /// The enrolment.
    pub enrolment_id: Uuid,
    /// The course.
    pub course_id: Uuid,
    /// Its module.
    pub code: String,
    /// Its presentation.
    pub presentation: String,
    /// Its title.
    pub title: String,
    /// Who teaches it.
    pub teacher_id: Uuid,
    /// That one's name.
    pub teacher_name: String,
    /// How it ended; nothing while it goes on.
    pub result: Option<EnrolmentResult>,
    /// How much of the course has gone by: to its end, to today, or to the day the student left.
    pub progress_percent: i32,
    /// Credits studied.
    pub credits: i32,
    /// How much material there is.
    pub materials: i64,
    /// How many assessments there are.
    pub assessments: i64,
    /// How many of them were due within the progress made.
    pub assessments_due: i64,
    /// How many of them have been graded.
    pub graded: i64,
    /// Mean score of what was graded, in percent.
    pub mean_score: Option<f64>,
    /// What the course costs and what was paid.
    #[sqlx(flatten)]
    pub payments: PaymentState,
}

/// What an enrolment costs, in pence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct PaymentState {
    /// Paid and kept.
    pub paid_pence: i64,
    /// Pending or failed.
    pub open_pence: i64,
    /// Given back.
    pub refunded_pence: i64,
}
