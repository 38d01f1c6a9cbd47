//! Runs the workloads that are named, all of them if none is.

fn main() {
    benches::run();
}
