//! The values that OULAD's columns of a fixed vocabulary may take. A value that is not listed here
//! is damage. Spellings are the data set's own (`10-20` without its percent sign included).

use crate::model::{AssessmentKind, EnrolmentResult};

pub(super) const GENDERS: &[(&str, &str)] = &[("F", "F"), ("M", "M")];

pub(super) const DISABILITY: &[(&str, bool)] = &[("Y", true), ("N", false)];

pub(super) const EDUCATION: &[(&str, &str)] = &[
    ("No Formal quals", "No Formal quals"),
    ("Lower Than A Level", "Lower Than A Level"),
    ("A Level or Equivalent", "A Level or Equivalent"),
    ("HE Qualification", "HE Qualification"),
    ("Post Graduate Qualification", "Post Graduate Qualification"),
];

pub(super) const IMD_BANDS: &[(&str, &str)] = &[
    ("0-10%", "0-10%"),
    ("10-20", "10-20%"),
    ("10-20%", "10-20%"),
    ("20-30%", "20-30%"),
    ("30-40%", "30-40%"),
    ("40-50%", "40-50%"),
    ("50-60%", "50-60%"),
    ("60-70%", "60-70%"),
    ("70-80%", "70-80%"),
    ("80-90%", "80-90%"),
    ("90-100%", "90-100%"),
];

pub(super) const AGE_BANDS: &[(&str, &str)] =
    &[("0-35", "0-35"), ("35-55", "35-55"), ("55<=", "55<=")];

pub(super) const RESULTS: &[(&str, EnrolmentResult)] = &[
    ("Pass", EnrolmentResult::Pass),
    ("Distinction", EnrolmentResult::Distinction),
    ("Fail", EnrolmentResult::Fail),
    ("Withdrawn", EnrolmentResult::Withdrawn),
];

pub(super) const ASSESSMENT_KINDS: &[(&str, AssessmentKind)] =
    &[("TMA", AssessmentKind::Tma), ("CMA", AssessmentKind::Cma), ("Exam", AssessmentKind::Exam)];

pub(super) const ACTIVITY_TYPES: &[(&str, &str)] = &[
    ("dataplus", "dataplus"),
    ("dualpane", "dualpane"),
    ("externalquiz", "externalquiz"),
    ("folder", "folder"),
    ("forumng", "forumng"),
    ("glossary", "glossary"),
    ("homepage", "homepage"),
    ("htmlactivity", "htmlactivity"),
    ("oucollaborate", "oucollaborate"),
    ("oucontent", "oucontent"),
    ("ouelluminate", "ouelluminate"),
    ("ouwiki", "ouwiki"),
    ("page", "page"),
    ("questionnaire", "questionnaire"),
    ("quiz", "quiz"),
    ("repeatactivity", "repeatactivity"),
    ("resource", "resource"),
    ("sharedsubpage", "sharedsubpage"),
    ("subpage", "subpage"),
    ("url", "url"),
];
