//! From the text of each table to its typed rows. What one row alone cannot tell (references,
//! duplicates) is checked elsewhere.

use chrono::NaiveDate;

use super::line::Line;
use super::problem::Problems;
use super::rows::{
    AssessmentRow, CourseKey, CourseRow, MaterialRow, Person, RegistrationRow, StudentRow,
};
use super::source::Text;
use super::table::rows;
use super::values;

/// Days that a date column may name: ten years either way.
const DAYS: std::ops::RangeInclusive<i32> = -3660..=3660;

pub(super) fn courses(text: &Text, problems: &mut Problems) -> Vec<CourseRow> {
    let wanted = ["code_module", "code_presentation", "module_presentation_length"];
    rows(text, &wanted, problems, |line| {
        let (key, length_days) =
            (course_key(line), line.number("module_presentation_length", 1..=3660));
        let key = key?;
        let starts_on = starts_on(line, &key.presentation);
        Some(CourseRow { line: line.number, starts_on: starts_on?, key, length_days: length_days? })
    })
}

pub(super) fn students(text: &Text, problems: &mut Problems) -> Vec<StudentRow> {
    let wanted = [
        "code_module",
        "code_presentation",
        "id_student",
        "gender",
        "region",
        "highest_education",
        "imd_band",
        "age_band",
        "num_of_prev_attempts",
        "studied_credits",
        "disability",
        "final_result",
    ];
    rows(text, &wanted, problems, |line| {
        let (course, student) = (course_key(line), id(line, "id_student"));
        let gender = line.one_of("gender", values::GENDERS);
        let region = line.text("region");
        let education = line.one_of("highest_education", values::EDUCATION);
        let imd_band = line.optional_one_of("imd_band", values::IMD_BANDS);
        let age_band = line.one_of("age_band", values::AGE_BANDS);
        let previous_attempts = line.number("num_of_prev_attempts", 0..=1000);
        let credits = line.number("studied_credits", 1..=10_000);
        let disability = line.one_of("disability", values::DISABILITY);
        let result = line.one_of("final_result", values::RESULTS);
        Some(StudentRow {
            line: line.number,
            course: course?,
            student: student?,
            person: Person {
                gender: gender?,
                region: region?,
                education: education?,
                imd_band: imd_band?,
                disability: disability?,
            },
            age_band: age_band?,
            previous_attempts: previous_attempts?,
            credits: credits?,
            result: result?,
        })
    })
}

pub(super) fn registrations(text: &Text, problems: &mut Problems) -> Vec<RegistrationRow> {
    let wanted = [
        "code_module",
        "code_presentation",
        "id_student",
        "date_registration",
        "date_unregistration",
    ];
    rows(text, &wanted, problems, |line| {
        let (course, student) = (course_key(line), id(line, "id_student"));
        let from = line.optional_number("date_registration", DAYS);
        let to = line.optional_number("date_unregistration", DAYS);
        let (registered_day, unregistered_day) = (from?, to?);
        in_order(line, "date_registration", registered_day, unregistered_day)?;
        Some(RegistrationRow {
            line: line.number,
            course: course?,
            student: student?,
            registered_day,
            unregistered_day,
        })
    })
}

pub(super) fn materials(text: &Text, problems: &mut Problems) -> Vec<MaterialRow> {
    let wanted =
        ["id_site", "code_module", "code_presentation", "activity_type", "week_from", "week_to"];
    rows(text, &wanted, problems, |line| {
        let (site, course) = (id(line, "id_site"), course_key(line));
        let activity_type = line.one_of("activity_type", values::ACTIVITY_TYPES);
        let from = line.optional_number("week_from", 0..=520);
        let to = line.optional_number("week_to", 0..=520);
        let (week_from, week_to) = (from?, to?);
        in_order(line, "week_from", week_from, week_to)?;
        Some(MaterialRow {
            line: line.number,
            site: site?,
            course: course?,
            activity_type: activity_type?,
            week_from,
            week_to,
        })
    })
}

pub(super) fn assessments(text: &Text, problems: &mut Problems) -> Vec<AssessmentRow> {
    let wanted =
        ["code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"];
    rows(text, &wanted, problems, |line| {
        let (course, assessment) = (course_key(line), id(line, "id_assessment"));
        let kind = line.one_of("assessment_type", values::ASSESSMENT_KINDS);
        let due_day = line.optional_number("date", DAYS);
        let weight = line.number("weight", 0.0..=100.0);
        Some(AssessmentRow {
            line: line.number,
            assessment: assessment?,
            course: course?,
            kind: kind?,
            due_day: due_day?,
            weight: weight?,
        })
    })
}

fn course_key(line: &mut Line<'_>) -> Option<CourseKey> {
    let code = line.text("code_module");
    let presentation = line.text("code_presentation");
    Some(CourseKey { code: code?, presentation: presentation? })
}

fn id(line: &mut Line<'_>, column: &'static str) -> Option<i64> {
    line.number(column, 1..=i64::MAX)
}

/// `B` presentations start in February, `J` ones in October.
fn starts_on(line: &mut Line<'_>, presentation: &str) -> Option<NaiveDate> {
    let month = match presentation.get(4..) {
        Some("B") => Some(2),
        Some("J") => Some(10),
        _ => None,
    };
    let year = presentation.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit()));
    let date = year
        .and_then(|year| year.parse().ok())
        .and_then(|year| NaiveDate::from_ymd_opt(year, month?, 1));
    if date.is_none() {
        let expected = "a year and B or J, such as 2013J";
        line.wrong("code_presentation", presentation, expected);
    }
    date
}

fn in_order(line: &mut Line<'_>, column: &str, from: Option<i32>, to: Option<i32>) -> Option<()> {
    let (Some(from), Some(to)) = (from, to) else { return Some(()) };
    if from <= to {
        return Some(());
    }
    line.wrong(column, &from.to_string(), &format!("before its end, {to}"));
    None
}
