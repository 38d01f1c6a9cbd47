//! Runs a program with a REST front over an empty Redis in its environment, and writes down what it asked:
//! `rest_front FILE PROGRAM [ARGUMENTS]`. `cargo xtask record-upstash` uses it.

use cached_testkit::{RedisServer, RestFront};
use std::process::{Command, ExitCode};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), Some(program)) = (arguments.next(), arguments.next()) else {
        return Err("usage: rest_front FILE PROGRAM [ARGUMENTS]".into());
    };
    let redis = RedisServer::start()?;
    let front = RestFront::start(&redis)?;
    let status = Command::new(program)
        .args(arguments)
        .env("UPSTASH_REDIS_REST_URL", front.url())
        .env("UPSTASH_REDIS_REST_TOKEN", front.token())
        .status()?;
    if !status.success() {
        return Err(format!("nothing is recorded: the program ended with {status}").into());
    }
    std::fs::write(file, serde_json::to_string_pretty(&front.exchanges())? + "\n")?;
    Ok(ExitCode::SUCCESS)
}
