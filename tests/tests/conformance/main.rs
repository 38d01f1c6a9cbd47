//! One contract suite for every way to a server: each case runs on each deployment, and the table of both is printed
//! at the end. What a case asks is in `cases`; how a server is started is in `deployments`.
//!
//! `cargo test -p cached-tests --test conformance -- upstash` runs what has `upstash` in its name.

#![allow(unreachable_pub, reason = "a program of its own")]

mod cases;
mod deployment;
mod deployments;
mod process;
mod table;

use libtest_mimic::{Arguments, Trial};
use std::sync::Arc;
use table::Table;

fn main() {
    let mut arguments = Arguments::from_args();
    // Cases mostly wait for servers.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let columns = deployments::names();
    let table = Arc::new(Table::new(columns.clone(), cases::names()));
    let mut trials = Vec::new();
    for (column, deployment) in deployments::all().into_iter().enumerate() {
        for (row, case) in cases::all().into_iter().enumerate() {
            let name = format!("{}::{}", columns[column], case.name);
            let (deployment, table) = (deployment.clone(), table.clone());
            trials.push(Trial::test(name, move || {
                let result = deployment.run(&case);
                table.set(row, column, result.is_ok());
                result.map_err(Into::into)
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        table.print();
    }
    conclusion.exit();
}
