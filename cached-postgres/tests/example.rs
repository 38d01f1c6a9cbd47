//! The example runs to its end.

#[path = "../examples/repository.rs"]
mod repository;

#[test]
fn the_repository_runs_to_its_end() {
    repository::main().unwrap();
}
