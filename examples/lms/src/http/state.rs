//! What every handler can reach.

use cached_core::Cache;
use cached_postgres::CachedPool;
use sqlx::PgPool;

use crate::repository::{
    AccountRepository, AdminRepository, AnalyticsRepository, AssessmentRepository,
    CourseRepository, EnrolmentRepository, MaterialRepository, PaymentRepository,
    StudentRepository, TeacherRepository,
};

/// The repositories.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) accounts: AccountRepository,
    pub(crate) admins: AdminRepository,
    pub(crate) analytics: AnalyticsRepository,
    pub(crate) assessments: AssessmentRepository,
    pub(crate) courses: CourseRepository,
    pub(crate) enrolments: EnrolmentRepository,
    pub(crate) materials: MaterialRepository,
    pub(crate) payments: PaymentRepository,
    pub(crate) students: StudentRepository,
    pub(crate) teachers: TeacherRepository,
}

impl State {
    /// Repositories on a database; what their writes make untrue is invalidated in `cache`.
    pub fn new(pool: PgPool, cache: Cache) -> Self {
        let db = CachedPool::new(pool, cache);
        Self {
            accounts: AccountRepository::new(db.clone()),
            admins: AdminRepository::new(db.clone()),
            analytics: AnalyticsRepository::new(db.clone()),
            assessments: AssessmentRepository::new(db.clone()),
            courses: CourseRepository::new(db.clone()),
            enrolments: EnrolmentRepository::new(db.clone()),
            materials: MaterialRepository::new(db.clone()),
            payments: PaymentRepository::new(db.clone()),
            students: StudentRepository::new(db.clone()),
            teachers: TeacherRepository::new(db),
        }
    }
}
