//! The whole data set: the Open University's own where it is at hand, and the generated one always.

use std::path::{Path, PathBuf};

use lms::oulad::{self, Source};
use lms::repository::Counts;
use lms::{dataset, load};

use crate::support::fixture::Database;

/// `CACHED_OULAD_DIR`, or `../shared/data/oulad` beside the workspace.
fn oulad() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("CACHED_OULAD_DIR") {
        return Some(given.into());
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/oulad");
    beside.join("courses.csv").is_file().then_some(beside)
}

async fn import(database: &Database, folder: Option<&Path>) -> Counts {
    let outcome = match folder {
        Some(folder) => load::folder(&database.pool, folder).await,
        None => load::generated(&database.pool).await,
    };
    outcome.unwrap_or_else(|error| panic!("{error}"))
}

/// Loads twice; the counts are exact, and the second time adds nothing.
async fn loads_exactly(folder: Option<&Path>) {
    let database = Database::new().await;
    let first = import(&database, folder).await;
    let expected = "28785 students, 22 courses, 32593 enrolments, 6364 materials, 206 assessments";
    assert_eq!(first.summary(), expected);
    let (before, payments) = (database.digest().await, database.count("payments").await);
    let second = import(&database, folder).await;
    assert_eq!(second.summary(), expected);
    let rows = [
        ("users WHERE role = 'student'", 28_785),
        ("courses", 22),
        ("enrolments", 32_593),
        ("materials", 6_364),
        ("assessments", 206),
        ("users WHERE role = 'teacher'", 12),
        ("users WHERE role = 'admin'", 1),
        ("payments", payments),
        ("enrolments e WHERE NOT EXISTS (SELECT FROM payments p WHERE p.enrolment_id = e.id)", 0),
    ];
    for (table, count) in rows {
        assert_eq!(database.count(table).await, count, "{table}");
    }
    assert_eq!(database.digest().await, before);
}

#[tokio::test]
async fn the_open_universitys_set_loads_exactly() {
    match oulad() {
        Some(folder) => {
            println!("ran on the Open University's data set in {}", folder.display());
            loads_exactly(Some(&folder)).await;
        }
        None => {
            println!("ran on generated data: CACHED_OULAD_DIR is not set");
            loads_exactly(None).await;
        }
    }
}

#[tokio::test]
async fn the_generated_set_loads_exactly() {
    loads_exactly(None).await;
}

#[test]
fn the_generated_set_is_the_same_every_time() {
    let records = |seed| {
        let rows = oulad::read(&Source::generated(seed)).expect("a whole data set");
        let dataset = dataset::build(&rows);
        (format!("{:?}", dataset.enrolments), format!("{:?}", dataset.payments))
    };
    let first = records(oulad::SEED);
    assert!(first == records(oulad::SEED), "the same seed, other records");
    assert!(first != records(oulad::SEED + 1), "another seed, the same records");
}
