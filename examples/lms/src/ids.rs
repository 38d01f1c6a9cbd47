//! Ids derived from natural keys (UUID version 5), so that importing the same rows twice names the
//! same things. What the application creates itself gets random ids and is not here.

use uuid::Uuid;

/// The name space of all ids below; any fixed value would do, and changing it orphans old imports.
const LMS: Uuid = Uuid::from_u128(0x7c1f_0a52_93d4_5b1e_8a60_4f0d_2e6b_91c7);

/// The id of a module presentation, such as `AAA` in `2013J`.
pub fn course(code: &str, presentation: &str) -> Uuid {
    derive(&format!("course/{code}/{presentation}"))
}

/// The id of a student with an OULAD number.
pub fn student(oulad_id: i64) -> Uuid {
    derive(&format!("student/{oulad_id}"))
}

/// The id of the `number`th generated teacher.
pub fn teacher(number: usize) -> Uuid {
    derive(&format!("teacher/{number}"))
}

/// The id of the generated administrator.
pub fn admin() -> Uuid {
    derive("admin")
}

/// The id of a piece of course material with an OULAD site number.
pub fn material(oulad_id: i64) -> Uuid {
    derive(&format!("material/{oulad_id}"))
}

/// The id of an assessment with an OULAD number.
pub fn assessment(oulad_id: i64) -> Uuid {
    derive(&format!("assessment/{oulad_id}"))
}

/// The id of a student's enrolment in a course.
pub fn enrolment(course: Uuid, student: Uuid) -> Uuid {
    derive(&format!("enrolment/{course}/{student}"))
}

/// The id of one instalment of what an enrolment costs.
pub fn payment(enrolment: Uuid, instalment: i32) -> Uuid {
    derive(&format!("payment/{enrolment}/{instalment}"))
}

fn derive(name: &str) -> Uuid {
    Uuid::new_v5(&LMS, name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_what_they_were_in_the_first_import() {
        // A changed value here means that an import no longer recognises what an older one loaded.
        assert_eq!(course("AAA", "2013J").to_string(), "f959b0a2-31ee-5a04-b59d-286fafa2a5ce");
        assert_eq!(student(11391).to_string(), "df24f5be-3531-5ab2-974a-1f50a882f554");
    }

    #[test]
    fn things_of_different_kinds_with_the_same_number_differ() {
        assert_ne!(student(1752), assessment(1752));
        assert_ne!(material(1752), assessment(1752));
        assert_ne!(teacher(1), teacher(11));
    }
}
