//! From rows to what the application stores: adds ids and all that OULAD lacks.

mod build;
mod invented;
mod records;

pub use build::build;
pub use records::{Assessment, Course, Dataset, Enrolment, Material, Payment, Profile, Role, User};
