//! Every write, and that each page that it concerns shows it at once. The values are cached before, so
//! that a write that forgot to invalidate one of them would be seen here.

use cached_testkit::shared_redis;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, answer, cache, caches_of_two_processes, course, filled, student};

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

async fn send(app: &App, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    answer(app.request(method, path).json(&body)).await
}

async fn must(app: &App, method: Method, path: &str, body: Value) -> Value {
    let (status, body) = send(app, method, path, body).await;
    assert!(status.is_success(), "{path}: {status} {body}");
    body
}

async fn teacher(app: &App) -> String {
    let details = app.get(&format!("/api/courses/{}", course())).await;
    details["course"]["teacher_id"].as_str().expect("a teacher").to_owned()
}

/// Everything that any write may concern, as it is shown now; asked once, it is cached.
async fn everything(app: &App, course: Uuid, teacher: &str) -> Vec<(String, Value)> {
    let student = student();
    let paths = [
        "/api/courses".to_owned(),
        format!("/api/courses/{course}"),
        format!("/api/courses/{course}/statistics"),
        format!("/api/courses/{course}/students"),
        "/api/students".to_owned(),
        format!("/api/students/{student}"),
        format!("/api/students/{student}/dashboard"),
        format!("/api/students/{student}/courses"),
        format!("/api/students/{student}/grades"),
        format!("/api/students/{student}/payments"),
        "/api/teachers".to_owned(),
        format!("/api/teachers/{teacher}"),
        format!("/api/teachers/{teacher}/dashboard"),
        format!("/api/admins/{}", lms::ids::admin()),
        "/api/admin/dashboard".to_owned(),
        "/api/admin/analytics".to_owned(),
    ];
    let all_at_once = paths.map(async |path| {
        let value = app.get(&path).await;
        (path, value)
    });
    let mut shown = join_all(all_at_once).await;
    // The strip at the foot tells what the cache did, and differs.
    let login = app.seen_by_nobody().text("/login").await;
    let (login, _) = login.split_once("<footer>").expect("a foot");
    shown.push(("/login".to_owned(), login.into()));
    let who = app.text("/courses").await;
    let who = who.split("<span id=\"viewer\">").nth(1).and_then(|rest| rest.split('<').next());
    shown.push(("who is logged in".to_owned(), who.into()));
    shown
}

/// Two processes with caches of one namespace, and one that caches nothing.
struct Processes {
    cached: [App; 2],
    uncached: App,
    teacher: String,
}

impl Processes {
    async fn start() -> Self {
        let database = filled().await;
        let [here, there] = caches_of_two_processes(&shared_redis().url());
        let cached = [App::start(&database, here).await, App::start(&database, there).await];
        let uncached = App::start_uncached(&database).await;
        let teacher = teacher(&uncached).await;
        Self { cached, uncached, teacher }
    }

    /// Right after a write, both processes show what is true; and what they show is cached from then on.
    async fn assert_all_fresh(&self, course: Uuid, write: &str) {
        let [here, there] = &self.cached;
        let (there, here) = tokio::join!(
            everything(there, course, &self.teacher),
            everything(here, course, &self.teacher)
        );
        let truth = everything(&self.uncached, course, &self.teacher).await;
        for (process, shown) in [("here", here), ("there", there)] {
            for ((path, shown), (_, truth)) in shown.iter().zip(&truth) {
                assert_eq!(shown, truth, "{path} {process} after {write}");
            }
        }
    }
}

/// A draft of the teacher whose course the fixture has.
async fn draft(app: &App) -> Uuid {
    let new = json!({ "code": "RST", "presentation": "2026J", "title": "Rust",
        "starts_on": "2026-10-01", "length_days": 90, "teacher_id": teacher(app).await });
    let created = must(app, Method::POST, "/api/courses", new).await;
    created["course"]["id"].as_str().expect("an id").parse().expect("an id")
}

#[tokio::test]
async fn every_write_is_seen_wherever_it_shows_in_every_process() {
    let processes = Processes::start().await;
    let Processes { cached: [app, _], teacher, .. } = &processes;
    processes.assert_all_fresh(course(), "nothing").await;
    let new = draft(app).await;
    processes.assert_all_fresh(new, "creating").await;

    let at = |action: &str| format!("/api/courses/{new}{action}");
    let student = student();
    let enrolment = at(&format!("/students/{student}"));
    let edit = json!({ "title": "Rust, again", "starts_on": "2026-11-01", "length_days": 60 });
    let person =
        |name: &str, email: &str| json!({ "name": name, "email": email, "about": "Hello" });
    let steps = [
        ("editing", Method::PUT, at(""), edit),
        ("publishing", Method::POST, at("/publish"), json!({})),
        ("enrolling", Method::PUT, enrolment.clone(), json!({})),
        ("withdrawing", Method::DELETE, enrolment.clone(), json!({})),
        ("enrolling again", Method::PUT, enrolment, json!({})),
        ("archiving", Method::POST, at("/archive"), json!({})),
        (
            "a student's profile",
            Method::PUT,
            format!("/api/students/{student}"),
            person("Ann Other", "a@lms.example"),
        ),
        (
            "a teacher's profile",
            Method::PUT,
            format!("/api/teachers/{teacher}"),
            person("Dr Other", "t@lms.example"),
        ),
        (
            "an administrator's profile",
            Method::PUT,
            format!("/api/admins/{}", lms::ids::admin()),
            person("Root Other", lms::client::ADMIN),
        ),
    ];
    for (write, method, path, body) in steps {
        must(app, method, &path, body).await;
        processes.assert_all_fresh(new, write).await;
    }

    let payments = app.get(&format!("/api/students/{student}/payments")).await;
    let open = payments[0]["id"].as_str().expect("an open payment first");
    must(app, Method::POST, &format!("/api/students/{student}/payments/{open}"), json!({})).await;
    processes.assert_all_fresh(new, "paying").await;

    let details = app.get(&format!("/api/courses/{}", course())).await;
    let grade = json!({ "student_id": student, "assessment_id": details["assessments"][0]["id"], "score": 71 });
    processes.assert_all_fresh(course(), "nothing").await;
    must(app, Method::POST, &format!("/api/courses/{}/grades", course()), grade).await;
    processes.assert_all_fresh(course(), "grading").await;
    let dashboard = app.get(&format!("/api/students/{student}/dashboard")).await;
    assert!(dashboard.to_string().contains("\"mean_score\":71"), "{dashboard}");
}

#[tokio::test]
async fn courses_go_from_draft_to_archive_and_not_back() {
    let app = app().await;
    let id = draft(&app).await;
    let stranger = app.seen_by_nobody();
    let (status, _) = stranger.try_get(&format!("/api/courses/{id}")).await;
    assert_eq!(status, 404, "a draft is shown to strangers");
    let enrol = format!("/api/courses/{id}/students/{}", student());
    for (action, expected) in
        [("archive", 409), ("publish", 200), ("publish", 409), ("archive", 200), ("archive", 409)]
    {
        let path = format!("/api/courses/{id}/{action}");
        let (status, body) = send(&app, Method::POST, &path, json!({})).await;
        assert_eq!(status.as_u16(), expected, "{action}: {body}");
    }
    assert_eq!(
        send(&app, Method::PUT, &enrol, json!({})).await.0,
        409,
        "an archived course takes nobody"
    );
}

#[tokio::test]
async fn writes_that_cannot_be_are_refused_with_a_reason() {
    let app = app().await;
    let (course, student) = (course(), student());
    let new = json!({ "code": "AAA", "presentation": "2013J", "title": "Again",
        "starts_on": "2026-10-01", "length_days": 90, "teacher_id": teacher(&app).await });
    let taken = |email: &str| json!({ "name": "X", "email": email });
    let grade =
        |score: i64| json!({ "student_id": student, "assessment_id": Uuid::nil(), "score": score });
    let cases = [
        (Method::POST, "/api/courses".to_owned(), new, 409, "presentation"),
        (
            Method::PUT,
            format!("/api/courses/{course}/students/{student}"),
            json!({}),
            409,
            "already",
        ),
        (
            Method::DELETE,
            format!("/api/courses/{course}/students/{student}"),
            json!({}),
            409,
            "middle",
        ),
        (
            Method::PUT,
            format!("/api/students/{student}"),
            taken("admin@lms.example"),
            409,
            "somebody else",
        ),
        (
            Method::PUT,
            format!("/api/students/{student}"),
            taken("Admin@LMS.example"),
            409,
            "email: somebody else",
        ),
        (Method::POST, format!("/api/courses/{course}/grades"), grade(101), 422, "from 0 to 100"),
        (Method::POST, format!("/api/courses/{course}/grades"), grade(10), 409, "belong"),
        (
            Method::POST,
            format!("/api/students/{student}/payments/{}", Uuid::nil()),
            json!({}),
            409,
            "open payment",
        ),
    ];
    for (method, path, body, expected, reason) in cases {
        let (status, answer) = send(&app, method, &path, body).await;
        assert_eq!(status.as_u16(), expected, "{path}: {answer}");
        assert!(answer.to_string().contains(reason), "{path}: {answer}");
    }
}

/// What a request does not name stays as it is in the database, whatever the cache held when it came.
#[tokio::test]
async fn what_is_not_given_stays() {
    let database = filled().await;
    let app = App::start(&database, cache(&shared_redis().url())).await;
    let path = format!("/api/courses/{}", course());
    app.get(&path).await;
    // Somebody else is quicker, and nobody has heard of it yet.
    database.execute("UPDATE courses SET starts_on = '2026-11-01'").await;
    must(&app, Method::PUT, &path, json!({ "title": "Mine", "length_days": 60 })).await;
    let edited = "courses WHERE title = 'Mine' AND starts_on = '2026-11-01' AND length_days = 60";
    assert_eq!(database.count(edited).await, 1);
    database.execute("UPDATE courses SET length_days = 70").await;
    must(&app, Method::PUT, &path, json!({ "title": "Mine", "starts_on": "2026-12-01" })).await;
    let edited = "courses WHERE title = 'Mine' AND starts_on = '2026-12-01' AND length_days = 70";
    assert_eq!(database.count(edited).await, 1);
    let refused = json!({ "title": "Mine", "starts_on": "1815-12-10" });
    assert_eq!(send(&app, Method::PUT, &path, refused).await.0, 422);

    let teacher = teacher(&app).await;
    for (path, email) in [
        (format!("/api/students/{}", student()), "s@lms.example"),
        (format!("/api/teachers/{teacher}"), "t@lms.example"),
        (format!("/api/admins/{}", lms::ids::admin()), "a@lms.example"),
    ] {
        let mut person = json!({ "name": "X", "email": email, "about": "Hello" });
        must(&app, Method::PUT, &path, person.clone()).await;
        person.as_object_mut().expect("an object").remove("about");
        let person = must(&app, Method::PUT, &path, person).await;
        assert_eq!(person["about"], "Hello", "{path}");
    }
}

/// The token that the forms of a page bear.
async fn csrf_of(app: &App, path: &str) -> String {
    let page = app.text(path).await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).expect("a token");
    csrf.split('"').next().expect("a token").to_owned()
}

#[tokio::test]
async fn a_form_takes_the_longest_text_that_a_field_may_hold() {
    let app = app().await;
    let path = format!("/students/{}/profile", student());
    let csrf = csrf_of(&app, &path).await;
    let about = "\u{1f393}".repeat(2_000);
    let typed =
        [("csrf", &*csrf), ("name", "A name"), ("email", "a@lms.example"), ("about", &*about)];
    let sent = app.request(Method::POST, &path).form(&typed).send().await.expect("an answer");
    assert_eq!(sent.status(), 303, "{}", sent.text().await.expect("a text"));
    let student = app.get(&format!("/api/students/{}", student())).await;
    assert_eq!(student["about"], about);
}

#[tokio::test]
async fn a_form_with_faults_comes_back_with_all_that_was_typed() {
    let app = app().await;
    let csrf = csrf_of(&app, "/courses/new").await;
    let typed =
        [("csrf", csrf.as_str()), ("code", "A B"), ("title", "Kept & safe"), ("length_days", "0")];
    let sent = app.request(Method::POST, "/courses/new").form(&typed);
    let answer = sent.send().await.expect("an answer");
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.expect("a text");
    for part in [
        "value=\"A B\"",
        "Kept &amp; safe",
        "value=\"0\"",
        "id=\"code-fault\"",
        "id=\"length_days-fault\"",
        "id=\"starts_on-fault\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}
