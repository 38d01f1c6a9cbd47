//! The commands of the program `lms`, one file each.

mod arguments;
mod cache;
mod demo;
mod import;
mod logging;
mod run;
mod serve;
mod servers;
mod stop;
mod tour;

pub use run::run;
