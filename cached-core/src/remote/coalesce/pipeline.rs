//! Reads that go together, as one request, and what each of their callers is told. When and how they are sent is told in
//! `coalesce`.

use crate::remote::look_up::{LookUp, Round, Seen};
use crate::remote::taking::Taking;
use crate::remote::transport::{Command, Fault, Reply};
use tokio::sync::oneshot;

pub(super) type Answer = Result<Vec<Reply>, Fault>;

/// A read that waits for its turn, and its caller.
pub(super) enum Waiting {
    Commands(Vec<Command>, oneshot::Sender<Answer>),
    LookUp(LookUp, oneshot::Sender<Result<Seen, Fault>>),
}

impl Waiting {
    /// How many names it asks for.
    pub(super) fn names(&self) -> usize {
        match self {
            Self::Commands(commands, _) => commands.len(),
            Self::LookUp(look_up, _) => 1 + look_up.generations.len(),
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        match self {
            Self::Commands(_, caller) => caller.is_closed(),
            Self::LookUp(_, caller) => caller.is_closed(),
        }
    }
}

/// Reads that go together.
#[derive(Default)]
pub(super) struct Pipeline {
    round: Option<Round<oneshot::Sender<Result<Seen, Fault>>>>,
    /// How many commands the round has; those of the callers follow it.
    of_round: usize,
    commands: Vec<Command>,
    /// Who waits for the answers to how many of the commands.
    callers: Vec<(usize, oneshot::Sender<Answer>)>,
}

impl Pipeline {
    pub(super) fn of(waiting: Vec<Waiting>, taking: &Taking) -> Self {
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
        Self { round, of_round: 0, commands, callers }
    }

    /// What is to be sent.
    pub(super) fn commands(&mut self, taking: &Taking) -> Vec<Command> {
        let round = self.round.as_ref();
        let mut all = round.map_or_else(Vec::new, |round| round.commands(taking));
        self.of_round = all.len();
        all.append(&mut self.commands);
        all
    }

    /// Gives every caller its answer; a pipeline of those who are to be asked for once more.
    pub(super) fn tell(self, answer: Answer, taking: &Taking) -> Option<Self> {
        let Self { round, of_round, callers, .. } = self;
        // Who does not wait any more has lost nothing.
        match answer {
            Ok(replies) => {
                let mut replies = replies.into_iter();
                let left = round.and_then(|round| {
                    let tell = |caller: oneshot::Sender<_>, seen| drop(caller.send(Ok(seen)));
                    round.tell(replies.by_ref().take(of_round), taking, tell)
                });
                for (count, caller) in callers {
                    let _ = caller.send(Ok(replies.by_ref().take(count).collect()));
                }
                left.map(|round| Self { round: Some(round), ..Self::default() })
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
