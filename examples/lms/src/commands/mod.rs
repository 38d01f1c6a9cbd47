//! The commands of the program `lms`, one file each.

mod arguments;
mod audit;
mod cache;
mod demo;
mod import;
mod load;
mod logging;
mod run;
mod serve;
mod servers;
mod spans;
mod stop;
mod tour;
mod warm;

pub use run::run;
