//! The program `lms`; all of it is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    lms::commands::run().await
}
