//! One function a form: from what was typed to what repositories take, or all that is wrong.

use chrono::NaiveDate;

use super::fields::{Checker, FieldErrors, Fields};
use crate::model::{CourseEdit, CourseInput, GradeInput, ProfileInput};

/// A new course.
///
/// # Errors
///
/// Every field that cannot be used, with what to give instead.
pub fn course(fields: &Fields) -> Result<CourseInput, FieldErrors> {
    let mut check = Checker::new(fields);
    let code = word(&mut check, "code");
    let presentation = word(&mut check, "presentation");
    let title = check.line("title", LONGEST_TITLE);
    let (starts_on, length_days) = (starts_on(&mut check), length_days(&mut check));
    check.finish(CourseInput { code, presentation, title, starts_on, length_days })
}

/// What can be changed of a course: the title, and what else is there.
///
/// # Errors
///
/// As [`course`].
pub fn course_edit(fields: &Fields) -> Result<CourseEdit, FieldErrors> {
    let mut check = Checker::new(fields);
    let title = check.line("title", LONGEST_TITLE);
    let starts_on = fields.has("starts_on").then(|| starts_on(&mut check));
    let length_days = fields.has("length_days").then(|| length_days(&mut check));
    check.finish(CourseEdit { title, starts_on, length_days })
}

/// What people say of themselves.
///
/// # Errors
///
/// As [`course`].
pub fn profile(fields: &Fields) -> Result<ProfileInput, FieldErrors> {
    let mut check = Checker::new(fields);
    let name = check.line("name", 200);
    let email = check.line("email", 254);
    let parts = email.split_once('@');
    let is_address = parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !email.is_empty() && (!is_address || email.contains(char::is_whitespace)) {
        check.fault("email", "give an address such as ada@lms.example");
    }
    let about = fields.has("about").then(|| check.text("about", 2000));
    check.finish(ProfileInput { name, email, about })
}

/// A grade.
///
/// # Errors
///
/// As [`course`].
pub fn grade(fields: &Fields) -> Result<GradeInput, FieldErrors> {
    let mut check = Checker::new(fields);
    let student = check.id("student");
    let assessment = check.id("assessment");
    let score = check.number("score", 0, 100);
    check.finish(GradeInput { assessment, student, score })
}

/// The longest title, in characters; the database has the same limit.
const LONGEST_TITLE: usize = 200;

fn starts_on(check: &mut Checker<'_>) -> NaiveDate {
    check.date("starts_on")
}

fn length_days(check: &mut Checker<'_>) -> i32 {
    check.number("length_days", 1, 3660)
}

/// A short name of letters and digits.
fn word(check: &mut Checker<'_>, field: &'static str) -> String {
    let text = check.line(field, 16);
    if !text.is_empty() && !text.chars().all(char::is_alphanumeric) {
        check.fault(field, "give letters and digits only");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Fields {
        Fields::default()
            .with("code", "RST")
            .with("presentation", "2026J")
            .with("title", " Rust ")
            .with("starts_on", "2026-10-01")
            .with("length_days", 90)
    }

    #[test]
    fn a_complete_form_is_taken_and_trimmed() {
        assert_eq!(course(&complete()).expect("a course").title, "Rust");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faulty = complete().with("title", "").with("length_days", "-1").with("code", "A B");
        let errors = course(&faulty).expect_err("faults");
        for field in ["title", "length_days", "code"] {
            assert!(errors.of(field).is_some(), "{field} in {errors:?}");
        }
        assert_eq!(errors.of("starts_on"), None);
    }

    #[test]
    fn numbers_have_bounds_and_are_whole() {
        let base = Fields::default()
            .with("student", uuid::Uuid::nil())
            .with("assessment", uuid::Uuid::nil());
        for (score, good) in
            [("0", true), ("100", true), ("101", false), ("-1", false), ("1.5", false), ("", false)]
        {
            assert_eq!(grade(&base.clone().with("score", score)).is_ok(), good, "{score:?}");
        }
    }

    #[test]
    fn addresses_have_two_parts() {
        let of = |email: &str| profile(&Fields::default().with("name", "Ada").with("email", email));
        for (email, good) in
            [("a@b", true), ("a", false), ("@b", false), ("a@", false), ("a b@c", false)]
        {
            assert_eq!(of(email).is_ok(), good, "{email:?}");
        }
    }
}
