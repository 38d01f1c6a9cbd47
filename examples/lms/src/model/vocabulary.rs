//! The fixed vocabularies; each is an enum type of the same name in Postgres.

use serde::{Deserialize, Serialize};

/// Declares an enum that Postgres, JSON, keys and the import spell alike.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident as $sql:literal { $($(#[$word_doc:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = $sql, rename_all = "snake_case")]
        pub enum $name { $($(#[$word_doc])* $word,)+ }

        impl $name {
            /// The word as Postgres and JSON spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)+ }
            }
        }

        impl cached_core::KeyPart for $name {
            fn render(&self, part: &mut cached_core::Part<'_>) {
                self.as_str().render(part);
            }
        }
    };
}

vocabulary! {
    /// What an account may do.
    UserRole as "user_role" {
        /// Takes courses.
        Student = "student",
        /// Gives courses.
        Teacher = "teacher",
        /// Runs the place.
        Admin = "admin",
    }
}

vocabulary! {
    /// Where a course stands in its life.
    CourseStatus as "course_status" {
        /// Being written; students do not see it.
        Draft = "draft",
        /// Open.
        Active = "active",
        /// Over.
        Archived = "archived",
    }
}

vocabulary! {
    /// How work is marked.
    AssessmentKind as "assessment_kind" {
        /// Tutor-marked.
        Tma = "tma",
        /// Computer-marked.
        Cma = "cma",
        /// Final exam.
        Exam = "exam",
    }
}

vocabulary! {
    /// How a student's course ended.
    EnrolmentResult as "enrolment_result" {
        /// Passed.
        Pass = "pass",
        /// Passed with distinction.
        Distinction = "distinction",
        /// Failed.
        Fail = "fail",
        /// Left before the end.
        Withdrawn = "withdrawn",
    }
}

vocabulary! {
    /// What became of an instalment.
    PaymentStatus as "payment_status" {
        /// Not paid yet.
        Pending = "pending",
        /// Paid.
        Paid = "paid",
        /// Tried and refused.
        Failed = "failed",
        /// Paid and given back.
        Refunded = "refunded",
    }
}

vocabulary! {
    /// How an instalment is paid.
    PaymentMethod as "payment_method" {
        /// By card.
        Card = "card",
        /// By the student's bank.
        BankTransfer = "bank_transfer",
        /// Drawn from the student's account.
        DirectDebit = "direct_debit",
    }
}
