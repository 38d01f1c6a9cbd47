//! Damaged data: reported with file and line, and nothing of it is loaded.

use lms::load::LoadError;
use lms::oulad::Problems;

use crate::support::fixture::{Database, Fixture};

/// Edits one table so that one row is damaged, and expects that row to be named.
async fn damaged(file: &str, from: &str, to: &str, line: u64, message: &str) {
    let fixture = Fixture::new();
    fixture.edit(file, from, to);
    let problems = refuse(&fixture).await;
    let expected = format!("{}:{line}: {message}", fixture.path(file).display());
    let found: Vec<String> = problems.kept().iter().map(ToString::to_string).collect();
    assert_eq!(found, [expected]);
    assert_eq!(problems.total(), 1);
}

/// Loads a fixture that must be refused, into an empty database that must stay empty.
async fn refuse(fixture: &Fixture) -> Problems {
    let database = Database::new().await;
    let outcome = database.load(fixture).await;
    database.assert_empty().await;
    match outcome {
        Err(LoadError::Damaged(problems)) => problems,
        other => panic!("damage was not noticed: {other:?}"),
    }
}

#[tokio::test]
async fn a_row_with_a_column_too_few() {
    let message = "5 columns, but the header has 6";
    damaged(
        "vle.csv",
        "546712,AAA,2013J,oucontent,1,2",
        "546712,AAA,2013J,oucontent,1",
        3,
        message,
    )
    .await;
}

#[tokio::test]
async fn a_row_with_a_column_too_many() {
    let message = "7 columns, but the header has 6";
    damaged("assessments.csv", "1753,Exam,?,100", "1753,Exam,?,100,9", 3, message).await;
}

#[tokio::test]
async fn a_number_that_is_none() {
    let message = "module_presentation_length: \"long\" is not a number from 1 to 3660";
    damaged("courses.csv", "268", "long", 2, message).await;
}

#[tokio::test]
async fn a_number_out_of_range() {
    let message = "weight: \"112.5\" is not a number from 0 to 100";
    damaged("assessments.csv", "12.5", "112.5", 2, message).await;
}

#[tokio::test]
async fn a_weight_that_is_not_a_number_by_name() {
    let message = "weight: \"NaN\" is not a number from 0 to 100";
    damaged("assessments.csv", "12.5", "NaN", 2, message).await;
}

#[tokio::test]
async fn a_missing_value_where_one_is_needed() {
    let message = "studied_credits: the value is missing, and this column needs one";
    damaged("studentInfo.csv", "0,240,N", "0,?,N", 2, message).await;
}

#[tokio::test]
async fn a_word_that_is_not_in_the_vocabulary() {
    let message = "final_result: \"Passed\" is not one of: Pass, Distinction, Fail, Withdrawn";
    damaged("studentInfo.csv", "240,N,Pass", "240,N,Passed", 2, message).await;
}

#[tokio::test]
async fn a_presentation_that_tells_no_month() {
    let message = "code_presentation: \"2013X\" is not a year and B or J, such as 2013J";
    damaged("courses.csv", "AAA,2013J", "AAA,2013X", 2, message).await;
}

#[tokio::test]
async fn an_unknown_course() {
    let message = "there is no course CCC/2013J in courses.csv";
    damaged("vle.csv", "546712,AAA", "546712,CCC", 3, message).await;
}

#[tokio::test]
async fn a_course_twice() {
    let message = "course AAA/2013J is already in line 2";
    damaged("courses.csv", "BBB,2014B,240\n", "BBB,2014B,240\nAAA,2013J,268\n", 4, message).await;
}

#[tokio::test]
async fn a_material_twice() {
    let message = "site 546943 is already in line 2";
    damaged("vle.csv", "546712", "546943", 3, message).await;
}

#[tokio::test]
async fn an_assessment_twice() {
    let message = "assessment 1752 is already in line 2";
    damaged("assessments.csv", "1753", "1752", 3, message).await;
}

#[tokio::test]
async fn a_registration_twice() {
    let row = "BBB,2014B,11391,-53,?\n";
    let message = "student 11391 in course BBB/2014B is already in line 4";
    damaged("studentRegistration.csv", row, &row.repeat(2), 5, message).await;
}

#[tokio::test]
async fn a_student_twice_in_a_course() {
    let row = "BBB,2014B,11391,M,East Anglian Region,HE Qualification,90-100%,55<=,1,60,N,Fail\n";
    let message = "student 11391 in course BBB/2014B is already in line 4";
    damaged("studentInfo.csv", row, &row.repeat(2), 5, message).await;
}

#[tokio::test]
async fn a_student_of_whom_only_one_table_knows() {
    let fixture = Fixture::new();
    fixture.edit("studentRegistration.csv", "BBB,2014B,11391", "BBB,2014B,28400");
    let problems = refuse(&fixture).await;
    let found: Vec<String> = problems.kept().iter().map(ToString::to_string).collect();
    let place = |file| format!("{}:4:", fixture.path(file).display());
    let expected = [
        format!(
            "{} student 11391 in course BBB/2014B is not in studentRegistration.csv",
            place("studentInfo.csv")
        ),
        format!(
            "{} student 28400 in course BBB/2014B is not in studentInfo.csv",
            place("studentRegistration.csv")
        ),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn one_student_with_two_regions() {
    let message =
        "student 11391 has another gender, region, education, imd_band or disability in line 2";
    let row = "BBB,2014B,11391,M,East Anglian Region";
    damaged("studentInfo.csv", row, "BBB,2014B,11391,M,Wales", 4, message).await;
}

#[tokio::test]
async fn days_in_the_wrong_order() {
    let message = "date_registration: \"20\" is not before its end, 12";
    damaged("studentRegistration.csv", "28400,?,12", "28400,20,12", 3, message).await;
}

#[tokio::test]
async fn a_header_without_a_column() {
    let message = "the header lacks the columns week_to";
    damaged("vle.csv", "week_from,week_to", "week_from,until", 1, message).await;
}

#[tokio::test]
async fn a_file_that_ends_within_a_row() {
    let message = "2 columns, but the header has 6";
    damaged("vle.csv", "546712,AAA,2013J,oucontent,1,2\n", "546712,AA", 3, message).await;
}

#[tokio::test]
async fn a_quote_that_is_never_closed() {
    let fixture = Fixture::new();
    fixture.edit("studentInfo.csv", "\"Scotland, North\"", "\"Scotland, North");
    let problems = refuse(&fixture).await;
    // The rest of the file becomes the region.
    let expected = format!(
        "{}:3: 5 columns, but the header has 12",
        fixture.path("studentInfo.csv").display()
    );
    assert_eq!(problems.kept()[0].to_string(), expected);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8() {
    let fixture = Fixture::new();
    let mut bytes = fixture.read("studentInfo.csv").into_bytes();
    let place = bytes.windows(8).position(|window| window == b"Scotland").expect("Scotland");
    bytes[place] = 0xff;
    fixture.write("studentInfo.csv", bytes);
    let problems = refuse(&fixture).await;
    let expected =
        format!("{}:3: column 5 is not UTF-8", fixture.path("studentInfo.csv").display());
    assert_eq!(problems.kept()[0].to_string(), expected);
}

#[tokio::test]
async fn an_empty_file() {
    let fixture = Fixture::new();
    fixture.write("assessments.csv", "");
    let problems = refuse(&fixture).await;
    assert_eq!(problems.kept()[0].line, 1);
    assert!(problems.kept()[0].message.contains("id_assessment"), "{problems}");
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    std::fs::remove_file(fixture.path("vle.csv")).expect("the file");
    let error = database.load(&fixture).await.expect_err("a table is missing");
    assert!(error.to_string().contains("vle.csv"), "{error}");
    database.assert_empty().await;
}

#[tokio::test]
async fn all_damage_is_reported_at_once() {
    let fixture = Fixture::new();
    fixture.edit("courses.csv", "240", "-1");
    fixture.edit("studentInfo.csv", "0,240,N,Pass", "none,240,maybe,Pass");
    fixture.edit("vle.csv", "resource", "carrier pigeon");
    let problems = refuse(&fixture).await;
    let places: Vec<(String, u64)> = problems
        .kept()
        .iter()
        .map(|problem| {
            (problem.file.rsplit('/').next().unwrap_or_default().to_owned(), problem.line)
        })
        .collect();
    let expected =
        [("courses.csv", 3), ("studentInfo.csv", 2), ("studentInfo.csv", 2), ("vle.csv", 2)];
    assert_eq!(places, expected.map(|(file, line)| (file.to_owned(), line)), "{problems}");
}

#[tokio::test]
async fn much_damage_is_counted_and_the_first_of_it_shown() {
    let fixture = Fixture::new();
    let mut vle = fixture.read("vle.csv");
    for site in 0..500 {
        vle.push_str(&format!("{},AAA,2013J,resource,soon,?\n", 600_000 + site));
    }
    fixture.write("vle.csv", vle);
    let problems = refuse(&fixture).await;
    assert_eq!(problems.total(), 500);
    assert_eq!(problems.kept().len(), 50);
    assert!(problems.to_string().contains("and 450 more"), "{problems}");
}

#[tokio::test]
async fn damage_leaves_what_was_loaded_before_as_it_was() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    database.load(&fixture).await.expect("a whole data set");
    let before = database.digest().await;
    fixture.edit("courses.csv", "268", "100");
    fixture.edit("assessments.csv", "1753,Exam", "1753,Quiz");
    database.load(&fixture).await.expect_err("a damaged data set");
    assert_eq!(database.digest().await, before);
}

#[tokio::test]
async fn what_the_database_refuses_at_the_very_end_undoes_all() {
    let (fixture, database) = (Fixture::new(), Database::new().await);
    // Payments come last: by then all other tables have their rows.
    database.execute("ALTER TABLE payments ADD CHECK (amount_pence < 0)").await;
    let error = database.load(&fixture).await.expect_err("a refused payment");
    assert!(matches!(error, LoadError::Database(_)), "{error}");
    database.assert_empty().await;
}
