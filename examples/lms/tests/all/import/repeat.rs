//! Importing again: no duplicates, and what belongs to the application stays.

use crate::support::fixture::{Database, Fixture};

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    let first = database.load(&fixture).await.expect("a whole data set");
    assert_eq!(first.summary(), "2 students, 2 courses, 3 enrolments, 2 materials, 2 assessments");
    let before = database.digest().await;
    let second = database.load(&fixture).await.expect("the same data set");
    for table in &second.tables {
        assert_eq!((table.new, table.changed), (0, 0), "{table:?}");
        assert_eq!(table.total, table.read, "{table:?}");
    }
    assert_eq!(database.digest().await, before);
}

#[tokio::test]
async fn missing_values_are_null() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    let nulls = [
        "student_profiles WHERE imd_band IS NULL",
        "enrolments WHERE registered_day IS NULL AND unregistered_day = 12",
        "materials WHERE week_from IS NULL AND week_to IS NULL",
        "assessments WHERE due_day IS NULL AND kind = 'exam'",
        "student_profiles WHERE region = 'Scotland, North'",
        "assessments WHERE weight = 12.5",
    ];
    for condition in nulls {
        assert_eq!(database.count(condition).await, 1, "{condition}");
    }
}

#[tokio::test]
async fn a_changed_source_is_followed() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    fixture.edit("courses.csv", "268", "300");
    let counts = database.load(&fixture).await.expect("the changed data set");
    let changed: Vec<_> =
        counts.tables.iter().filter(|table| table.changed > 0).map(|table| table.table).collect();
    assert_eq!(changed, ["courses"]);
    assert_eq!(database.count("courses WHERE code = 'AAA' AND length_days = 300").await, 1);
}

#[tokio::test]
async fn a_renamed_course_and_a_paid_instalment_stay() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    database.execute("UPDATE courses SET title = 'Mine' WHERE code = 'AAA'").await;
    database.execute("UPDATE payments SET status = 'pending', paid_on = NULL").await;
    let before = database.digest().await;
    database.load(&fixture).await.expect("the same data set");
    assert_eq!(database.digest().await, before);
}

#[tokio::test]
async fn imports_at_the_same_time_do_not_disturb_each_other() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    let (one, other) = tokio::join!(database.load(&fixture), database.load(&fixture));
    let new = |counts: &lms::repository::Counts| -> u64 {
        counts.tables.iter().map(|table| table.new).sum()
    };
    let (one, other) = (one.expect("an import"), other.expect("an import"));
    assert_eq!(new(&one).min(new(&other)), 0, "one of them came second");
    assert_eq!(database.count("enrolments").await, 3);
}

#[tokio::test]
async fn the_database_keeps_roles_apart() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    let sql =
        "UPDATE courses SET teacher_id = (SELECT id FROM users WHERE role = 'student' LIMIT 1)";
    let error = sqlx::query(sql).execute(&database.pool).await.expect_err("a student who teaches");
    assert!(error.to_string().contains("foreign key"), "{error}");
}
