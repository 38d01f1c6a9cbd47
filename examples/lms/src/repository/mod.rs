//! All SQL of the application. What is annotated here is all that is cached; what the writes make
//! untrue is named in `events`. A write opens a transaction, calls an annotated function in it, and commits.

mod accounts;
mod admins;
mod analytics;
mod assessments;
mod course_writes;
mod courses;
mod enrolments;
mod events;
mod import;
mod materials;
mod migrate;
mod outcome;
mod payments;
mod people;
mod population;
mod search;
mod students;
mod tables;
mod teachers;

pub use accounts::AccountRepository;
pub use admins::AdminRepository;
pub use analytics::AnalyticsRepository;
pub use assessments::AssessmentRepository;
pub use courses::CourseRepository;
pub use enrolments::EnrolmentRepository;
pub use events::cache_map;
pub use import::{Counts, ImportRepository, TableCount};
pub use materials::MaterialRepository;
pub use migrate::{connect, migrate};
pub use outcome::WriteError;
pub use payments::PaymentRepository;
pub use population::{Offer, Person, population};
pub use students::StudentRepository;
pub use teachers::TeacherRepository;
