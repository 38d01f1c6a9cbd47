//! How each table takes an import: its columns, what to do about rows that are there already, and
//! the records as CSV for `COPY`.

use crate::dataset::{Dataset, Role};

/// One table as the import sees it.
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// The columns that an import fills, the primary key first.
    pub(super) columns: &'static [&'static str],
    /// Those that belong to the source and follow it; the others are the application's own once
    /// the row exists (somebody may have renamed the course, or paid).
    pub(super) refreshed: &'static [&'static str],
    /// The records as CSV without a header, in the order of `columns`. An empty field is null.
    pub(super) encode: fn(&Dataset) -> Result<Vec<u8>, csv::Error>,
}

/// In an order in which foreign keys hold.
pub(super) const TABLES: [Table; 7] = [
    Table {
        name: "users",
        columns: &["id", "role", "name", "email", "oulad_id"],
        refreshed: &[],
        encode: |dataset| {
            rows(&dataset.users, |user| {
                let role = match user.role {
                    Role::Student => "student",
                    Role::Teacher => "teacher",
                    Role::Admin => "admin",
                };
                let (id, number) = (user.id.to_string(), opt(user.oulad_id));
                vec![id, role.into(), user.name.clone(), user.email.clone(), number]
            })
        },
    },
    Table {
        name: "student_profiles",
        columns: &["user_id", "gender", "region", "education", "imd_band", "disability"],
        refreshed: &["gender", "region", "education", "imd_band", "disability"],
        encode: |dataset| {
            rows(&dataset.profiles, |profile| {
                vec![
                    profile.user_id.to_string(),
                    profile.gender.into(),
                    profile.region.clone(),
                    profile.education.into(),
                    opt(profile.imd_band),
                    profile.disability.to_string(),
                ]
            })
        },
    },
    Table {
        name: "courses",
        columns: &["id", "code", "presentation", "title", "starts_on", "length_days", "teacher_id"],
        refreshed: &["starts_on", "length_days"],
        encode: |dataset| {
            rows(&dataset.courses, |course| {
                vec![
                    course.id.to_string(),
                    course.code.clone(),
                    course.presentation.clone(),
                    course.title.clone(),
                    course.starts_on.to_string(),
                    course.length_days.to_string(),
                    course.teacher_id.to_string(),
                ]
            })
        },
    },
    Table {
        name: "materials",
        columns: &["id", "course_id", "oulad_id", "activity_type", "week_from", "week_to"],
        refreshed: &["course_id", "activity_type", "week_from", "week_to"],
        encode: |dataset| {
            rows(&dataset.materials, |material| {
                vec![
                    material.id.to_string(),
                    material.course_id.to_string(),
                    material.oulad_id.to_string(),
                    material.activity_type.into(),
                    opt(material.week_from),
                    opt(material.week_to),
                ]
            })
        },
    },
    Table {
        name: "assessments",
        columns: &["id", "course_id", "oulad_id", "kind", "due_day", "weight"],
        refreshed: &["course_id", "kind", "due_day", "weight"],
        encode: |dataset| {
            rows(&dataset.assessments, |assessment| {
                vec![
                    assessment.id.to_string(),
                    assessment.course_id.to_string(),
                    assessment.oulad_id.to_string(),
                    assessment.kind.as_str().into(),
                    opt(assessment.due_day),
                    assessment.weight.to_string(),
                ]
            })
        },
    },
    Table {
        name: "enrolments",
        columns: &[
            "id",
            "course_id",
            "student_id",
            "registered_day",
            "unregistered_day",
            "age_band",
            "previous_attempts",
            "credits",
            "result",
        ],
        refreshed: &[
            "registered_day",
            "unregistered_day",
            "age_band",
            "previous_attempts",
            "credits",
            "result",
        ],
        encode: |dataset| {
            rows(&dataset.enrolments, |enrolment| {
                vec![
                    enrolment.id.to_string(),
                    enrolment.course_id.to_string(),
                    enrolment.student_id.to_string(),
                    opt(enrolment.registered_day),
                    opt(enrolment.unregistered_day),
                    enrolment.age_band.into(),
                    enrolment.previous_attempts.to_string(),
                    enrolment.credits.to_string(),
                    enrolment.result.as_str().into(),
                ]
            })
        },
    },
    Table {
        name: "payments",
        columns: &[
            "id",
            "enrolment_id",
            "instalment",
            "amount_pence",
            "method",
            "status",
            "due_on",
            "paid_on",
        ],
        refreshed: &[],
        encode: |dataset| {
            rows(&dataset.payments, |payment| {
                vec![
                    payment.id.to_string(),
                    payment.enrolment_id.to_string(),
                    payment.instalment.to_string(),
                    payment.amount_pence.to_string(),
                    payment.method.as_str().into(),
                    payment.status.as_str().into(),
                    payment.due_on.to_string(),
                    opt(payment.paid_on),
                ]
            })
        },
    },
];

fn opt(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn rows<T>(records: &[T], fields: impl Fn(&T) -> Vec<String>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for record in records {
        writer.write_record(fields(record))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
