//! The records of one import, one struct a table.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::model::{AssessmentKind, EnrolmentResult, PaymentMethod, PaymentStatus};

/// All records of one import, in an order in which foreign keys hold.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Students, teachers and an administrator.
    pub users: Vec<User>,
    /// One for every student.
    pub profiles: Vec<Profile>,
    /// Module presentations.
    pub courses: Vec<Course>,
    /// Pieces of course material.
    pub materials: Vec<Material>,
    /// Marked work.
    pub assessments: Vec<Assessment>,
    /// Students in courses.
    pub enrolments: Vec<Enrolment>,
    /// Instalments of what enrolments cost.
    pub payments: Vec<Payment>,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes courses.
    Student,
    /// Gives courses.
    Teacher,
    /// Runs the place.
    Admin,
}

/// A row of `users`.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // as in the table
pub struct User {
    pub id: Uuid,
    pub role: Role,
    pub name: String,
    pub email: String,
    pub oulad_id: Option<i64>,
}

/// A row of `student_profiles`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Profile {
    pub user_id: Uuid,
    pub gender: &'static str,
    pub region: String,
    pub education: &'static str,
    pub imd_band: Option<&'static str>,
    pub disability: bool,
}

/// A row of `courses`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Course {
    pub id: Uuid,
    pub code: String,
    pub presentation: String,
    pub title: String,
    pub starts_on: NaiveDate,
    pub length_days: i32,
    pub teacher_id: Uuid,
}

/// A row of `materials`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Material {
    pub id: Uuid,
    pub course_id: Uuid,
    pub oulad_id: i64,
    pub activity_type: &'static str,
    pub week_from: Option<i32>,
    pub week_to: Option<i32>,
}

/// A row of `assessments`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Assessment {
    pub id: Uuid,
    pub course_id: Uuid,
    pub oulad_id: i64,
    pub kind: AssessmentKind,
    pub due_day: Option<i32>,
    pub weight: f64,
}

/// A row of `enrolments`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Enrolment {
    pub id: Uuid,
    pub course_id: Uuid,
    pub student_id: Uuid,
    pub registered_day: Option<i32>,
    pub unregistered_day: Option<i32>,
    pub age_band: &'static str,
    pub previous_attempts: i32,
    pub credits: i32,
    pub result: EnrolmentResult,
}

/// A row of `payments`.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Payment {
    pub id: Uuid,
    pub enrolment_id: Uuid,
    pub instalment: i32,
    pub amount_pence: i64,
    pub method: PaymentMethod,
    pub status: PaymentStatus,
    pub due_on: NaiveDate,
    pub paid_on: Option<NaiveDate>,
}
