//! Rosters of more than one page: on which of them a student stands depends on the names of the others.

use cached_testkit::shared_redis;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, answer, cache, course, filled};

/// 25 more students in the middle of the fixture's course, `Ada 01` to `Ada 25`: the first 20 fill a page.
const MORE_STUDENTS: &str = "
CREATE TEMP TABLE more AS SELECT gen_random_uuid() AS id, to_char(n, 'FM00') AS n FROM generate_series(1, 25) n;
INSERT INTO users (id, role, name, email)
    SELECT id, 'student', 'Ada ' || n, 'ada.' || n || '@lms.example' FROM more;
INSERT INTO student_profiles (user_id, gender, region, education, disability)
    SELECT id, 'F', 'Wales', 'None', false FROM more;
INSERT INTO enrolments (id, course_id, student_id, age_band, previous_attempts, credits)
    SELECT gen_random_uuid(), c.id, more.id, '0-35', 0, 60 FROM more, courses c WHERE c.code = 'AAA';
DROP TABLE more;";

async fn roster(app: &App, page: u32) -> Vec<Value> {
    let page = app.get(&format!("/api/courses/{}/students?page={page}", course())).await;
    page["items"].as_array().expect("students").clone()
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_student_with_another_name_moves_to_another_page_at_once() {
    let database = filled().await;
    database.execute(MORE_STUDENTS).await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    let (first, second) = (roster(&app, 1).await, roster(&app, 2).await);
    assert_eq!((names(&first)[0], names(&second)[0]), ("Ada 01", "Ada 21"));

    let student: Uuid = first[0]["student_id"].as_str().expect("an id").parse().expect("an id");
    let renamed = json!({ "name": "Bea", "email": "ada.01@lms.example" });
    let put = app.request(Method::PUT, &format!("/api/students/{student}")).json(&renamed);
    let (status, body) = answer(put).await;
    assert_eq!(status, StatusCode::OK, "{body}");

    let (first, second) = (roster(&app, 1).await, roster(&app, 2).await);
    assert_eq!((names(&first)[0], names(&first)[19]), ("Ada 02", "Ada 21"));
    assert_eq!((names(&second)[0], names(&second)[4]), ("Ada 22", "Bea"));
}
