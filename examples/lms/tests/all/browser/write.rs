//! Each write through its form, and that every page concerned shows it at once. All pages are opened
//! before, so that they are cached.

use cached_testkit::shared_redis;

use super::driver::{Browser, open};
use crate::support::app::{App, cache, course, filled, student};

const STUDENT: &str = "student.11391@lms.example";

async fn create_course(browser: &Browser) -> String {
    browser.goto("/courses/new").await;
    browser.fill("code", "RST").await;
    browser.fill("presentation", "2026 J").await;
    browser.fill("title", "Rust & more").await;
    browser.fill("starts_on", "2026-10-01").await;
    browser.fill("length_days", "0").await;
    browser.press("Create the draft").await;
    // Two faults, both told, and nothing of what was typed is lost.
    assert!(browser.text_of("#presentation-fault").await.contains("letters and digits"));
    assert!(browser.text_of("#length_days-fault").await.contains("whole number"));
    assert_eq!(browser.value("title").await, "Rust & more");
    assert_eq!(browser.value("starts_on").await, "2026-10-01");
    browser.fill("presentation", "2026J").await;
    browser.fill("length_days", "90").await;
    browser.press("Create the draft").await;
    browser.shows("The draft was created.").await;
    browser.path().await
}

#[tokio::test]
async fn what_teachers_write_is_seen_at_once() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let browser = open(&app.url).await;
    browser.log_in_as("teacher").await;
    let dashboard = browser.path().await;
    let own = format!("{dashboard}/courses");
    browser.sees_not("/courses", "Rust").await;
    browser.sees_not(&own, "Rust").await;

    let path = create_course(&browser).await;
    browser.sees(&own, "Rust & more").await;
    browser.sees_not("/courses", "Rust").await;

    browser.goto(&path).await;
    browser.press("Publish").await;
    browser.shows("open to students").await;
    browser.sees("/courses", "Rust & more").await;
    browser.sees(&dashboard, "Rust & more").await;

    browser.goto(&format!("{path}/edit")).await;
    browser.fill("title", "Rust, again").await;
    browser.press("Save").await;
    assert_eq!(browser.text_of("h1").await, "Rust, again");
    for page in ["/courses", &dashboard, &own] {
        browser.sees(page, "Rust, again").await;
    }

    browser.goto(&format!("{dashboard}/profile")).await;
    browser.fill("name", "Dr New Name").await;
    browser.press("Save").await;
    browser.shows("Saved.").await;
    assert!(browser.text_of("#viewer").await.starts_with("Dr New Name"));
    browser.sees("/courses", "Dr New Name").await;
    browser.sees(&path, "Dr New Name").await;
    browser.sees(&dashboard, "Dashboard of Dr New Name").await;

    browser.goto(&path).await;
    browser.press("Archive").await;
    assert_eq!(browser.text_of("#status").await, "archived");
    browser.sees_not("/courses", "Rust").await;
    browser.close().await;
}

#[tokio::test]
async fn what_students_do_is_seen_at_once() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let browser = open(&app.url).await;
    let path = {
        browser.log_in_as("teacher").await;
        let path = create_course(&browser).await;
        browser.press("Publish").await;
        path
    };
    let dashboard = format!("/students/{}", student());
    let (own, payments) = (format!("{dashboard}/courses"), format!("{dashboard}/payments"));

    browser.log_in(STUDENT).await;
    for page in [&dashboard, &own, &payments] {
        browser.sees_not(page, "Rust & more").await;
    }
    browser.goto(&path).await;
    browser.press("Enrol").await;
    browser.shows("You are in this course.").await;
    for page in [&dashboard, &own, &payments] {
        browser.sees(page, "Rust & more").await;
    }
    let open = browser.text_of("#open").await;
    // The latest one stands first.
    browser.through(browser.click("td button")).await;
    browser.shows("Paid. Thank you.").await;
    assert_ne!(browser.text_of("#open").await, open);
    browser.sees_not(&dashboard, "£1,350.00").await;

    browser.goto(&format!("{dashboard}/profile")).await;
    browser.fill("name", "").await;
    browser.press("Save").await;
    assert!(browser.text_of("#name-fault").await.contains("must not be empty"));
    browser.fill("name", "New Name").await;
    browser.press("Save").await;
    browser.sees(&dashboard, "Dashboard of New Name").await;
    browser.sees(&own, "Courses of New Name").await;

    browser.goto(&path).await;
    browser.press("Withdraw").await;
    browser.shows("Your result: withdrawn.").await;
    browser.sees(&own, "withdrawn").await;

    browser.log_in_as("admin").await;
    browser.sees("/students", "New Name").await;
    browser.close().await;
}

#[tokio::test]
async fn a_grade_is_seen_by_teacher_student_and_administrator() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let browser = open(&app.url).await;
    let (grades, own) =
        (format!("/courses/{}/students", course()), format!("/students/{}/courses", student()));
    browser.log_in(STUDENT).await;
    browser.sees_not(&own, "tma: 83 %").await;
    browser.log_in_as("admin").await;
    browser.sees_not("/admin", "83 %").await;
    browser.goto(&grades).await;
    browser.fill("student", &student().to_string()).await;
    browser.fill("score", "101").await;
    browser.press("Save the grade").await;
    assert!(browser.text_of("#score-fault").await.contains("from 0 to 100"));
    assert_eq!(browser.value("student").await, student().to_string());
    browser.fill("score", "83").await;
    browser.press("Save the grade").await;
    browser.shows("The grade was saved.").await;
    assert!(browser.text_of(&format!("#student-{}", student())).await.contains("83 %"));
    browser.sees("/admin", "83 %").await;
    browser.sees(&format!("/courses/{}", course()), "83 %").await;
    browser.log_in(STUDENT).await;
    browser.sees(&own, "tma: 83 %").await;
    browser.sees(&format!("/students/{}", student()), "83 %").await;
    browser.close().await;
}
