//! What the application talks about: the values that repositories return and take, and the API shows.

mod account;
mod analytics;
mod course;
mod enrolment;
mod input;
mod page;
mod student;
mod teacher;
mod vocabulary;

pub use account::{Account, Session};
pub use analytics::{
    Count, CourseStatistics, EnrolmentAnalytics, MonthlyRevenue, PlatformAnalytics, PopularCourse,
    RevenueAnalytics,
};
pub use course::{
    Assessment, CourseCard, CourseDetails, CourseSummary, Material, MaterialCount, ResultCount,
};
pub use enrolment::{Enrolment, Grade, PENCE_A_CREDIT, Payment, RosterEntry, StudentCourse};
pub use input::{CourseEdit, CourseInput, GradeInput, ProfileInput};
pub use page::{Page, PageRequest};
pub use student::{
    Dashboard, DashboardCourse, PaymentState, StudentProfile, StudentRecord, StudentSummary, Study,
};
pub use teacher::{AdminDashboard, DraftCourse, StaffProfile, TaughtCourse, TeacherDashboard};
pub use vocabulary::{
    AssessmentKind, CourseStatus, EnrolmentResult, PaymentMethod, PaymentStatus, UserRole,
};
