//! What happens, and what is no longer true then: each event names once what it invalidates, and no more than that.
//!
//! | tag | is on every read that shows |
//! |---|---|
//! | `course:<id>` | the course's title, dates, status, contents |
//! | `roster:<id>` | its students, or how many they are and how it ended for them |
//! | `work:<id>` | what its students have done in it: grades, payments |
//! | `courses`, `students`, `teachers` | a list of them, or which of them comes first |
//! | `student:<id>`, `teacher:<id>` | that person's name |
//! | `account:<id>` | who is logged in, or whom the login page offers |
//!
//! What a student has (courses, grades, payments) is named by its keys: nobody else's page shows it.

use cached_core::registry::Registry;
use cached_core::{Invalidation, key};
use uuid::Uuid;

/// A course has another title, other dates or another status.
pub(super) fn course_changed(id: Uuid) -> Invalidation {
    course_lists_changed().tag(key!("course:<id>")).key("analytics:enrolments")
}

/// A course was opened or closed.
pub(super) fn course_moved_on(id: Uuid) -> Invalidation {
    course_changed(id).key("analytics:platform")
}

/// A teacher has one more course.
pub(super) fn course_created(teacher: Uuid) -> Invalidation {
    course_lists_changed().key(key!("dashboard:teacher:<teacher>")).key("analytics:platform")
}

/// Every list of courses is no longer right: a course came or went, or another name or title stands in it.
fn course_lists_changed() -> Invalidation {
    Invalidation::new().key("courses:active").tag("courses")
}

/// A student came to a course or left it, and has more or less to pay.
pub(super) fn enrolment_changed(course: Uuid, student: Uuid) -> Invalidation {
    money_changed(student)
        .tag(key!("roster:<course>"))
        .key("courses:active")
        .tag("students")
        .key(key!("student:<student>:courses"))
        .key("analytics:enrolments")
}

/// A student of a course has another grade.
pub(super) fn graded(course: Uuid, student: Uuid) -> Invalidation {
    Invalidation::new()
        .tag(key!("work:<course>"))
        .key(key!("dashboard:<student>"))
        .key(key!("student:<student>:grades"))
        .key("analytics:platform")
}

/// A student has paid for a course.
pub(super) fn paid(course: Uuid, student: Uuid) -> Invalidation {
    money_changed(student).tag(key!("work:<course>"))
}

/// A student has paid, or has more or less to pay.
fn money_changed(student: Uuid) -> Invalidation {
    Invalidation::new()
        .key(key!("dashboard:<student>"))
        .key(key!("student:<student>:payments"))
        .key("analytics:revenue")
        .key("dashboards:admin")
}

/// A student has another name or address.
pub(super) fn student_changed(id: Uuid) -> Invalidation {
    Invalidation::new().tag(key!("student:<id>")).tag("students").tag(key!("account:<id>"))
}

/// A teacher has another name or address.
pub(super) fn teacher_changed(id: Uuid) -> Invalidation {
    course_lists_changed().tag(key!("teacher:<id>")).tag("teachers").tag(key!("account:<id>"))
}

/// An administrator has another name or address.
pub(super) fn admin_changed(id: Uuid) -> Invalidation {
    Invalidation::new().key(key!("admin:<id>")).tag(key!("account:<id>"))
}

/// Rows came from outside, and nobody knows which.
pub(super) fn imported() -> Invalidation {
    Invalidation::new().everything()
}

/// The annotations of this application, with what each event invalidates: for the audit, and for the map of the
/// live page.
pub fn cache_map(linked: Registry) -> Registry {
    let any = Uuid::nil();
    linked
        .within("lms::")
        .event("course_changed", course_changed(any))
        .event("course_moved_on", course_moved_on(any))
        .event("course_created", course_created(any))
        .event("enrolment_changed", enrolment_changed(any, any))
        .event("graded", graded(any, any))
        .event("paid", paid(any, any))
        .event("student_changed", student_changed(any))
        .event("teacher_changed", teacher_changed(any))
        .event("admin_changed", admin_changed(any))
        .event("imported", imported())
}
