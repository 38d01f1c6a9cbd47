//! The reads, each through the hand-written cache if that is what serves. Those that the load does not
//! ask for are cached by their annotation or not at all.

use uuid::Uuid;

use super::Services;
use super::by_hand::session_key;
use crate::model::{
    Account, AdminDashboard, CourseDetails, CourseStatistics, CourseSummary, Dashboard,
    EnrolmentAnalytics, Grade, Material, Page, PageRequest, Payment, PlatformAnalytics,
    RevenueAnalytics, RosterEntry, Session, StaffProfile, StudentCourse, StudentProfile,
    StudentSummary, TeacherDashboard, UserRole,
};

const MEDIUM: u64 = 300;
const LONG: u64 = 1800;
const VERY_LONG: u64 = 3600;

type Read<T> = Result<T, sqlx::Error>;

/// A read through the hand-written cache where there is one: key, seconds, repository's future.
macro_rules! read {
    ($self:ident, $seconds:expr, $load:expr, $($key:tt)+) => {
        match &$self.hand {
            Some(hand) => hand.read(&format!($($key)+), $seconds, $load).await,
            None => $load.await,
        }
    };
}

#[allow(missing_docs, clippy::missing_errors_doc)] // as in the repositories
impl Services {
    pub async fn session(&self, token: &str) -> Read<Option<Session>> {
        read!(self, LONG, self.accounts.session(token), "{}", session_key(token))
    }

    pub async fn account(&self, email: &str) -> Read<Option<Account>> {
        self.accounts.by_email(email).await
    }

    pub async fn busiest(&self, role: UserRole) -> Read<Option<Account>> {
        self.accounts.busiest(role).await
    }

    pub async fn courses(&self, request: &PageRequest) -> Read<Page<CourseSummary>> {
        let version = match &self.hand {
            Some(hand) => hand.courses_version().await,
            None => 0,
        };
        let PageRequest { page, per_page, search } = request;
        let load = self.courses.list(request);
        read!(self, MEDIUM, load, "hand:courses:{version}:{page}:{per_page}:{search}")
    }

    pub async fn course(&self, id: Uuid) -> Read<Option<CourseDetails>> {
        read!(self, LONG, self.courses.details(id), "hand:course:{id}")
    }

    pub async fn course_statistics(&self, id: Uuid) -> Read<CourseStatistics> {
        read!(self, MEDIUM, self.courses.statistics(id), "hand:course:{id}:statistics")
    }

    pub async fn materials(&self, course: Uuid) -> Read<Vec<Material>> {
        read!(self, LONG, self.materials.planned(course), "hand:course:{course}:materials")
    }

    pub async fn roster(&self, course: Uuid, page: u32) -> Read<Page<RosterEntry>> {
        self.enrolments.of_course(course, page).await
    }

    pub async fn students(&self, request: &PageRequest) -> Read<Page<StudentSummary>> {
        self.students.list(request).await
    }

    pub async fn student(&self, id: Uuid) -> Read<Option<StudentProfile>> {
        read!(self, LONG, self.students.profile(id), "hand:student:{id}:profile")
    }

    pub async fn student_dashboard(&self, id: Uuid) -> Read<Option<Dashboard>> {
        read!(self, MEDIUM, self.dashboard_of(id), "hand:student:{id}:dashboard")
    }

    pub async fn student_courses(&self, id: Uuid) -> Read<Vec<StudentCourse>> {
        read!(self, MEDIUM, self.courses_of(id), "hand:student:{id}:courses")
    }

    pub async fn student_grades(&self, id: Uuid) -> Read<Vec<Grade>> {
        read!(self, MEDIUM, self.assessments.grades_of(id), "hand:student:{id}:grades")
    }

    pub async fn student_payments(&self, id: Uuid) -> Read<Vec<Payment>> {
        read!(self, MEDIUM, self.payments.of_student(id), "hand:student:{id}:payments")
    }

    pub async fn teachers(&self) -> Read<Vec<StaffProfile>> {
        self.teachers.list().await
    }

    pub async fn teacher(&self, id: Uuid) -> Read<Option<StaffProfile>> {
        self.teachers.profile(id).await
    }

    pub async fn teacher_dashboard(&self, id: Uuid) -> Read<Option<TeacherDashboard>> {
        read!(self, MEDIUM, self.teachers.dashboard(id), "hand:dashboard:teacher:{id}")
    }

    pub async fn admin(&self, id: Uuid) -> Read<Option<StaffProfile>> {
        self.admins.profile(id).await
    }

    pub async fn admin_dashboard(&self) -> Read<AdminDashboard> {
        read!(self, MEDIUM, self.admins.dashboard(), "hand:dashboard:admin")
    }

    pub async fn platform(&self) -> Read<PlatformAnalytics> {
        read!(self, VERY_LONG, self.analytics.platform(), "hand:analytics:platform")
    }

    pub async fn enrolment_analytics(&self) -> Read<EnrolmentAnalytics> {
        read!(self, VERY_LONG, self.analytics.enrolments(), "hand:analytics:enrolments")
    }

    pub async fn revenue(&self) -> Read<RevenueAnalytics> {
        read!(self, VERY_LONG, self.analytics.revenue(), "hand:analytics:revenue")
    }
}
