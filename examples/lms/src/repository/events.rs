//! What happens, and what is no longer true then: each event names once what it invalidates.
//!
//! | tag | is on every read that shows |
//! |---|---|
//! | `course:<id>` | the course's title, dates, status, contents |
//! | `roster:<id>` | its students, or how many they are and how it ended for them |
//! | `work:<id>` | what its students have done in it: grades, payments |
//! | `courses`, `students`, `teachers` | a list of them |
//! | `student:<id>`, `teacher:<id>` | that person's name or work |
//! | `account:<id>` | who is logged in |

use cached_core::{Invalidation, key};
use uuid::Uuid;

/// A course has another title, other dates or another status.
pub(super) fn course_changed(id: Uuid) -> Invalidation {
    course_lists_changed().tag(key!("course:<id>"))
}

/// Some list of courses is no longer right: a course came, went, or has more students.
pub(super) fn course_lists_changed() -> Invalidation {
    Invalidation::new().key("courses:active").tag("courses")
}

/// A teacher has one more course, or one in another state.
pub(super) fn courses_of_teacher_changed(teacher: Uuid) -> Invalidation {
    course_lists_changed().key(key!("dashboard:teacher:<teacher>"))
}

/// Who takes a course changed, or how it ended for them.
pub(super) fn roster_changed(course: Uuid) -> Invalidation {
    Invalidation::new().tag(key!("roster:<course>"))
}

/// A student of a course has another grade, or has paid.
pub(super) fn work_changed(course: Uuid) -> Invalidation {
    Invalidation::new().tag(key!("work:<course>"))
}

/// A student has another name, or other courses, grades or payments.
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

/// What is counted over the whole platform changed, who takes what included.
pub(super) fn analytics_changed() -> Invalidation {
    grades_counted().and(revenue_changed()).key("analytics:enrolments")
}

/// Of what is counted over the whole platform, the grades changed.
pub(super) fn grades_counted() -> Invalidation {
    Invalidation::new().key("analytics:platform")
}

/// Of what is counted over the whole platform, the money changed.
pub(super) fn revenue_changed() -> Invalidation {
    Invalidation::new().key("analytics:revenue").key("dashboard:admin")
}
