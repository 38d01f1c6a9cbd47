//! Pages of students: what is a student's own, together with what is the courses' own. Both are cached, each by itself, so that
//! a course with a new title is loaded once and not with every student who takes it.

use std::cmp::Reverse;

use chrono::Utc;
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::Services;
use crate::model::{CourseCard, Dashboard, StudentCourse};

type Read<T> = Result<T, sqlx::Error>;

impl Services {
    /// What a student sees first, the latest course first.
    pub(super) async fn dashboard_of(&self, id: Uuid) -> Read<Option<Dashboard>> {
        let Some(record) = self.students.record(id).await? else { return Ok(None) };
        let cards = self.cards(record.courses.iter().map(|study| study.course_id)).await?;
        let today = Utc::now().date_naive();
        let both = record.courses.into_iter().zip(cards);
        let mut courses: Vec<_> =
            both.filter_map(|(study, card)| Some(study.of(card?, today))).collect();
        courses
            .sort_by(|a, b| (Reverse(a.starts_on), &a.code).cmp(&(Reverse(b.starts_on), &b.code)));
        Ok(Some(Dashboard { student: record.student, courses }))
    }

    /// The courses of a student, the latest one first.
    pub(super) async fn courses_of(&self, id: Uuid) -> Read<Vec<StudentCourse>> {
        let enrolments = self.enrolments.of_student(id).await?;
        let cards = self.cards(enrolments.iter().map(|enrolment| enrolment.course_id)).await?;
        let both = enrolments.into_iter().zip(cards);
        let mut courses: Vec<_> =
            both.filter_map(|(enrolment, card)| Some(enrolment.of(card?))).collect();
        courses
            .sort_by(|a, b| (Reverse(a.starts_on), &a.code).cmp(&(Reverse(b.starts_on), &b.code)));
        Ok(courses)
    }

    /// All at once: where each is a question to Redis, they share its round trips.
    async fn cards(&self, ids: impl Iterator<Item = Uuid>) -> Read<Vec<Option<CourseCard>>> {
        try_join_all(ids.map(|id| self.courses.card(id))).await
    }
}
