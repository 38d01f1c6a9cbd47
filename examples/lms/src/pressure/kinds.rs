//! The writes that are none of a course's life: another title, grades, profiles. Each is made up here, and sent by `verify`.

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};

use super::compare::Subjects;
use super::mix::World;
use super::tally::Outcome;
use super::target::{Target, get};
use crate::repository::{Offer, Person};
use crate::{client, ids};

/// A write, and whom it is about.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) kind: &'static str,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) subjects: Subjects,
}

/// A grade for some student of a course.
pub(super) fn grade(world: &World, rng: &mut Rng) -> Option<Write> {
    let offer = &world.offers[world.offer(rng)];
    let student = *rng.choice(&offer.students)?;
    let (work, score) = (offer.assessment_id?, rng.u32(..=100));
    let body = json!({ "student_id": student, "assessment_id": work, "score": score });
    let subjects = Subjects::of(offer, Some(student));
    let path = format!("/api/courses/{}/grades", offer.id);
    Some(Write { kind: "grade", method: Method::POST, path, body, subjects })
}

/// Another title.
pub(super) fn rename(world: &World, rng: &mut Rng) -> Write {
    let offer = &world.offers[world.offer(rng)];
    let Offer { id, code, presentation, students, .. } = offer;
    let title = format!("{code} {presentation} #{}", rng.u32(..));
    let subjects = Subjects::of(offer, rng.choice(students).copied());
    let (path, body) = (format!("/api/courses/{id}"), json!({ "title": title }));
    Write { kind: "edit", method: Method::PUT, path, body, subjects }
}

/// A student keeps the address and gets another name.
pub(super) fn student(world: &World, rng: &mut Rng) -> Write {
    let Person { id, name, email } = &world.people[world.person(rng)];
    let given = first(name);
    let name = format!("{given} #{}", rng.u32(..));
    // A course where somebody else of that name may be, too.
    let offer = world.offers.iter().find(|offer| offer.students.contains(id));
    let subjects = Subjects {
        course: offer.map(|offer| offer.id),
        student: Some(*id),
        name: Some(given.to_owned()),
        ..Subjects::default()
    };
    let (path, body) = (format!("/api/students/{id}"), json!({ "name": name, "email": email }));
    Write { kind: "student's profile", method: Method::PUT, path, body, subjects }
}

/// The same of a teacher, on the pages of the courses and of their students too.
pub(super) async fn teacher(
    world: &World,
    truth: &Target,
    rng: &mut Rng,
    outcome: &mut Outcome,
) -> Option<Write> {
    let offer = &world.offers[world.offer(rng)];
    let path = format!("/api/teachers/{}", offer.teacher_id);
    let profile = get(truth, &path).await.map_err(|reason| outcome.fail(reason)).ok()?;
    let profile: Value = serde_json::from_str(&profile).ok()?;
    let name = format!("{} #{}", first(profile["name"].as_str()?), rng.u32(..));
    let body = json!({ "name": name, "email": profile["email"] });
    let subjects = Subjects::of(offer, rng.choice(&offer.students).copied());
    Some(Write { kind: "teacher's profile", method: Method::PUT, path, body, subjects })
}

/// The administrator's name stands on every page that these clients see.
pub(super) fn administrator(rng: &mut Rng) -> Write {
    let body = json!({ "name": format!("Root #{}", rng.u32(..)), "email": client::ADMIN });
    let path = format!("/api/admins/{}", ids::admin());
    let subjects = Subjects::default();
    Write { kind: "administrator's profile", method: Method::PUT, path, body, subjects }
}

/// A name without the number of an earlier write.
pub(super) fn first(name: &str) -> &str {
    name.split(" #").next().unwrap_or(name)
}
