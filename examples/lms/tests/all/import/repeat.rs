//! Importing again: no duplicates, and what belongs to the application stays.

use cached_core::Cache;
use lms::ids;
use lms::model::{CourseEdit, CourseInput, ProfileInput};
use lms::service::Services;

use crate::support::app::{course, student};
use crate::support::fixture::{Database, Fixture};

/// What people do on the pages, without the pages.
fn application(database: &Database) -> Services {
    Services::new(database.pool.clone(), Cache::builder().build().expect("a cache"))
}

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
async fn dates_that_somebody_set_here_stay_and_others_follow() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    let app = application(&database);
    let starts_on = Some("2026-11-01".parse().expect("a date"));
    let edit = CourseEdit { title: "Mine".to_owned(), starts_on, length_days: Some(60) };
    app.edit_course(course(), &edit).await.expect("an edited course");
    // Another title alone leaves the dates to the source.
    app.rename_course(ids::course("BBB", "2014B"), "Also mine").await.expect("a renamed course");
    fixture.edit("courses.csv", "268", "300");
    fixture.edit("courses.csv", "240", "250");
    database.load(&fixture).await.expect("the changed data set");
    let mine = "title = 'Mine' AND starts_on = '2026-11-01' AND length_days = 60";
    assert_eq!(database.count(&format!("courses WHERE {mine}")).await, 1);
    assert_eq!(database.count("courses WHERE title = 'Also mine' AND length_days = 250").await, 1);
}

#[tokio::test]
async fn who_came_or_left_here_stays_or_stays_away() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    let app = application(&database);
    app.enrol(course(), ids::student(28400)).await.expect("a student who is back");
    database.execute("UPDATE enrolments SET result = NULL WHERE credits = 240").await;
    database.execute("UPDATE payments SET status = 'pending', paid_on = NULL").await;
    app.withdraw(course(), student()).await.expect("a student who leaves");
    let before = database.digest().await;
    database.load(&fixture).await.expect("the same data set");
    assert_eq!(database.digest().await, before, "results, days, and what was forgiven");
}

#[tokio::test]
async fn what_people_made_here_first_is_recognised() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    let whole = Fixture::new();
    // At first the source has one course, and one student in it.
    fixture.edit("courses.csv", "BBB,2014B,240\n", "");
    fixture.edit("assessments.csv", "BBB,2014B,1753,Exam,?,100\n", "");
    for (table, rows) in [
        ("studentInfo.csv", ["AAA,2013J,28400,", "BBB,2014B,11391,"]),
        ("studentRegistration.csv", ["AAA,2013J,28400,", "BBB,2014B,11391,"]),
    ] {
        let kept = fixture.read(table);
        let kept = kept.lines().filter(|line| rows.iter().all(|row| !line.starts_with(row)));
        fixture.write(table, kept.map(|line| format!("{line}\n")).collect::<String>());
    }
    database.load(&fixture).await.expect("a part of the data set");

    // A teacher makes the other one, the student comes to it, and somebody has the other student's address.
    let app = application(&database);
    let made = CourseInput {
        code: "BBB".to_owned(),
        presentation: "2014B".to_owned(),
        title: "Made here".to_owned(),
        starts_on: "2014-02-03".parse().expect("a date"),
        length_days: 99,
    };
    let made = app.create_course(&made, ids::teacher(0)).await.expect("a course");
    app.publish(made).await.expect("an open course");
    app.enrol(made, student()).await.expect("a student who comes");
    let taken = "Student.28400@lms.example";
    let profile = ProfileInput { name: "A".to_owned(), email: taken.to_owned(), about: None };
    app.edit_teacher(ids::teacher(1), &profile).await.expect("another address");

    for _ in 0..2 {
        database.load(&whole).await.expect("the whole data set");
        let [courses, enrolments] = [database.count("courses"), database.count("enrolments")];
        assert_eq!((courses.await, enrolments.await), (2, 3));
        let kept = format!("courses WHERE id = '{made}' AND length_days = 99");
        assert_eq!(database.count(&kept).await, 1);
        let work = format!("assessments WHERE course_id = '{made}' AND kind = 'exam'");
        assert_eq!(database.count(&work).await, 1, "what belongs to it came along");
        let studying = format!("enrolments WHERE course_id = '{made}' AND result IS NULL");
        assert_eq!(database.count(&studying).await, 1);
        let bills = "payments p JOIN enrolments e ON e.id = p.enrolment_id";
        let bills = format!("{bills} WHERE e.course_id = '{made}'");
        assert_eq!(database.count(&bills).await, 1, "billed once");
        let other = format!(
            "users WHERE id = '{}' AND lower(email) <> lower('{taken}')",
            ids::student(28400)
        );
        assert_eq!(database.count(&other).await, 1, "an address of their own");
    }
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
