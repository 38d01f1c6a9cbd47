//! cached side by side with its peers: picks a workload by name and prints its table. What is measured is in the
//! file of the workload's name; nothing here judges a figure.
//!
//! `cargo xtask bench [WORKLOAD..] [--rounds N] [--only TEXT] [--json FILE]`

mod allocations;
mod arguments;
mod callers;
mod hits;
mod instructions;
mod invalidation;
mod local;
mod measure;
mod memory;
mod miss;
mod processor;
mod program;
mod remote;
mod report;
mod stampede;
mod threads;
mod value;
mod variant;
mod zipf;

pub use allocations::Counted;

use arguments::Arguments;
use report::Report;

/// Runs the workloads that the command line names.
pub fn run() {
    let arguments = Arguments::parse(std::env::args().skip(1));
    if let Some((variant, operations)) = arguments.count() {
        return instructions::run_for_callgrind(&variant, operations);
    }
    let mut report = Report::new();
    for workload in arguments.workloads() {
        match workload {
            "local" => local::run(&mut report, &arguments),
            "threads" => threads::run(&mut report, &arguments),
            "remote" => remote::run(&mut report, &arguments),
            "miss" => miss::run(&mut report, &arguments),
            "stampede" => stampede::run(&mut report, &arguments),
            "invalidation" => invalidation::run(&mut report, &arguments),
            "memory" => memory::run(&mut report),
            "program" => program::run(&mut report, &arguments),
            "instructions" => instructions::run(&mut report),
            unknown => panic!("no workload `{unknown}`: {}", arguments::WORKLOADS.join(", ")),
        }
    }
    report.save(arguments.json.as_deref());
}

/// Prints what a workload, named on the command line, allocates: a line for each row of its table.
pub fn count(measure: fn(&mut dyn FnMut()) -> Counted) {
    let figures = match std::env::args().nth(1).as_deref() {
        Some("local") => local::allocations(measure),
        Some("memory") => memory::bytes(measure),
        _ => panic!("local or memory"),
    };
    for figure in figures {
        println!("{figure}");
    }
}
