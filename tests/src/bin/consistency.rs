//! The consistency harness' program: a process of a run (`node`), or the long run (`soak`). Both are started by
//! others: by a conductor, and by `cargo xtask soak`.

use cached_tests::consistency::{node, soak};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["node", config] => {
            node::run(serde_json::from_str(config).expect("a conductor's configuration")).await;
            ExitCode::SUCCESS
        }
        ["soak", minutes, seed] => {
            let (Ok(minutes), Ok(seed)) = (minutes.parse(), seed.parse()) else {
                eprintln!("usage: consistency soak MINUTES SEED, both whole numbers");
                return ExitCode::from(2);
            };
            let program = std::env::current_exe().expect("a program knows its path");
            let total = soak::run(&program, minutes, seed).await;
            println!("in all: {total}");
            if total.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        _ => {
            eprintln!("usage: consistency soak MINUTES SEED");
            ExitCode::from(2)
        }
    }
}
