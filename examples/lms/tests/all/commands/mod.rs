//! The program `lms` as its users run it.

mod demo;
mod import;
mod load;
mod serve;
