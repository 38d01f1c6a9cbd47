//! The program `lms` as its users run it.

mod audit;
mod demo;
mod import;
mod load;
mod serve;
mod spans;
