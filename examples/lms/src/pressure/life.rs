//! The life of a course that the load makes: from its draft to its archive, with a student who comes, pays and goes. Each step
//! is a write.

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::compare::Subjects;
use super::kinds::Write;
use super::mix::World;
use super::target::{Target, get};

/// A course, how far it has come, and its student.
#[derive(Debug)]
pub(super) struct Life {
    course: Uuid,
    code: String,
    teacher: Uuid,
    student: Uuid,
    next: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Edit,
    Publish,
    Enrol,
    Pay,
    Withdraw,
    EnrolAgain,
    Archive,
}

/// The first write: a draft of somebody who gives a course already.
pub(super) fn draft(world: &World, rng: &mut Rng) -> Write {
    let teacher = world.offers[world.offer(rng)].teacher_id;
    // Never the same again, in no run.
    let code = format!("L{}", &Uuid::new_v4().simple().to_string()[..12]);
    let body = json!({ "code": code, "presentation": "2026J", "title": format!("Course {code}"),
        "starts_on": "2026-10-01", "length_days": 90, "teacher_id": teacher });
    let subjects = Subjects { code: Some(code), teacher: Some(teacher), ..Subjects::default() };
    Write { kind: "create", method: Method::POST, path: "/api/courses".to_owned(), body, subjects }
}

impl Life {
    /// Of the draft that was created, as the server has answered. The student will be somebody active.
    pub(super) fn new(created: &Value, world: &World, rng: &mut Rng) -> Option<Self> {
        let text = |name: &str| created["course"][name].as_str();
        Some(Self {
            course: text("id")?.parse().ok()?,
            code: text("code")?.to_owned(),
            teacher: text("teacher_id")?.parse().ok()?,
            student: world.people[world.person(rng)].id,
            next: Step::Edit,
        })
    }

    /// The write that comes next; `truth` tells which payment is open.
    pub(super) async fn write(&self, truth: &Target) -> Result<Write, String> {
        let Self { course, code, student, .. } = self;
        let of_course = |below: &str| format!("/api/courses/{course}{below}");
        let enrolment = of_course(&format!("/students/{student}"));
        let edit = json!({ "title": format!("Course {code}, again"), "starts_on": "2026-11-01",
            "length_days": 60 });
        let (kind, method, path) = match self.next {
            Step::Edit => ("edit", Method::PUT, of_course("")),
            Step::Publish => ("publish", Method::POST, of_course("/publish")),
            Step::Enrol | Step::EnrolAgain => ("enrol", Method::PUT, enrolment),
            Step::Pay => ("pay", Method::POST, self.open_payment(truth).await?),
            Step::Withdraw => ("withdraw", Method::DELETE, enrolment),
            Step::Archive => ("archive", Method::POST, of_course("/archive")),
        };
        let body = if matches!(self.next, Step::Edit) { edit } else { json!({}) };
        Ok(Write { kind, method, path, body, subjects: self.subjects() })
    }

    /// All whom the course concerns.
    pub(super) fn subjects(&self) -> Subjects {
        Subjects {
            course: Some(self.course),
            code: Some(self.code.clone()),
            teacher: Some(self.teacher),
            student: Some(self.student),
            name: None,
        }
    }

    /// After the write: what is left of the life.
    pub(super) fn go_on(mut self) -> Option<Self> {
        self.next = match self.next {
            Step::Edit => Step::Publish,
            Step::Publish => Step::Enrol,
            Step::Enrol => Step::Pay,
            Step::Pay => Step::Withdraw,
            Step::Withdraw => Step::EnrolAgain,
            Step::EnrolAgain => Step::Archive,
            Step::Archive => return None,
        };
        Some(self)
    }

    async fn open_payment(&self, truth: &Target) -> Result<String, String> {
        let of_student = format!("/api/students/{}/payments", self.student);
        let payments: Value =
            serde_json::from_str(&get(truth, &of_student).await?).unwrap_or_default();
        let is_it = |payment: &&Value| {
            payment["course_id"] == self.course.to_string() && payment["status"] == "pending"
        };
        let open = payments.as_array().and_then(|payments| payments.iter().find(is_it));
        let id = open.and_then(|payment| payment["id"].as_str());
        let id =
            id.ok_or_else(|| format!("{of_student}: nothing is to be paid for a new course"))?;
        Ok(format!("{of_student}/{id}"))
    }
}
