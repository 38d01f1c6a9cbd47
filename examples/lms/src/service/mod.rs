//! Between handlers and repositories: which variant of caching serves, so that the load can compare them.
//! Policy of the cache itself is not here but at the repositories' annotations.

mod by_hand;
mod compose;
mod reads;
mod variant;
mod warm;
mod writes;

pub use by_hand::ByHand;
pub use variant::Variant;
pub use warm::{WarmReport, Warmed};

use cached_core::Cache;
use cached_postgres::CachedPool;
use sqlx::PgPool;

use crate::repository::{
    AccountRepository, AdminRepository, AnalyticsRepository, AssessmentRepository,
    CourseRepository, EnrolmentRepository, MaterialRepository, PaymentRepository,
    StudentRepository, TeacherRepository,
};

/// All that the application can do.
#[derive(Debug, Clone)]
pub struct Services {
    accounts: AccountRepository,
    admins: AdminRepository,
    analytics: AnalyticsRepository,
    assessments: AssessmentRepository,
    courses: CourseRepository,
    enrolments: EnrolmentRepository,
    materials: MaterialRepository,
    payments: PaymentRepository,
    students: StudentRepository,
    teachers: TeacherRepository,
    hand: Option<ByHand>,
    cache: Cache,
}

impl Services {
    /// Repositories on a database; what their writes make untrue is invalidated in `cache`.
    pub fn new(pool: PgPool, cache: Cache) -> Self {
        let db = CachedPool::new(pool, cache.clone());
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
            hand: None,
            cache,
        }
    }

    /// The cache in which writes invalidate.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The same with cache-aside by hand. Run it in a `bypass_scope`, or both cache.
    #[must_use]
    pub fn by_hand(mut self, hand: ByHand) -> Self {
        self.hand = Some(hand);
        self
    }

    /// What the hand-written cache did, if it serves: hits and misses.
    pub fn hand_counts(&self) -> Option<(u64, u64)> {
        self.hand.as_ref().map(ByHand::counts)
    }
}
