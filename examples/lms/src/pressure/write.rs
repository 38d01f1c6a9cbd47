//! The writes of the mix that is measured: rename a course, change a profile, grade, enrol and withdraw; after each, a look at
//! the pages that show it first. `verify` makes the others, and looks everywhere.

use std::time::Instant;

use fastrand::Rng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::{Expected, Shows, check};
use super::kinds::first;
use super::outage::Phase;
use super::tally::{Outcome, note};
use super::target::{Shared, send};
use crate::repository::{Offer, Person};

/// Writes something, and looks at what it concerns.
pub(super) async fn write(shared: &Shared, rng: &mut Rng, outcome: &mut Outcome, measured: bool) {
    let at = rng.usize(..shared.servers.targets.len());
    let mut writer = Writer { shared, outcome, measured, at, began: shared.servers.outage.phase() };
    let number = rng.u32(..1_000_000_000);
    match rng.u32(..100) {
        0..2 => writer.rename(shared.world.offer(rng), number).await,
        2..35 => writer.profile(shared.world.person(rng), number).await,
        35..80 => writer.grade(shared.world.offer(rng), rng).await,
        _ => writer.enrol(shared.world.person(rng), shared.world.offer(rng)).await,
    }
}

struct Writer<'a> {
    shared: &'a Shared,
    outcome: &'a mut Outcome,
    measured: bool,
    /// The server that takes the write.
    at: usize,
    /// When the write was sent.
    began: Phase,
}

impl Writer<'_> {
    async fn rename(&mut self, index: usize, number: u32) {
        let (world, offer) = (&self.shared.world, &self.shared.world.offers[index]);
        let _alone = world.offer_locks[index].lock().await;
        let title = format!("{} {} #{number}", offer.code, offer.presentation);
        let path = format!("/api/courses/{}", offer.id);
        if self.send(Method::PUT, &path, json!({ "title": title })).await.is_none() {
            return;
        }
        let mut expected = vec![
            page(format!("/courses/{}", offer.id), format!("<h1>{title}</h1>")),
            page(format!("/teachers/{}", offer.teacher_id), format!(">{title}</a>")),
            page(format!("/courses?search={}", offer.code), format!(">{title}</a>")),
        ];
        if let Some(student) = offer.students.first() {
            expected.push(page(format!("/students/{student}"), format!(">{title}</a>")));
        }
        self.check(&expected).await;
    }

    async fn profile(&mut self, index: usize, number: u32) {
        let Person { id, name, email } = &self.shared.world.people[index];
        let _alone = self.shared.world.person_locks[index].lock().await;
        let name = format!("{} #{number}", first(name));
        let body = json!({ "name": name, "email": email });
        if self.send(Method::PUT, &format!("/api/students/{id}"), body).await.is_none() {
            return;
        }
        let expected = [
            page(format!("/students/{id}"), format!("<h1>Dashboard of {name}</h1>")),
            page(format!("/students/{id}/courses"), format!("<h1>Courses of {name}</h1>")),
        ];
        self.check(&expected).await;
    }

    async fn grade(&mut self, index: usize, rng: &mut Rng) {
        let Offer { id, students, assessment_id: Some(work), .. } =
            &self.shared.world.offers[index]
        else {
            return;
        };
        if students.is_empty() {
            return;
        }
        // One student of a course at a time; only this function grades, and always the same work.
        let _alone = self.shared.world.offer_locks[index].lock().await;
        let (student, score) = (students[rng.usize(..students.len())], rng.u32(..=100));
        let body = json!({ "student_id": student, "assessment_id": work, "score": score });
        if self.send(Method::POST, &format!("/api/courses/{id}/grades"), body).await.is_none() {
            return;
        }
        // In the JSON form every grade is beside its work.
        let path = format!("/api/students/{student}/grades");
        let expected = [row(path, "", ("assessment_id", *work), ("score", json!(score)))];
        self.check(&expected).await;
    }

    /// Into the course, or out of the one that an earlier write has put the student into.
    async fn enrol(&mut self, person: usize, offer: usize) {
        let world = &self.shared.world;
        let mut state = world.person_locks[person].lock().await;
        let student = world.people[person].id;
        let (course, leave) = match *state {
            Some((course, true)) => (course, true),
            Some((course, false)) => (course, false),
            None => (world.offers[offer].id, false),
        };
        let method = if leave { Method::DELETE } else { Method::PUT };
        let path = format!("/api/courses/{course}/students/{student}");
        if self.send(method, &path, json!({})).await.is_none() {
            return;
        }
        *state = Some((course, !leave));
        let result = if leave { json!("withdrawn") } else { Value::Null };
        let expected = [("courses", ""), ("dashboard", "/courses")].map(|(page, list)| {
            let path = format!("/api/students/{student}/{page}");
            row(path, list, ("course_id", course), ("result", result.clone()))
        });
        self.check(&expected).await;
    }

    async fn check(&mut self, expected: &[Expected]) {
        check(&self.shared.servers, self.outcome, self.began, expected).await;
    }

    /// Whether the write was done; that it cannot be done (somebody is in the course already) is no failure.
    async fn send(&mut self, method: Method, path: &str, body: Value) -> Option<()> {
        let target = &self.shared.servers.targets[self.at];
        self.began = self.shared.servers.outage.phase();
        let started = Instant::now();
        match send(target, method, path, &body).await {
            Err(reason) => self.outcome.fail(reason),
            Ok((StatusCode::CONFLICT, _)) => {}
            Ok((status, _)) if !status.is_success() => {
                self.outcome.fail(format!("{path}: {status}"));
            }
            Ok(_) => {
                if self.measured {
                    note(&mut self.outcome.writes, started.elapsed());
                }
                return Some(());
            }
        }
        None
    }
}

fn page(path: String, text: String) -> Expected {
    Expected { path, shows: Shows::Text(text) }
}

fn row(
    path: String,
    list: &'static str,
    id: (&'static str, Uuid),
    value: (&'static str, Value),
) -> Expected {
    Expected { path, shows: Shows::Row { list, id, value } }
}
