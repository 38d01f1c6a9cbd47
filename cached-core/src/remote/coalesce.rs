//! Reads that are asked at one time go together: few round trips, however many callers there are. What is asked
//! together, and what the answers mean, is in `look_up` and with the callers.
//!
//! A read is sent at once while few pipelines are in flight; else it waits until one of these has come back, and goes with
//! all that wait by then. So a single caller waits for nobody, and the more callers there are, the more of them share a
//! round trip. The task that sends what waits belongs to none of them: a caller that is cancelled loses nobody else's read.

use super::look_up::{LookUp, Round, Seen};
use super::taking::Taking;
use super::transport::{Command, Fault, Reply, Transport};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Two, so that the server works on one while the answers of the other are on their way.
const PIPELINES: usize = 2;
/// The most reads that go together: what is behind them in the connection waits for all of them.
const TOGETHER: usize = 128;
/// No more are added to reads that ask for so many names: where each is a command, a request may not be longer than servers take.
const NAMES: usize = 500;

type Answer = Result<Vec<Reply>, Fault>;
/// What a look-up's caller waits for.
pub(super) type Sight = oneshot::Receiver<Result<Seen, Fault>>;

pub(super) struct Reads {
    transport: Arc<dyn Transport>,
    taking: Arc<Taking>,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Pipelines that were sent and are not answered. Nobody waits while there are fewer than `PIPELINES`.
    in_flight: usize,
    waiting: VecDeque<Waiting>,
}

enum Waiting {
    Commands(Vec<Command>, oneshot::Sender<Answer>),
    LookUp(LookUp, oneshot::Sender<Result<Seen, Fault>>),
}

impl Waiting {
    /// How many names it asks for.
    fn names(&self) -> usize {
        match self {
            Self::Commands(commands, _) => commands.len(),
            Self::LookUp(look_up, _) => 1 + look_up.generations.len(),
        }
    }

    fn is_cancelled(&self) -> bool {
        match self {
            Self::Commands(_, caller) => caller.is_closed(),
            Self::LookUp(_, caller) => caller.is_closed(),
        }
    }
}

/// What becomes of a read.
enum Turn {
    /// It is sent at once; in a place of those in flight, if such are counted.
    Now(Vec<Command>, Option<Place>),
    Later(oneshot::Receiver<Answer>),
}

impl Reads {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        taking: Arc<Taking>,
        timeout: Duration,
    ) -> Arc<Self> {
        Arc::new(Self { transport, taking, timeout, state: Mutex::default() })
    }

    /// Has a look-up wait for its turn with others'. `None` where it would be sent at once, or must not go with others:
    /// it is then asked alone.
    pub(super) fn together(&self, look_up: impl FnOnce() -> LookUp) -> Option<Sight> {
        if !self.transport.coalesces() {
            return None;
        }
        let mut state = self.lock();
        if state.in_flight < PIPELINES {
            return None;
        }
        let (caller, sight) = oneshot::channel();
        state.waiting.push_back(Waiting::LookUp(look_up(), caller));
        Some(sight)
    }

    /// An answer, in at most the operation timeout. Whoever sends the question sees to the connection if none comes.
    pub(super) async fn wait_for<T>(
        &self,
        answer: oneshot::Receiver<Result<T, Fault>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(ended())),
            Err(_) => Err(Fault::Timeout),
        }
    }

    /// The answers to some commands, in at most the operation timeout, the wait for others included.
    pub(super) fn ask(self: &Arc<Self>, commands: Vec<Command>) -> impl Future<Output = Answer> {
        // Taken before the future is made, which carries the commands once then.
        let turn = self.turn(commands);
        async move {
            match turn {
                Turn::Now(commands, place) => {
                    let answer = run(&*self.transport, self.timeout, commands).await;
                    drop(place);
                    answer
                }
                Turn::Later(answer) => self.wait_for(answer).await,
            }
        }
    }

    fn turn(self: &Arc<Self>, commands: Vec<Command>) -> Turn {
        if !self.transport.coalesces() {
            return Turn::Now(commands, None);
        }
        let mut state = self.lock();
        if state.in_flight < PIPELINES {
            state.in_flight += 1;
            return Turn::Now(commands, Some(Place { reads: self.clone(), is_sender: false }));
        }
        let (caller, answer) = oneshot::channel();
        state.waiting.push_back(Waiting::Commands(commands, caller));
        Turn::Later(answer)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Those who go next; who was cancelled meanwhile is passed over.
    fn next(&mut self) -> Vec<Waiting> {
        let (mut next, mut names) = (Vec::new(), 0);
        while next.len() < TOGETHER
            && names < NAMES
            && let Some(waiting) = self.waiting.pop_front()
        {
            if !waiting.is_cancelled() {
                names += waiting.names();
                next.push(waiting);
            }
        }
        next
    }
}

/// A place among the pipelines in flight.
struct Place {
    reads: Arc<Reads>,
    /// Held by the task that sends what waits.
    is_sender: bool,
}

impl Place {
    /// Sends what waits until nothing does.
    async fn send(mut self, mut next: Vec<Waiting>) {
        while !next.is_empty() {
            let mut pipeline = Some(Pipeline::of(next, &self.reads.taking));
            while let Some(sending) = pipeline {
                pipeline = sending.run(&self.reads).await;
            }
            next = self.reads.lock().next();
        }
        // Who came since is sent like those who wait for a caller's place.
        self.is_sender = false;
    }
}

/// Reads that go together.
struct Pipeline {
    round: Option<Round<oneshot::Sender<Result<Seen, Fault>>>>,
    commands: Vec<Command>,
    /// Who waits for the answers to how many of the commands.
    callers: Vec<(usize, oneshot::Sender<Answer>)>,
}

impl Pipeline {
    fn of(waiting: Vec<Waiting>, taking: &Taking) -> Self {
        let mut look_ups = Vec::with_capacity(waiting.len());
        let (mut commands, mut callers) = (Vec::new(), Vec::new());
        for waiting in waiting {
            match waiting {
                Waiting::LookUp(look_up, caller) => look_ups.push((look_up, caller)),
                Waiting::Commands(asked, caller) => {
                    callers.push((asked.len(), caller));
                    commands.extend(asked);
                }
            }
        }
        let round = (!look_ups.is_empty()).then(|| Round::new(look_ups, taking));
        Self { round, commands, callers }
    }

    /// Gives every caller its answer; a pipeline of those who are to be asked for once more.
    async fn run(self, reads: &Reads) -> Option<Self> {
        let Self { round, commands, callers } = self;
        let mut all = round.as_ref().map_or_else(Vec::new, |round| round.commands(&reads.taking));
        let of_round = all.len();
        all.extend(commands);
        // Who does not wait any more has lost nothing.
        match run(&*reads.transport, reads.timeout, all).await {
            Ok(replies) => {
                let mut replies = replies.into_iter();
                let left = round.and_then(|round| {
                    let tell = |caller: oneshot::Sender<_>, seen| drop(caller.send(Ok(seen)));
                    round.tell(replies.by_ref().take(of_round), &reads.taking, tell)
                });
                for (count, caller) in callers {
                    let _ = caller.send(Ok(replies.by_ref().take(count).collect()));
                }
                left.map(|round| Self { round: Some(round), commands: vec![], callers: vec![] })
            }
            Err(fault) => {
                for (_, caller) in callers {
                    let _ = caller.send(Err(fault.clone()));
                }
                for caller in round.into_iter().flat_map(Round::into_callers) {
                    let _ = caller.send(Err(fault.clone()));
                }
                None
            }
        }
    }
}

/// Whoever gives a place back has those who wait sent: also a caller that was cancelled.
impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.reads.lock();
        let next = if self.is_sender { Vec::new() } else { state.next() };
        if !next.is_empty()
            && let Ok(runtime) = Handle::try_current()
        {
            // The place goes to the task, and no further if the runtime has ended.
            let place = Self { reads: self.reads.clone(), is_sender: true };
            drop(state);
            runtime.spawn(place.send(next));
            return;
        }
        state.in_flight -= 1;
        // With the runtime's end: nobody is left to send what waits.
        let left =
            if state.in_flight == 0 { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
        drop(state);
        drop(left);
    }
}

/// Runs one pipeline, no longer than a timeout.
pub(super) fn run(
    transport: &dyn Transport,
    timeout: Duration,
    commands: Vec<Command>,
) -> impl Future<Output = Answer> {
    let expected = commands.len();
    // Given away before the future is made: of what callers wait for, this is the inmost.
    let sent = transport.pipeline(commands);
    async move {
        match tokio::time::timeout(timeout, sent).await {
            Ok(Ok(replies)) if replies.len() == expected => Ok(replies),
            Ok(Ok(_)) => Err(Fault::Io("answers are missing".into())),
            Ok(Err(fault)) => Err(fault),
            Err(_) => {
                // Answers that come late would be taken for those of later commands' callers to wait for.
                transport.reset();
                Err(Fault::Timeout)
            }
        }
    }
}

fn ended() -> Fault {
    Fault::Io("the runtime that asked has ended".into())
}

#[cfg(test)]
mod tests;
