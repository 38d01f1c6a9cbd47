//! The writes. What the annotations invalidate, the repositories name; the hand-written cache is told here.

use uuid::Uuid;

use super::Services;
use crate::model::{CourseEdit, CourseInput, GradeInput, ProfileInput};
use crate::repository::WriteError;

type Write<T = ()> = Result<T, WriteError>;

#[allow(missing_docs, clippy::missing_errors_doc)] // as in the repositories
impl Services {
    pub async fn log_in(&self, user: Uuid) -> Result<String, sqlx::Error> {
        self.accounts.log_in(user).await
    }

    pub async fn log_out(&self, token: &str) -> Result<(), sqlx::Error> {
        self.accounts.log_out(token).await?;
        if let Some(hand) = &self.hand {
            hand.logged_out(token).await;
        }
        Ok(())
    }

    pub async fn create_course(&self, input: &CourseInput, teacher: Uuid) -> Write<Uuid> {
        let id = self.courses.create(input, teacher).await?;
        if let Some(hand) = &self.hand {
            hand.course_changed(id).await;
            hand.counts_changed(&["analytics:platform"]).await;
        }
        Ok(id)
    }

    pub async fn edit_course(&self, id: Uuid, edit: &CourseEdit) -> Write {
        self.courses.edit(id, edit).await?;
        if let Some(hand) = &self.hand {
            hand.course_changed(id).await;
        }
        Ok(())
    }

    pub async fn rename_course(&self, id: Uuid, title: &str) -> Write {
        self.courses.rename(id, title).await?;
        if let Some(hand) = &self.hand {
            hand.course_changed(id).await;
        }
        Ok(())
    }

    pub async fn publish(&self, id: Uuid) -> Write {
        self.courses.publish(id).await?;
        self.moved_on(id).await
    }

    pub async fn archive(&self, id: Uuid) -> Write {
        self.courses.archive(id).await?;
        self.moved_on(id).await
    }

    async fn moved_on(&self, id: Uuid) -> Write {
        if let Some(hand) = &self.hand {
            hand.course_changed(id).await;
            hand.counts_changed(&["analytics:platform"]).await;
        }
        Ok(())
    }

    pub async fn enrol(&self, course: Uuid, student: Uuid) -> Write {
        self.enrolments.enrol(course, student).await?;
        self.enrolment_changed(course, student).await
    }

    pub async fn withdraw(&self, course: Uuid, student: Uuid) -> Write {
        self.enrolments.withdraw(course, student).await?;
        self.enrolment_changed(course, student).await
    }

    async fn enrolment_changed(&self, course: Uuid, student: Uuid) -> Write {
        if let Some(hand) = &self.hand {
            hand.roster_changed(course).await;
            hand.student_changed(student, &["dashboard", "courses", "payments"]).await;
            hand.lists_changed().await;
            let counts = ["analytics:enrolments", "analytics:revenue", "dashboard:admin"];
            hand.counts_changed(&counts).await;
        }
        Ok(())
    }

    pub async fn complete_payment(&self, id: Uuid, student: Uuid) -> Write {
        let course = self.payments.complete(id, student).await?;
        if let Some(hand) = &self.hand {
            hand.work_changed(course).await;
            hand.student_changed(student, &["dashboard", "payments"]).await;
            hand.counts_changed(&["analytics:revenue", "dashboard:admin"]).await;
        }
        Ok(())
    }

    pub async fn grade(&self, course: Uuid, grade: GradeInput) -> Write {
        self.assessments.grade(course, grade).await?;
        if let Some(hand) = &self.hand {
            hand.work_changed(course).await;
            hand.student_changed(grade.student, &["dashboard", "grades"]).await;
            hand.counts_changed(&["analytics:platform"]).await;
        }
        Ok(())
    }

    pub async fn edit_student(&self, id: Uuid, profile: &ProfileInput) -> Write {
        self.students.edit(id, profile).await?;
        if let Some(hand) = &self.hand {
            hand.student_changed(id, &["dashboard", "profile"]).await;
        }
        Ok(())
    }

    pub async fn edit_teacher(&self, id: Uuid, profile: &ProfileInput) -> Write {
        self.teachers.edit(id, profile).await?;
        if let Some(hand) = &self.hand {
            hand.teacher_changed(id).await;
        }
        Ok(())
    }

    pub async fn edit_admin(&self, id: Uuid, profile: &ProfileInput) -> Write {
        self.admins.edit(id, profile).await
    }
}
