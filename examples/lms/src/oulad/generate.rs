//! Made-up tables of OULAD's size and shape, for machines that do not have the data set. They are
//! CSV text, so that they go the same way as the real ones.

use std::fmt::Write as _;

use fastrand::Rng;

use super::values;

/// The seed of `lms seed`.
pub const SEED: u64 = 2013;

const MODULES: [&str; 7] = ["ALG", "BIO", "CHM", "DAT", "ECO", "FRE", "GEO"];
const PRESENTATIONS: [&str; 4] = ["2013B", "2013J", "2014B", "2014J"];
const COURSES: usize = 22;
const STUDENTS: usize = 28_785;
const ENROLMENTS: usize = 32_593;
const MATERIALS: usize = 6_364;
const ASSESSMENTS: usize = 206;

/// Generated numbers begin here, above all of OULAD's, so that both sets fit into one database.
const FIRST_ID: usize = 10_000_001;

const REGIONS: [&str; 6] =
    ["East Anglian Region", "Ireland", "London Region", "Scotland", "South Region", "Wales"];

/// The tables as CSV text.
pub(super) struct Tables {
    pub(super) courses: Vec<u8>,
    pub(super) student_info: Vec<u8>,
    pub(super) student_registration: Vec<u8>,
    pub(super) vle: Vec<u8>,
    pub(super) assessments: Vec<u8>,
}

/// The same text for the same seed, on every machine.
pub(super) fn tables(seed: u64) -> Tables {
    let mut rng = Rng::with_seed(seed);
    let courses = courses();
    let (student_info, student_registration) = students(&courses, &mut rng);
    let mut course_rows = "code_module,code_presentation,module_presentation_length\n".to_owned();
    for course in &courses {
        line(&mut course_rows, format_args!("{course},{}", rng.u32(234..=269)));
    }
    Tables {
        courses: course_rows.into_bytes(),
        student_info,
        student_registration,
        vle: vle(&courses, &mut rng),
        assessments: assessments(&courses, &mut rng),
    }
}

/// `module,presentation` of every course.
fn courses() -> Vec<String> {
    let all = MODULES.iter().flat_map(|module| {
        PRESENTATIONS.iter().map(move |presentation| format!("{module},{presentation}"))
    });
    all.take(COURSES).collect()
}

/// Every student takes one course, and as many of them a second one as there are enrolments left.
fn students(courses: &[String], rng: &mut Rng) -> (Vec<u8>, Vec<u8>) {
    let mut info = "code_module,code_presentation,id_student,gender,region,highest_education,\
                    imd_band,age_band,num_of_prev_attempts,studied_credits,disability,final_result\n"
        .to_owned();
    let mut registration =
        "code_module,code_presentation,id_student,date_registration,date_unregistration\n"
            .to_owned();
    for number in 0..STUDENTS {
        let student = FIRST_ID + number;
        let person = person(rng);
        let first = rng.usize(..courses.len());
        let mut taken = vec![first];
        if number < ENROLMENTS - STUDENTS {
            taken.push((first + 1 + rng.usize(..courses.len() - 1)) % courses.len());
        }
        for (attempt, course) in taken.into_iter().enumerate() {
            let course = &courses[course];
            let left = rng.u8(..10) < 3;
            let result = if left { "Withdrawn" } else { finished(rng) };
            let credits = 30 * rng.u32(1..=6);
            let (before, disability, age) = (&person.0, person.1, person.2);
            line(
                &mut info,
                format_args!(
                    "{course},{student},{before},{age},{attempt},{credits},{disability},{result}"
                ),
            );
            let until = if left { rng.u32(0..230).to_string() } else { "?".to_owned() };
            let since = -rng.i32(1..=200);
            line(&mut registration, format_args!("{course},{student},{since},{until}"));
        }
    }
    (info.into_bytes(), registration.into_bytes())
}

/// `gender,region,education,imd_band`, disability and age band.
fn person(rng: &mut Rng) -> (String, &'static str, &'static str) {
    let gender = word(values::GENDERS, rng);
    let region = REGIONS[rng.usize(..REGIONS.len())];
    let education = word(values::EDUCATION, rng);
    let imd_band = if rng.u8(..30) == 0 { "?" } else { word(values::IMD_BANDS, rng) };
    let disability = if rng.u8(..10) == 0 { "Y" } else { "N" };
    let text = format!("{gender},{region},{education},{imd_band}");
    (text, disability, word(values::AGE_BANDS, rng))
}

fn finished(rng: &mut Rng) -> &'static str {
    match rng.u8(..10) {
        0..=5 => "Pass",
        6 => "Distinction",
        _ => "Fail",
    }
}

fn vle(courses: &[String], rng: &mut Rng) -> Vec<u8> {
    let mut text =
        "id_site,code_module,code_presentation,activity_type,week_from,week_to\n".to_owned();
    for number in 0..MATERIALS {
        let course = &courses[number % courses.len()];
        let kind = word(values::ACTIVITY_TYPES, rng);
        let weeks = if rng.u8(..6) == 0 {
            let from = rng.u32(0..=25);
            format!("{from},{}", from + rng.u32(0..=3))
        } else {
            "?,?".to_owned()
        };
        line(&mut text, format_args!("{},{course},{kind},{weeks}", FIRST_ID + number));
    }
    text.into_bytes()
}

/// Nine or ten a course, at even distances; the last one is the exam, the others weigh 100 together.
fn assessments(courses: &[String], rng: &mut Rng) -> Vec<u8> {
    let mut text =
        "code_module,code_presentation,id_assessment,assessment_type,date,weight\n".to_owned();
    let mut id = FIRST_ID;
    for (place, course) in courses.iter().enumerate() {
        let more = usize::from(place < ASSESSMENTS % courses.len());
        let count = ASSESSMENTS / courses.len() + more;
        for number in 1..=count {
            let exam = number == count;
            let kind = match (exam, rng.bool()) {
                (true, _) => "Exam",
                (false, true) => "TMA",
                (false, false) => "CMA",
            };
            let weight = if exam { 100.0 } else { 100.0 / (count - 1) as f64 };
            let day = number * 230 / count;
            line(&mut text, format_args!("{course},{id},{kind},{day},{weight:.2}"));
            id += 1;
        }
    }
    text.into_bytes()
}

fn word<T>(words: &[(&'static str, T)], rng: &mut Rng) -> &'static str {
    words[rng.usize(..words.len())].0
}

fn line(text: &mut String, row: std::fmt::Arguments<'_>) {
    // Writing into a String does not fail.
    let _ = writeln!(text, "{row}");
}
