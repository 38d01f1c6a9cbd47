//! What the application talks about: the values that repositories return and the API shows.

mod course;
mod page;
mod student;
mod vocabulary;

pub use course::{Assessment, CourseDetails, CourseSummary, MaterialCount, ResultCount};
pub use page::{Page, PageRequest};
pub use student::{Dashboard, DashboardCourse, PaymentState, StudentProfile, StudentSummary};
pub use vocabulary::{AssessmentKind, CourseStatus, EnrolmentResult, PaymentMethod, PaymentStatus};
