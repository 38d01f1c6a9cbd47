//! Coming to a course, leaving it and coming back: who may, and what it costs.

use cached_testkit::shared_redis;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::app::{App, answer, cache, course, filled, student};
use crate::support::fixture::Database;

/// What a credit costs, in pence.
const CREDIT: i64 = 2_250;

/// The student in the middle of the fixture's course of 240 credits, which is in three instalments of a third; so many of them
/// are paid.
async fn studying(paid: i32) -> (Database, App) {
    let database = filled().await;
    let one = "(SELECT id FROM enrolments WHERE credits = 240)";
    database.execute("UPDATE enrolments SET result = NULL WHERE credits = 240").await;
    database
        .execute(&format!(
            "UPDATE payments SET status = 'pending', paid_on = NULL WHERE enrolment_id = {one};
             UPDATE payments SET status = 'paid', paid_on = due_on
             WHERE enrolment_id = {one} AND instalment <= {paid}"
        ))
        .await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    (database, app)
}

async fn enrolment(app: &App, method: Method) -> (StatusCode, Value) {
    let path = format!("/api/courses/{}/students/{}", course(), student());
    answer(app.request(method, &path).json(&json!({}))).await
}

/// What is to be paid for the course, instalment by instalment.
async fn open(app: &App) -> Vec<i64> {
    let payments = app.get(&format!("/api/students/{}/payments", student())).await;
    let of_course = payments.as_array().expect("payments").iter();
    let open = of_course.filter(|payment| {
        payment["course_id"] == course().to_string() && payment["status"] == "pending"
    });
    open.map(|payment| payment["amount_pence"].as_i64().expect("an amount")).collect()
}

#[tokio::test]
async fn a_closed_course_is_left_by_nobody_and_what_it_costs_stays() {
    let (_database, app) = studying(1).await;
    let own = app.seen_by("student.11391@lms.example").await;
    let page = format!("/courses/{}", course());
    assert!(own.text(&page).await.contains(">Withdraw</button>"));
    let archive = app.request(Method::POST, &format!("/api/courses/{}/archive", course()));
    assert_eq!(answer(archive).await.0, 200);

    assert!(!own.text(&page).await.contains(">Withdraw</button>"), "a button that cannot work");
    let (status, body) = enrolment(&own, Method::DELETE).await;
    assert_eq!(status, 409, "{body}");
    assert!(body.to_string().contains("only an open course"), "{body}");
    assert_eq!(open(&app).await, [80 * CREDIT, 80 * CREDIT]);
}

#[tokio::test]
async fn who_comes_back_owes_what_was_not_paid_and_no_more() {
    let (_database, app) = studying(1).await;
    for times in 1..=2 {
        assert_eq!(enrolment(&app, Method::DELETE).await.0, 200);
        assert!(open(&app).await.is_empty(), "what was open is forgiven");
        assert_eq!(enrolment(&app, Method::PUT).await.0, 200);
        assert_eq!(open(&app).await, [160 * CREDIT], "back {times} times");
    }
}

#[tokio::test]
async fn who_has_paid_all_comes_back_for_nothing() {
    let (_database, app) = studying(3).await;
    assert_eq!(enrolment(&app, Method::DELETE).await.0, 200);
    assert_eq!(enrolment(&app, Method::PUT).await.0, 200);
    assert!(open(&app).await.is_empty());
}

#[tokio::test]
async fn what_was_given_back_is_owed_again() {
    let (database, app) = studying(1).await;
    database.execute("UPDATE payments SET status = 'refunded' WHERE status = 'paid'").await;
    assert_eq!(enrolment(&app, Method::DELETE).await.0, 200);
    assert_eq!(enrolment(&app, Method::PUT).await.0, 200);
    assert_eq!(open(&app).await, [240 * CREDIT]);
}
