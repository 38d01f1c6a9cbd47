//! The reader of the stream on answers that a test writes: from when on it may be trusted, and what it takes for a loss. How
//! messages get there is not tested here.

use super::*;
use crate::clock::{Clock, ClockHand};
use crate::codec::Coding;
use crate::remote::layout::Layout;
use crate::remote::transport::{Transport, TransportFuture};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Gives one answer after the other, each after some time has passed.
struct Scripted {
    answers: Mutex<VecDeque<(u64, Vec<Reply>)>>,
    asked: Mutex<Vec<Vec<String>>>,
    hand: ClockHand,
}

impl Transport for Scripted {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let name = |command: &Command| String::from_utf8_lossy(command.name()).into_owned();
        self.asked.lock().unwrap().push(commands.iter().map(name).collect());
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            let (millis, replies) = answer.expect("nobody asks for more");
            self.hand.advance(Duration::from_millis(millis));
            Ok(replies)
        })
    }

    fn reset(&self) {}

    fn block(&self, _: Command, _: Duration) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        None
    }
}

/// What the reader has told, in words.
struct Ears {
    clock: Clock,
    told: Mutex<Vec<String>>,
}

impl Ears {
    fn hear(&self, what: String) {
        self.told.lock().unwrap().push(what);
    }
}

impl Listen for Ears {
    fn now(&self) -> u64 {
        self.clock.now()
    }

    fn invalidated(&self, message: &Message) {
        self.hear(format!("invalidated {}", message.keys.join(" ")));
    }

    fn complete_at(&self, millis: u64) {
        self.hear(format!("complete at {millis}"));
    }

    fn missed(&self, why: &str) {
        self.hear(format!("missed: {why}"));
    }

    fn rolled_back(&self, why: &str) {
        self.hear(format!("rolled back: {why}"));
    }

    fn fault(&self, _: &Fault) {}
}

/// A reader and its server.
struct World {
    transport: Arc<Scripted>,
    remote: Remote,
    ears: Ears,
    reader: Reader,
}

impl World {
    fn new(reader: Reader) -> Self {
        let (clock, hand) = Clock::manual();
        let transport =
            Arc::new(Scripted { answers: Mutex::default(), asked: Mutex::default(), hand });
        let remote = Remote::new(
            transport.clone(),
            Layout::new("t").unwrap(),
            Coding::default(),
            Duration::from_secs(60),
            Duration::ZERO,
            2_000,
        );
        let ears = Ears { clock, told: Mutex::default() };
        Self { transport, remote, ears, reader }
    }

    /// One step on these answers; what was told.
    async fn step(
        &mut self,
        answers: impl IntoIterator<Item = (u64, Vec<Reply>)>,
    ) -> Result<Vec<String>, Fault> {
        self.transport.answers.lock().unwrap().extend(answers);
        self.transport.asked.lock().unwrap().clear();
        let stepped = self.reader.step(&self.remote, &self.ears).await;
        assert!(self.transport.answers.lock().unwrap().is_empty(), "it has asked for less");
        let told = std::mem::take(&mut *self.ears.told.lock().unwrap());
        stepped.map(|()| told)
    }

    fn asked(&self) -> Vec<Vec<String>> {
        self.transport.asked.lock().unwrap().clone()
    }
}

/// One that has read up to a message, after so many.
fn reader_at(position: u64, passed: u64) -> Reader {
    let position = Some(Position(position, 0));
    Reader { origin: "here".into(), record_ms: None, position, passed, count: BATCH }
}

/// The answer to `XINFO`: the first and the last message, how many there are, and how many there ever were.
fn info(first: u64, last: u64, length: i64, added: i64) -> Reply {
    let text = |text: &'static str| Reply::bytes(text);
    Reply::Array(vec![
        text("length"),
        Reply::Int(length),
        text("last-generated-id"),
        id(last),
        text("entries-added"),
        Reply::Int(added),
        text("first-entry"),
        Reply::Array(vec![id(first), Reply::Array(vec![])]),
    ])
}

fn id(position: u64) -> Reply {
    Reply::bytes(Position(position, 0).to_string())
}

/// The answer to `XREAD`: messages of another process.
fn news(positions: impl Iterator<Item = u64>) -> Reply {
    let message = |at: u64| {
        let body = Message::new("there", &Invalidation::new().key(format!("k{at}"))).encode();
        let fields = vec![Reply::bytes("m"), Reply::bytes(body)];
        Reply::Array(vec![id(at), Reply::Array(fields)])
    };
    let stream = vec![Reply::bytes("t:bus"), Reply::Array(positions.map(message).collect())];
    Reply::Array(vec![Reply::Array(stream)])
}

/// An answer says what was so at some time after the question.
#[tokio::test]
async fn trust_is_counted_from_the_question() {
    let mut world = World::new(reader_at(1, 1));
    world.transport.hand.advance(Duration::from_millis(100));
    let quiet = [(50, vec![info(1, 1, 1, 1)]), (500, vec![Reply::Nil])];
    assert_eq!(world.step(quiet).await.unwrap(), ["complete at 100"]);
    let one = [(50, vec![info(1, 2, 2, 2)]), (500, vec![news(2..3)])];
    assert_eq!(world.step(one).await.unwrap(), ["invalidated k2", "complete at 650"]);
}

#[tokio::test]
async fn it_is_not_trusted_where_more_may_wait() {
    // Something is there that the next answer has not brought.
    let mut world = World::new(reader_at(1, 1));
    let lost = [(0, vec![info(1, 2, 2, 2)]), (0, vec![Reply::Nil])];
    assert_eq!(world.step(lost).await.unwrap(), [""; 0]);
    // A batch that is full, and one that is not.
    for (brought, last, is_complete) in [(BATCH, BATCH + 2, false), (BATCH - 1, BATCH, true)] {
        let mut world = World::new(reader_at(1, 1));
        let count = i64::try_from(last).unwrap();
        let answers = [(0, vec![info(1, last, count, count)]), (0, vec![news(2..2 + brought)])];
        let told = world.step(answers).await.unwrap();
        assert_eq!(told.len() as u64, brought + u64::from(is_complete));
        assert_eq!(told.iter().any(|it| it == "complete at 0"), is_complete);
    }
}

/// A writer does not wait for who is on no record.
#[tokio::test]
async fn it_is_not_trusted_before_it_is_on_record() {
    let mut world = World::new(Reader::new("here".into(), Some(900)));
    let begins = "missed: this process begins to listen";
    let told = world.step([(5, vec![info(1, 5, 5, 5)])]).await;
    assert_eq!(told.unwrap(), [begins]);
    assert_eq!(world.asked(), [["XINFO"]]);
    let recorded = [(5, vec![info(1, 5, 5, 5), Reply::Int(1)]), (5, vec![Reply::Nil])];
    assert_eq!(world.step(recorded).await.unwrap(), ["complete at 5"]);
    assert_eq!(world.asked(), [vec!["XINFO", "EVAL"], vec!["XREAD"]]);
    let refused = vec![info(1, 5, 5, 5), Reply::Error("OOM".into())];
    assert_eq!(world.step([(0, refused)]).await, Err(Fault::Refused("OOM".into())));
    assert_eq!(*world.ears.told.lock().unwrap(), [""; 0]);
    // Where no writer waits there is no record.
    let mut world = World::new(Reader::new("here".into(), None));
    let told = world.step([(5, vec![info(1, 5, 5, 5)]), (5, vec![Reply::Nil])]).await;
    assert_eq!(told.unwrap(), [begins, "complete at 0"]);
}

/// Ids tell what counting does not, and the other way round.
#[tokio::test]
async fn what_a_stream_has_lost_is_seen_by_its_ids_or_by_its_count() {
    let rolled_back = "rolled back: the end of the stream of invalidations was lost";
    let trimmed = "missed: the stream of invalidations was trimmed past this process";
    for (told_ours, (first, last, length, added), expected) in [
        (0, (1, 5, 5, 5), None),
        // Trimmed, and not past the position.
        (0, (4, 9, 6, 9), None),
        (0, (1, 4, 4, 9), Some(rolled_back)),
        (0, (1, 6, 4, 4), Some(rolled_back)),
        // Nobody has read what this process was answered for.
        (9, (1, 6, 6, 6), Some(rolled_back)),
        (0, (7, 8, 2, 2), Some("missed: the stream of invalidations was lost")),
        (0, (16, 20, 5, 20), Some(trimmed)),
        // It has counted anew since it was lost.
        (0, (7, 9, 3, 6), Some(trimmed)),
    ] {
        let mut world = World::new(reader_at(5, 5));
        world.remote.told.advance(Position(told_ours, 0));
        let case = format!("{told_ours}: {:?}", (first, last, length, added));
        let answers = [(0, vec![info(first, last, length, added)]), (0, vec![Reply::Nil])];
        let mut told = world.step(answers).await.unwrap();
        told.retain(|it| !it.starts_with("complete"));
        assert_eq!(told.first().map(String::as_str), expected, "{case}");
        if expected.is_some() {
            assert_eq!(world.reader.position, Some(Position(last, 0)), "{case}");
            assert_eq!(world.reader.passed, u64::try_from(added).unwrap(), "{case}");
        }
    }
}
