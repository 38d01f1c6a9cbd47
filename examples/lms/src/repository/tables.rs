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
    /// Whether people change those, too: a row that is marked `changed_here` keeps them.
    pub(super) marked: bool,
    /// What to do with the incoming rows before they are stored, as SQL over `incoming_<table>`.
    pub(super) prepare: &'static [&'static str],
    /// The records as CSV without a header, in the order of `columns`. An empty field is null.
    pub(super) encode: fn(&Dataset) -> Result<Vec<u8>, csv::Error>,
}

/// People made something first that the source has, too: a course, or an enrolment. The incoming rows take its id, and so does
/// what belongs to them.
const COURSES_HERE: &str = "CREATE TEMP TABLE courses_here ON COMMIT DROP AS
    SELECT i.id AS source, c.id AS here FROM incoming_courses i
    JOIN courses c USING (code, presentation) WHERE c.id <> i.id";
const ENROLMENTS_HERE: &str = "CREATE TEMP TABLE enrolments_here ON COMMIT DROP AS
    SELECT i.id AS source, e.id AS here FROM incoming_enrolments i
    JOIN enrolments e USING (course_id, student_id) WHERE e.id <> i.id";

/// Addresses are made up, so that one which somebody has already is made up differently.
const TAKEN_ADDRESSES: &str = "UPDATE incoming_users i SET email = i.id || '@lms.example'
    WHERE EXISTS (SELECT FROM users u WHERE lower(u.email) = lower(i.email) AND u.id <> i.id)";

/// What somebody owes who came or left here was settled here.
const SETTLED_HERE: &str = "DELETE FROM incoming_payments i USING enrolments e
    WHERE e.id = i.enrolment_id AND e.changed_here";

/// In an order in which foreign keys hold.
pub(super) const TABLES: [Table; 7] = [
    Table {
        name: "users",
        columns: &["id", "role", "name", "email", "oulad_id"],
        refreshed: &[],
        marked: false,
        prepare: &[TAKEN_ADDRESSES],
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
        marked: false,
        prepare: &[],
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
        marked: true,
        prepare: &[
            COURSES_HERE,
            "UPDATE incoming_courses i SET id = h.here FROM courses_here h WHERE i.id = h.source",
        ],
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
        marked: false,
        prepare: &["UPDATE incoming_materials i SET course_id = h.here FROM courses_here h
             WHERE i.course_id = h.source"],
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
        marked: false,
        prepare: &["UPDATE incoming_assessments i SET course_id = h.here FROM courses_here h
             WHERE i.course_id = h.source"],
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
        marked: true,
        prepare: &[
            "UPDATE incoming_enrolments i SET course_id = h.here FROM courses_here h
             WHERE i.course_id = h.source",
            ENROLMENTS_HERE,
            "UPDATE incoming_enrolments i SET id = h.here FROM enrolments_here h
             WHERE i.id = h.source",
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
        marked: false,
        prepare: &[
            "UPDATE incoming_payments i SET enrolment_id = h.here FROM enrolments_here h
             WHERE i.enrolment_id = h.source",
            SETTLED_HERE,
        ],
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
