//! Builds the records of a data set whose rows were checked.

use std::collections::{HashMap, HashSet};

use super::invented;
use super::records::{Assessment, Course, Dataset, Enrolment, Material, Profile, Role, User};
use crate::ids;
use crate::oulad::{CourseKey, Rows};

/// The records of `rows`; the same rows give the same records.
///
/// Rows that refer to nothing are left out; a checked data set has none.
pub fn build(rows: &Rows) -> Dataset {
    let mut dataset = Dataset { users: invented::staff(), ..Dataset::default() };
    dataset.courses = courses(rows);
    students(rows, &mut dataset);
    contents(rows, &mut dataset);
    enrolments(rows, &mut dataset);
    dataset
}

fn course_id(key: &CourseKey) -> uuid::Uuid {
    ids::course(&key.code, &key.presentation)
}

fn courses(rows: &Rows) -> Vec<Course> {
    let course = |row: &crate::oulad::CourseRow| {
        let id = course_id(&row.key);
        Course {
            id,
            code: row.key.code.clone(),
            presentation: row.key.presentation.clone(),
            title: invented::title(&row.key.code, row.starts_on),
            starts_on: row.starts_on,
            length_days: row.length_days,
            teacher_id: invented::teacher_of(id),
        }
    };
    rows.courses.iter().map(course).collect()
}

fn students(rows: &Rows, dataset: &mut Dataset) {
    let mut seen = HashSet::new();
    for row in rows.students.iter().filter(|row| seen.insert(row.student)) {
        let id = ids::student(row.student);
        dataset.users.push(User {
            id,
            role: Role::Student,
            name: invented::name(id),
            email: format!("student.{}@lms.example", row.student),
            oulad_id: Some(row.student),
        });
        dataset.profiles.push(Profile {
            user_id: id,
            gender: row.person.gender,
            region: row.person.region.clone(),
            education: row.person.education,
            imd_band: row.person.imd_band,
            disability: row.person.disability,
        });
    }
}

fn contents(rows: &Rows, dataset: &mut Dataset) {
    let material = |row: &crate::oulad::MaterialRow| Material {
        id: ids::material(row.site),
        course_id: course_id(&row.course),
        oulad_id: row.site,
        activity_type: row.activity_type,
        week_from: row.week_from,
        week_to: row.week_to,
    };
    dataset.materials = rows.materials.iter().map(material).collect();
    let assessment = |row: &crate::oulad::AssessmentRow| Assessment {
        id: ids::assessment(row.assessment),
        course_id: course_id(&row.course),
        oulad_id: row.assessment,
        kind: row.kind,
        due_day: row.due_day,
        weight: row.weight,
    };
    dataset.assessments = rows.assessments.iter().map(assessment).collect();
}

fn enrolments(rows: &Rows, dataset: &mut Dataset) {
    let registrations: HashMap<_, _> =
        rows.registrations.iter().map(|row| ((&row.course, row.student), row)).collect();
    let courses: HashMap<_, _> = dataset.courses.iter().map(|course| (course.id, course)).collect();
    for row in &rows.students {
        let course_id = course_id(&row.course);
        let registration = registrations.get(&(&row.course, row.student));
        let (Some(registration), Some(course)) = (registration, courses.get(&course_id)) else {
            continue;
        };
        let student_id = ids::student(row.student);
        let enrolment = Enrolment {
            id: ids::enrolment(course_id, student_id),
            course_id,
            student_id,
            registered_day: registration.registered_day,
            unregistered_day: registration.unregistered_day,
            age_band: row.age_band,
            previous_attempts: row.previous_attempts,
            credits: row.credits,
            result: row.result,
        };
        dataset.payments.extend(invented::payments(&enrolment, course));
        dataset.enrolments.push(enrolment);
    }
}
