//! Picks a command and turns its outcome into an exit code.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::{audit, demo, import, load, logging, serve, tour, warm};

/// Runs the program with the arguments of the process.
pub async fn run() -> ExitCode {
    let logs = logging::start();
    let outcome: Result<(), Box<dyn Error + Send + Sync>> = match Arguments::parse().command {
        Command::Import { dir, servers } => import::folder(&dir, &servers).await,
        Command::Seed { servers } => import::generated(&servers).await,
        Command::Serve { servers, addr, variant, warm } => {
            serve::run(&servers, addr, variant, warm).await
        }
        Command::Warm { servers, students, at_once } => {
            warm::run(&servers, students, at_once).await
        }
        Command::Audit => audit::run(),
        Command::Load(load) => load::run(load).await,
        Command::Tour { url } => tour::run(&url, &logs).await,
        Command::Demo(demo) => demo::run(demo, &logs).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lms: {error}");
            ExitCode::FAILURE
        }
    }
}
