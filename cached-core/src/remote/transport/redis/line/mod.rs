//! A connection to one server over a plain socket, of our own since look-ups are to take what the bare client takes: commands
//! are written by whoever asks, answers are read by one task, and neither is put into another form on its way.
//!
//! redis-rs greets the server (`lent`), and is the connection itself where there is more to it than a socket and RESP2.

mod lent;
mod resp;
mod socket;

use crate::remote::transport::{Command, Fault, Reply};
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, RedisResult};
use resp::Incoming;
use socket::{Reads, Socket, Writes};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::sync::oneshot;

/// So much room for what is to be written is kept.
const KEPT: usize = 256 << 10;

/// Clones are the same connection, which ends with the last of them.
#[derive(Clone)]
pub(super) struct Line(Arc<Held>);

/// What the clones hold, and the task that reads does not.
struct Held(Arc<Shared>);

struct Shared(Mutex<State>);

struct State {
    /// Until the connection has ended; or why it has.
    writes: Result<Writes, Fault>,
    /// What is not written yet begins at `written`.
    out: Vec<u8>,
    written: usize,
    /// Who waits, in the order of what was written.
    waiting: VecDeque<Asked>,
    /// The task that reads, and writes on where the socket was full.
    driver: Option<Waker>,
}

/// Who waits for answers to so many commands.
struct Asked {
    commands: usize,
    answers: Vec<Reply>,
    caller: oneshot::Sender<Vec<Reply>>,
}

impl Line {
    /// Connects, where a socket and RESP2 are all that it takes.
    pub(super) async fn connect(
        client: &Client,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<Option<Self>> {
        let info = client.get_connection_info();
        if info.redis_settings().protocol() != ProtocolVersion::RESP2 {
            return Ok(None);
        }
        let Some(socket) = Socket::connect(info.addr()).await? else { return Ok(None) };
        let socket = lent::greeted(socket, info.redis_settings(), config).await?;
        Ok(Some(Self::over(socket)))
    }

    fn over(socket: Socket) -> Self {
        let (reads, writes) = socket.into_split();
        let shared = Arc::new(Shared(Mutex::new(State::new(writes))));
        let driver =
            Driver { shared: shared.clone(), reads, incoming: Incoming::new(), asked: None };
        tokio::spawn(driver);
        Self(Arc::new(Held(shared)))
    }

    /// Whether nothing can be asked any more.
    pub(super) fn has_ended(&self) -> bool {
        self.0.0.lock().writes.is_err()
    }

    /// Asks, at once. What comes of it are all answers.
    ///
    /// # Cancel safety
    /// What was asked is answered to nobody.
    pub(super) fn ask(
        self,
        commands: &[Command],
    ) -> impl Future<Output = Result<Vec<Reply>, Fault>> + use<> {
        let sent = self.0.0.send(commands);
        async move { self.answer(sent?).await }
    }

    /// Waits for what was asked.
    async fn answer(&self, answer: oneshot::Receiver<Vec<Reply>>) -> Result<Vec<Reply>, Fault> {
        let shared = &self.0.0;
        answer
            .await
            .map_err(|_| shared.lock().writes.as_ref().err().cloned().unwrap_or_else(closed))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.end(closed());
    }
}

impl Shared {
    fn send(&self, commands: &[Command]) -> Result<oneshot::Receiver<Vec<Reply>>, Fault> {
        let mut state = self.lock();
        if let Err(fault) = &state.writes {
            return Err(fault.clone());
        }
        for command in commands {
            command.write_to(&mut state.out);
        }
        let (caller, answer) = oneshot::channel();
        if commands.is_empty() {
            let _ = caller.send(Vec::new());
            return Ok(answer);
        }
        let answers = Vec::with_capacity(commands.len());
        state.waiting.push_back(Asked { commands: commands.len(), answers, caller });
        let driver = match state.write() {
            Ok(true) => None,
            // It writes on.
            Ok(false) => state.driver.clone(),
            Err(fault) => {
                drop(state);
                self.end(fault.clone());
                return Err(fault);
            }
        };
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        Ok(answer)
    }

    /// Whoever waits has no answer any more, and nobody can ask.
    fn end(&self, why: Fault) {
        let mut state = self.lock();
        if state.writes.is_err() {
            return;
        }
        let writes = std::mem::replace(&mut state.writes, Err(why));
        let (waiting, driver) = (std::mem::take(&mut state.waiting), state.driver.take());
        state.out = Vec::new();
        drop(state);
        drop((writes, waiting));
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(writes: Writes) -> Self {
        let (out, waiting) = (Vec::new(), VecDeque::new());
        Self { writes: Ok(writes), out, written: 0, waiting, driver: None }
    }

    /// Writes what the socket takes at once. Whether that was all.
    fn write(&mut self) -> Result<bool, Fault> {
        let writes = self.writes.as_ref().map_err(Clone::clone)?;
        while self.written < self.out.len() {
            match writes.at_once(&self.out[self.written..]).map_err(broken)? {
                0 => {
                    // The socket may always be full, and never all of it be written.
                    if self.written > KEPT.max(self.out.len() / 2) {
                        self.out.drain(..self.written);
                        self.written = 0;
                    }
                    return Ok(false);
                }
                bytes => self.written += bytes,
            }
        }
        self.written = 0;
        self.out.clear();
        self.out.shrink_to(KEPT);
        Ok(true)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        while !self.write()? {
            let writes = self.writes.as_ref().map_err(Clone::clone)?;
            match writes.poll_ready(cx) {
                Poll::Ready(ready) => ready.map_err(broken)?,
                Poll::Pending => break,
            }
        }
        Ok(())
    }
}

/// Reads answers until the connection ends.
struct Driver {
    shared: Arc<Shared>,
    reads: Reads,
    incoming: Incoming,
    /// Whose answers come now.
    asked: Option<Asked>,
}

impl Driver {
    fn poll_drive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Infallible, Fault>> {
        self.poll_write(cx)?;
        loop {
            let room = self.incoming.room();
            match ready!(self.reads.poll(cx, room)) {
                Ok(0) => {
                    return Poll::Ready(Err(Fault::Io(
                        "the server has closed the connection".into(),
                    )));
                }
                Ok(_) => {}
                Err(error) => return Poll::Ready(Err(broken(error))),
            }
            self.tell()?;
        }
    }

    /// Writes what others could not.
    fn poll_write(&self, cx: &mut Context<'_>) -> Result<(), Fault> {
        let mut state = self.shared.lock();
        if !state.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
            state.driver = Some(cx.waker().clone());
        }
        state.poll_write(cx)
    }

    /// Gives the answers that have come to those who wait for them.
    fn tell(&mut self) -> Result<(), Fault> {
        let not_understood = |_| ended("the server's answer is not RESP2");
        while let Some(reply) = self.incoming.next().map_err(not_understood)? {
            let mut asked =
                match self.asked.take() {
                    Some(asked) => asked,
                    None => self.shared.lock().waiting.pop_front().ok_or_else(|| {
                        Fault::Io("the server has answered what nobody asked".into())
                    })?,
                };
            asked.answers.push(reply);
            match asked.answers.len() == asked.commands {
                // Who does not wait any more has lost nothing.
                true => drop(asked.caller.send(asked.answers)),
                false => self.asked = Some(asked),
            }
        }
        Ok(())
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Err(why) = ready!(this.poll_drive(cx));
        this.shared.end(why);
        Poll::Ready(())
    }
}

/// Also with its runtime.
impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.end(ended("the runtime that reads from the server has ended"));
    }
}

fn broken(error: io::Error) -> Fault {
    Fault::Io(error.to_string())
}

fn closed() -> Fault {
    ended("the connection was given up")
}

fn ended(why: &str) -> Fault {
    Fault::Io(why.into())
}

#[cfg(test)]
mod tests;
