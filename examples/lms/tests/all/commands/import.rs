//! The program itself: what it prints and how it exits.

use std::process::{Command, Output};

use crate::support::fixture::{Database, Fixture};

fn lms(arguments: &[&str], database: &Database) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(arguments)
        .env("DATABASE_URL", &database.url)
        .env_remove("REDIS_URL")
        .env_remove("RUST_LOG")
        .output()
        .expect("the program")
}

#[tokio::test]
async fn import_prints_counts() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    let output = lms(&["import", &fixture.folder().display().to_string()], &database);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let summary = "2 students, 2 courses, 3 enrolments, 2 materials, 2 assessments";
    assert!(printed.contains(summary), "{printed}");
    assert_eq!(database.count("enrolments").await, 3);
}

#[tokio::test]
async fn import_of_damaged_data_fails_and_names_the_row() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    fixture.edit("vle.csv", "oucontent", "nonsense");
    let output = lms(&["import", &fixture.folder().display().to_string()], &database);
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(printed.contains("vle.csv:3: activity_type: \"nonsense\""), "{printed}");
    database.assert_empty().await;
}

#[tokio::test]
async fn without_a_database_it_says_what_to_give() {
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .arg("seed")
        .env_remove("DATABASE_URL")
        .output()
        .expect("the program");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--database-url"), "{output:?}");
}
