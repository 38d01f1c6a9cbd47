//! What OULAD does not tell, made up from a seed that hangs on the record's own id: names, titles,
//! teachers and payments. So a part of the data set gives the same records as the whole.

use chrono::{Days, NaiveDate};
use fastrand::Rng;
use uuid::Uuid;

use super::records::{Course, Enrolment, Payment, Role, User};
use crate::ids;
use crate::model::{EnrolmentResult, PENCE_A_CREDIT, PaymentMethod, PaymentStatus};

/// How many teachers share the courses.
pub(super) const TEACHERS: usize = 12;

const GIVEN: [&str; 32] = [
    "Ada", "Alan", "Amina", "Anna", "Ben", "Bruno", "Carla", "Chen", "Dara", "David", "Elif",
    "Emma", "Farah", "Felix", "Grace", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kofi", "Lena",
    "Liam", "Mara", "Mei", "Noah", "Olga", "Omar", "Priya", "Rosa", "Sven", "Tara",
];

const FAMILY: [&str; 32] = [
    "Adams", "Bauer", "Brown", "Cohen", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haas",
    "Hughes", "Ivanov", "Jansen", "Khan", "Kim", "Lopez", "Meyer", "Moreau", "Novak", "Okafor",
    "Patel", "Quinn", "Rossi", "Sato", "Silva", "Smith", "Tanaka", "Usman", "Vogel", "Walker",
    "Yilmaz", "Zhang",
];

/// The teachers and the administrator.
pub(super) fn staff() -> Vec<User> {
    let teacher = |number: usize| User {
        id: ids::teacher(number),
        role: Role::Teacher,
        name: format!("Dr {}", name(ids::teacher(number))),
        email: format!("teacher.{number}@lms.example"),
        oulad_id: None,
    };
    let admin = User {
        id: ids::admin(),
        role: Role::Admin,
        name: name(ids::admin()),
        email: "admin@lms.example".to_owned(),
        oulad_id: None,
    };
    (0..TEACHERS).map(teacher).chain([admin]).collect()
}

/// Which of the teachers gives a course.
pub(super) fn teacher_of(course: Uuid) -> Uuid {
    ids::teacher(rng(course).usize(..TEACHERS))
}

/// A full name.
pub(super) fn name(id: Uuid) -> String {
    let mut rng = rng(id);
    format!("{} {}", GIVEN[rng.usize(..GIVEN.len())], FAMILY[rng.usize(..FAMILY.len())])
}

/// What to call a course: the data set gives domains and letters, the generator mere letters.
pub(super) fn title(code: &str, starts_on: NaiveDate) -> String {
    let subject = match code {
        "AAA" | "BBB" | "GGG" => "Social Sciences",
        "CCC" | "DDD" | "EEE" | "FFF" => "Science and Technology",
        "ALG" => "Algebra",
        "BIO" => "Biology",
        "CHM" => "Chemistry",
        "DAT" => "Data and Statistics",
        "ECO" => "Economics",
        "FRE" => "French",
        "GEO" => "Geography",
        _ => "Module",
    };
    format!("{subject} {code}, {}", starts_on.format("%B %Y"))
}

/// The instalments of an enrolment. Who left early paid the first one, got it back within two
/// weeks, and owes nothing; the others have paid, but for the odd late or refused instalment.
pub(super) fn payments(enrolment: &Enrolment, course: &Course) -> Vec<Payment> {
    let mut rng = rng(enrolment.id);
    let method = match rng.u8(..3) {
        0 => PaymentMethod::Card,
        1 => PaymentMethod::BankTransfer,
        _ => PaymentMethod::DirectDebit,
    };
    let left = enrolment.result == EnrolmentResult::Withdrawn;
    let instalments = if enrolment.credits <= 60 { 1 } else { 3 };
    let paid = if left { 1 } else { instalments };
    let cost = i64::from(enrolment.credits) * PENCE_A_CREDIT;
    (1..=paid)
        .map(|instalment| {
            let due_on = course.starts_on + Days::new(60 * (instalment as u64 - 1));
            let status = match rng.u8(..100) {
                _ if left && enrolment.unregistered_day.is_none_or(|day| day <= 14) => {
                    PaymentStatus::Refunded
                }
                0..=93 => PaymentStatus::Paid,
                94..=97 => PaymentStatus::Pending,
                _ => PaymentStatus::Failed,
            };
            let is_paid = matches!(status, PaymentStatus::Paid | PaymentStatus::Refunded);
            Payment {
                id: ids::payment(enrolment.id, instalment),
                enrolment_id: enrolment.id,
                instalment,
                amount_pence: cost / i64::from(instalments),
                method,
                status,
                due_on,
                paid_on: is_paid.then(|| due_on - Days::new(rng.u64(..15))),
            }
        })
        .collect()
}

fn rng(id: Uuid) -> Rng {
    Rng::with_seed(id.as_u64_pair().0)
}
