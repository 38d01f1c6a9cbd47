//! All SQL of the application. What is annotated here is all that is cached.

mod courses;
mod import;
mod migrate;
mod search;
mod students;
mod tables;

pub use courses::CourseRepository;
pub use import::{Counts, ImportRepository, TableCount};
pub use migrate::{connect, migrate};
pub use students::StudentRepository;
