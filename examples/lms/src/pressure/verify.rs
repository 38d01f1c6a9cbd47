//! Every kind of write that the application has, and after each a look at all pages that may show it, in every server. The
//! measured mix stands in `write`; here no time matters.

use std::time::Instant;

use fastrand::Rng;
use reqwest::Client;
use serde_json::Value;

use super::compare::{Subjects, ask, compare};
use super::kinds::{self, Write};
use super::life::{Life, draft};
use super::outage::Phase;
use super::tally::{Outcome, note};
use super::target::{Shared, Target, send};
use crate::client;
use crate::repository::Person;

/// What a client has come to: every other turn is a step in the life of a course, and those between are all other kinds.
#[derive(Debug)]
pub(super) struct Turns {
    next: usize,
    life: Option<Life>,
}

impl Turns {
    /// Of a client; each begins with another kind.
    pub(super) fn of_client(number: usize) -> Self {
        Self { next: 2 * number, life: None }
    }
}

/// Writes something, and compares what it concerns with the truth.
pub(super) async fn write(
    shared: &Shared,
    truth: &Target,
    turns: &mut Turns,
    rng: &mut Rng,
    outcome: &mut Outcome,
) {
    let (turn, world) = (turns.next, &shared.world);
    turns.next += 1;
    if turn.is_multiple_of(2) {
        return live(shared, truth, &mut turns.life, rng, outcome).await;
    }
    let write = match turn / 2 % 6 {
        0 => kinds::grade(world, rng),
        1 => Some(kinds::student(world, rng)),
        2 => kinds::teacher(world, truth, rng, outcome).await,
        3 => Some(kinds::rename(world, rng)),
        4 => Some(kinds::administrator(rng)),
        _ => return come_and_go(shared, rng, outcome).await,
    };
    if let Some(write) = write {
        put(shared, truth, rng, outcome, &write, |_| write.subjects.clone()).await;
    }
}

/// The next step in the life of a course.
async fn live(
    shared: &Shared,
    truth: &Target,
    life: &mut Option<Life>,
    rng: &mut Rng,
    outcome: &mut Outcome,
) {
    // Taken out: what fails is not gone on with.
    let Some(living) = life.take() else {
        let mut chance = rng.fork();
        let created = draft(&shared.world, rng);
        put(shared, truth, rng, outcome, &created, |answer| {
            *life = Life::new(answer, &shared.world, &mut chance);
            life.as_ref().map_or_else(Subjects::default, Life::subjects)
        })
        .await;
        return;
    };
    match living.write(truth).await {
        Err(reason) => outcome.fail(reason),
        Ok(write) => {
            let done = put(shared, truth, rng, outcome, &write, |_| living.subjects()).await;
            *life = done.and_then(|()| living.go_on());
        }
    }
}

/// Makes a write when everything that it concerns is cached, and compares once it has answered: half of them while nobody else
/// writes, and half together with others, as soon as theirs have answered too. `subjects` tells from the answer whom it concerns.
async fn put(
    shared: &Shared,
    truth: &Target,
    rng: &mut Rng,
    outcome: &mut Outcome,
    write: &Write,
    subjects: impl FnOnce(&Value) -> Subjects,
) -> Option<()> {
    let servers = &shared.servers;
    let target = &servers.targets[rng.usize(..servers.targets.len())];
    ask(servers, outcome, &write.subjects.pages()).await;
    let alone = if rng.bool() { Some(shared.still.write().await) } else { None };
    let with_others = if alone.is_none() { Some(shared.still.read().await) } else { None };
    let (began, started) = (servers.outage.phase(), Instant::now());
    let answer = match done(target, write).await {
        Ok(answer) => answer,
        Err(reason) => {
            outcome.fail(reason);
            return None;
        }
    };
    note(&mut outcome.writes, started.elapsed());
    *outcome.kinds.entry(write.kind).or_default() += 1;
    drop(with_others);
    let _still = match alone {
        Some(still) => still,
        None => shared.still.write().await,
    };
    compare(servers, truth, outcome, began, &subjects(&answer).pages()).await;
    Some(())
}

/// The answer to a write that must be done.
async fn done(target: &Target, write: &Write) -> Result<Value, String> {
    let Write { method, path, body, .. } = write;
    let (status, text) = send(target, method.clone(), path, body).await?;
    if !status.is_success() {
        return Err(format!("{method} {path}: {status}: {text}"));
    }
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// A student logs in at one server and out again: every server knows the login, and then knows it no more.
async fn come_and_go(shared: &Shared, rng: &mut Rng, outcome: &mut Outcome) {
    let servers = &shared.servers;
    let Person { id, email, .. } = &shared.world.people[shared.world.person(rng)];
    let Target { base, .. } = &servers.targets[rng.usize(..servers.targets.len())];
    let began = servers.outage.phase();
    let page = format!("/api/students/{id}");
    let visitor = match client::logged_in(base, email).await {
        Ok(visitor) => visitor,
        Err(error) => return outcome.fail(error.to_string()),
    };
    knows(shared, outcome, began, &visitor, &page, true).await;
    if let Err(error) = visitor.post(format!("{base}/api/logout")).send().await {
        return outcome.fail(format!("/api/logout: {error:?}"));
    }
    *outcome.kinds.entry("log in and out").or_default() += 1;
    knows(shared, outcome, began, &visitor, &page, false).await;
}

async fn knows(
    shared: &Shared,
    outcome: &mut Outcome,
    written: Phase,
    visitor: &Client,
    page: &str,
    known: bool,
) {
    for Target { base, .. } in &shared.servers.targets {
        match visitor.get(format!("{base}{page}")).send().await {
            Err(error) => outcome.fail(format!("{page}: {error:?}")),
            Ok(answer) => {
                let older = answer.status().is_success() != known;
                let text = || format!("{base}{page} answers {} to a login", answer.status());
                outcome.looked(written, shared.servers.outage.phase(), older.then(text));
            }
        }
    }
}
