//! What a front's requests and its test have in common: faults to come, and what was asked.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use super::exchange::Exchange;

/// What requests and the test have in common.
#[derive(Debug)]
pub(super) struct State {
    pub(super) redis_port: u16,
    pub(super) token: String,
    /// How often anything was asked: what a sync token says.
    pub(super) asked: AtomicU64,
    fault: Mutex<Option<Planned>>,
    exchanges: Mutex<Vec<Exchange>>,
}

/// What happens to requests that are to fail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// This status, and nothing runs.
    Status(u16),
    /// All of it runs, and the connection breaks before the answer is whole.
    Lost,
}

/// A fault of requests to come.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) fault: Fault,
    pub(super) left: u32,
    /// Only of requests that hold this command, or a script that calls it.
    pub(super) command: Option<String>,
}

impl State {
    pub(super) fn new(redis_port: u16, token: String) -> Self {
        Self {
            redis_port,
            token,
            asked: AtomicU64::new(0),
            fault: Mutex::new(None),
            exchanges: Mutex::new(Vec::new()),
        }
    }

    /// Puts a fault in place of what was planned before.
    pub(super) fn plan(&self, planned: Planned) {
        let planned = (planned.left > 0).then_some(planned);
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes one of the faults that are left, if it is one of such a request.
    pub(super) fn fault(&self, commands: &[Vec<String>]) -> Option<Fault> {
        let mut slot = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = slot.as_mut()?;
        let names = |command: &Vec<String>, name: &String| match &command[..] {
            [eval, script, ..] if eval == "EVAL" => {
                eval == name || script.contains(&format!("'{name}'"))
            }
            [first, ..] => first == name,
            [] => false,
        };
        let holds = |name: &String| commands.iter().any(|command| names(command, name));
        if !planned.command.as_ref().is_none_or(holds) {
            return None;
        }
        let fault = planned.fault;
        planned.left -= 1;
        if planned.left == 0 {
            *slot = None;
        }
        Some(fault)
    }

    pub(super) fn record(&self, exchange: Exchange) {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }
}
