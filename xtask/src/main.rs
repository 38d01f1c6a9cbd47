//! The project's own commands: picks one by name. What each does is in the file of its name.

mod bench;
mod bless;
mod demo;
mod features;
mod fuzz;
mod help;
mod packages;
mod programs;
mod record;
mod soak;
mod steps;
mod tally;
mod test;
mod tidy;
mod valkey;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    match command.as_str() {
        "test" => test::run(),
        "soak" => soak::run(&rest),
        "demo" => demo::run(&rest),
        "bench" => bench::run(&rest),
        "tidy" => tidy::run(),
        "record-upstash" => record::run(),
        "bless" => bless::run(),
        "help" | "-h" | "--help" => {
            println!("{}", help::TEXT);
            ExitCode::SUCCESS
        }
        unknown => {
            eprintln!("xtask has no command `{unknown}`.\n\n{}", help::TEXT);
            ExitCode::from(2)
        }
    }
}
