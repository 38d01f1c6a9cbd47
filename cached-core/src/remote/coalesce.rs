//! Reads that are asked at one time go together: few round trips, however many callers there are. What is asked
//! together, and what the answers mean, is in `look_up` and with the callers.
//!
//! A read is sent at once while little is in flight; else it waits until as much waits as is in flight, and goes with all that
//! wait by then. So a single caller waits for nobody, and the more callers there are, the more of them share a round trip; but
//! seldom all of them one: the server works on one half while the answers of the other are made use of. The task that sends
//! what waits belongs to none of them: a caller that is cancelled loses nobody else's read. One that is neither cancelled nor
//! polled (its future stands in a stream that nobody asks for more) holds others up no longer than [`Reads::patience`].

mod pipeline;
mod state;
mod width;

use super::look_up::{LookUp, Seen};
use super::taking::Taking;
use super::transport::{Command, Fault, Transport, TransportFuture};
use crate::alarm::{self, Alarm, Within};
use pipeline::{Answer, Pipeline, Waiting};
use state::State;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Which part of the operation timeout a read waits to be sent: then what is in flight is not counted any more.
const PATIENCE: u32 = 4;

/// What a look-up's caller waits for.
pub(super) type Sight = Wait<Seen>;

/// What a caller waits for, and which of all that have waited for their turn it is.
pub(super) struct Wait<T> {
    answer: oneshot::Receiver<Result<T, Fault>>,
    number: u64,
}

pub(super) struct Reads {
    transport: Arc<dyn Transport>,
    taking: Arc<Taking>,
    timeout: Duration,
    state: Mutex<State>,
    /// How often the connection was given up.
    resets: AtomicU64,
}

/// What becomes of a read.
enum Turn<'r> {
    /// It is sent at once; in a place of those in flight, if such are counted.
    Now(Run<'r>, Option<Place>),
    Later(Pin<Box<dyn Future<Output = Answer> + Send + 'r>>),
}

/// A pipeline on its way.
pub(super) struct Run<'r> {
    reads: &'r Reads,
    sent: Within<TransportFuture<'r, Answer>>,
    expected: usize,
    /// How often the connection had been given up when it was sent.
    resets: u64,
}

impl Future for Run<'_> {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let this = self.get_mut();
        Poll::Ready(match ready!(Pin::new(&mut this.sent).poll(cx)) {
            Some(Ok(replies)) if replies.len() == this.expected => Ok(replies),
            Some(Ok(_)) => Err(Fault::Io("answers are missing".into())),
            Some(Err(fault)) => Err(fault),
            None => {
                this.reads.give_up(this.resets);
                Err(Fault::Timeout)
            }
        })
    }
}

impl Reads {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        taking: Arc<Taking>,
        timeout: Duration,
    ) -> Arc<Self> {
        let state = State::new(if transport.in_order() { 1 } else { 2 });
        Arc::new(Self {
            transport,
            taking,
            timeout,
            state: Mutex::new(state),
            resets: AtomicU64::new(0),
        })
    }

    /// Has a look-up wait for its turn with others'. `None` where it would be sent at once, or must not go with others:
    /// it is then asked alone.
    pub(super) fn together(self: &Arc<Self>, look_up: impl FnOnce() -> LookUp) -> Option<Sight> {
        if !self.transport.coalesces() {
            return None;
        }
        let state = self.lock();
        if state.goes_alone() {
            return None;
        }
        let (caller, answer) = oneshot::channel();
        let number = self.wait(state, Waiting::LookUp(look_up(), caller));
        Some(Wait { answer, number })
    }

    /// An answer, in at most the operation timeout. Whoever sends the question sees to the connection if none comes.
    pub(super) fn wait_for<T>(
        self: &Arc<Self>,
        Wait { mut answer, number }: Wait<T>,
    ) -> impl Future<Output = Result<T, Fault>> {
        let mut left = self.timeout - self.patience();
        let mut alarm = Alarm::after(self.patience());
        std::future::poll_fn(move |cx| {
            loop {
                if let Poll::Ready(answer) = Pin::new(&mut answer).poll(cx) {
                    return Poll::Ready(answer.unwrap_or_else(|_| Err(ended())));
                }
                ready!(alarm.poll(cx));
                if left.is_zero() {
                    return Poll::Ready(Err(Fault::Timeout));
                }
                self.send_regardless(number);
                alarm = Alarm::after(std::mem::take(&mut left));
            }
        })
    }

    /// How long a read waits for those in flight, who may have their answers and nobody who polls them.
    fn patience(&self) -> Duration {
        self.timeout / PATIENCE
    }

    /// Sends what has waited for too long, whatever is in flight; unless it was sent, and its answer is late.
    fn send_regardless(self: &Arc<Self>, number: u64) {
        let mut state = self.lock();
        if number < state.first_waiting() {
            return;
        }
        state.forget_in_flight();
        if let Ok(runtime) = Handle::try_current() {
            self.send_due(state, &runtime);
        }
    }

    /// The answers to some commands, in at most the operation timeout, the wait for others included.
    pub(super) fn ask(self: &Arc<Self>, commands: Vec<Command>) -> impl Future<Output = Answer> {
        // Sent before the future is made: of what callers wait for, this is the inmost.
        let mut turn = self.turn(commands);
        async move {
            match &mut turn {
                Turn::Now(running, place) => {
                    let answer = running.await;
                    drop(place.take());
                    answer
                }
                Turn::Later(answer) => answer.await,
            }
        }
    }

    /// Runs one pipeline, no longer than the operation timeout.
    pub(super) fn run(&self, commands: Vec<Command>) -> Run<'_> {
        let (expected, resets) = (commands.len(), self.resets.load(Ordering::SeqCst));
        let sent = alarm::within(self.timeout, self.transport.pipeline(commands));
        Run { reads: self, sent, expected, resets }
    }

    /// Gives the connection up that something was sent over when so many had been given up: answers that come late would be
    /// taken for those of later commands' callers to wait for. Of all that hang in it the first does so, once.
    fn give_up(&self, resets: u64) {
        let first =
            self.resets.compare_exchange(resets, resets + 1, Ordering::SeqCst, Ordering::SeqCst);
        if first.is_ok() {
            self.transport.reset();
        }
    }

    fn turn(self: &Arc<Self>, commands: Vec<Command>) -> Turn<'_> {
        if !self.transport.coalesces() {
            return Turn::Now(self.run(commands), None);
        }
        let mut state = self.lock();
        if state.goes_alone() {
            let names = state.sends(commands.len());
            let place = Place::of(self, &state, names, true);
            drop(state);
            return Turn::Now(self.run(commands), Some(place));
        }
        let (caller, answer) = oneshot::channel();
        let number = self.wait(state, Waiting::Commands(commands, caller));
        Turn::Later(Box::pin(self.wait_for(Wait { answer, number })))
    }

    fn wait(self: &Arc<Self>, mut state: MutexGuard<'_, State>, read: Waiting) -> u64 {
        let number = state.queued;
        state.queued += 1;
        state.wanted += read.names();
        state.waiting.push_back(read);
        if let Ok(runtime) = Handle::try_current() {
            self.send_due(state, &runtime);
        }
        number
    }

    /// Sends what is due of what waits.
    fn send_due(self: &Arc<Self>, mut state: MutexGuard<'_, State>, runtime: &Handle) {
        let mut due = Vec::new();
        while let Some((next, names)) = state.due() {
            let mut place = Place::of(self, &state, names, false);
            place.together = next.len();
            due.push((next, place));
        }
        drop(state);
        for (next, place) in due {
            runtime.spawn(place.send(next));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a pipeline that is in flight.
struct Place {
    reads: Arc<Reads>,
    /// For how many names it asks, for how many reads that go together.
    names: usize,
    together: usize,
    /// How often what is in flight had been forgotten when it was sent.
    forgotten: u64,
    /// Whoever gives it back has those sent who are due then; but not a task that ends with its runtime.
    passes_on: bool,
}

impl Place {
    fn of(reads: &Arc<Reads>, state: &State, names: usize, passes_on: bool) -> Self {
        Self { reads: reads.clone(), names, together: 1, forgotten: state.forgotten, passes_on }
    }

    /// Sends reads, in a task that belongs to none of their callers.
    async fn send(mut self, reads: Vec<Waiting>) {
        let taking = &self.reads.taking;
        let mut pipeline = Some(Pipeline::of(reads, taking));
        while let Some(mut sending) = pipeline {
            let answer = self.reads.run(sending.commands(taking)).await;
            self.reads.lock().learn(self.names, self.together, &answer);
            pipeline = sending.tell(answer, taking);
        }
        self.passes_on = true;
    }
}

/// Also that of a caller that was cancelled.
impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.reads.lock();
        if self.forgotten == state.forgotten {
            state.pipelines -= 1;
            state.in_flight -= self.names;
        }
        if state.waiting.is_empty() {
            return;
        }
        if self.passes_on
            && let Ok(runtime) = Handle::try_current()
        {
            self.reads.send_due(state, &runtime);
            return;
        }
        // With the runtime's end: nobody is left to send what waits.
        let left = if state.pipelines == 0 { state.take_all() } else { VecDeque::new() };
        drop(state);
        drop(left);
    }
}

fn ended() -> Fault {
    Fault::Io("the runtime that asked has ended".into())
}

#[cfg(test)]
mod tests;
