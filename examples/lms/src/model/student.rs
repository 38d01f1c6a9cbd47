//! Students: list, profile, and the dashboard that they see first.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::course::CourseCard;
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

/// What is kept of a student for the dashboard: what is the student's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudentRecord {
    /// Who it is.
    pub student: StudentProfile,
    /// What they take, in no order.
    pub courses: Vec<Study>,
}

/// What a student has done in one course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Study {
    /// The enrolment.
    pub enrolment_id: Uuid,
    /// The course.
    pub course_id: Uuid,
    /// The day of the course on which the student left, where that is known.
    pub unregistered_day: Option<i32>,
    /// How it ended; nothing while it goes on.
    pub result: Option<EnrolmentResult>,
    /// Credits studied.
    pub credits: i32,
    /// How many assessments have been graded.
    pub graded: i64,
    /// Mean score of what was graded, in percent.
    pub mean_score: Option<f64>,
    /// What the course costs and what was paid.
    #[sqlx(flatten)]
    pub payments: PaymentState,
}

impl Study {
    /// The same as a dashboard shows it on a day. Progress is how much of the course has gone by: all of it once there is a
    /// result, unless the student left on a known day.
    pub fn of(self, course: CourseCard, today: NaiveDate) -> DashboardCourse {
        let day = match (self.unregistered_day, self.result) {
            (Some(day), _) => i64::from(day),
            (None, Some(_)) => i64::from(course.length_days),
            (None, None) => (today - course.starts_on).num_days(),
        };
        let percent = (100 * day / i64::from(course.length_days.max(1))).clamp(0, 100);
        let is_due = |due: &&Option<i32>| due.is_some_and(|due| i64::from(due) <= day);
        let due = course.due_days.iter().filter(is_due).count();
        DashboardCourse {
            enrolment_id: self.enrolment_id,
            course_id: self.course_id,
            code: course.code,
            presentation: course.presentation,
            title: course.title,
            starts_on: course.starts_on,
            teacher_id: course.teacher_id,
            teacher_name: course.teacher_name,
            result: self.result,
            progress_percent: i32::try_from(percent).unwrap_or(100),
            credits: self.credits,
            materials: course.materials,
            assessments: course.due_days.len() as i64,
            assessments_due: due as i64,
            graded: self.graded,
            mean_score: self.mean_score,
            payments: self.payments,
        }
    }
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Its first day.
    pub starts_on: NaiveDate,
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
