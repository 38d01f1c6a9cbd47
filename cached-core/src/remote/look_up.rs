//! Look-ups of many callers as two commands, and what the answers say of each: a script puts leases and generations where
//! nothing is, which it finds out for all of them at once, and `MGET` reads what is there. Who goes together is told in
//! `coalesce`, what is made of an answer in `acquire`.

use super::script;
use super::transport::{Command, Reply};
use crate::codec::Form;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long a tag's generation is kept, in milliseconds. One that expires makes its entries misses.
pub(super) const GENERATION_MS: u64 = 8 * 86_400_000;
/// So few are asked for each on its own: that takes the server less.
const FEW: usize = 4;
/// The most generations of a look-up that goes together with others: a script's list of names is bounded (Lua's `unpack`).
pub(super) const MOST_GENERATIONS: usize = 31;

/// How names are set where nothing is: as the server takes it.
pub(super) struct Taking {
    pub(super) form: Form,
    /// How long a lease lives, in milliseconds.
    pub(super) lease_ms: u64,
    /// The server refuses `SET .. NX GET` (before 7.0): a script does the same.
    scripted: AtomicBool,
    /// It refuses the script for many.
    apart: AtomicBool,
}

impl Taking {
    pub(super) fn new(form: Form, lease_ms: u64) -> Self {
        Self { form, lease_ms, scripted: AtomicBool::new(false), apart: AtomicBool::new(false) }
    }

    /// From now on a script does what the server's `SET` does not.
    pub(super) fn by_script(&self) {
        self.scripted.store(true, Ordering::Relaxed);
    }

    /// The bytes of a new lease.
    pub(super) fn lease(&self) -> Vec<u8> {
        self.form.lease(fastrand::u128(..))
    }

    pub(super) fn set_if_absent(&self, name: &str, value: &[u8], millis: u64) -> Command {
        if self.scripted.load(Ordering::Relaxed) {
            script::call(script::SET_IF_ABSENT, name).arg(value).num(millis)
        } else {
            Command::new("SET").arg(name).arg(value).arg("NX").arg("GET").arg("PX").num(millis)
        }
    }
}

/// The names that a look-up asks for.
pub(super) struct LookUp {
    pub(super) entry: String,
    pub(super) generations: Vec<String>,
}

/// What stands at them.
pub(super) struct Seen {
    pub(super) entry: Standing,
    pub(super) generations: Vec<Reply>,
}

/// What stands at an entry's name.
pub(super) enum Standing {
    /// Our lease: nothing was there.
    Lease(Vec<u8>),
    Other(Option<Reply>),
}

impl Standing {
    /// What the answer to a `SET NX GET` with this lease says.
    pub(super) fn after_set(reply: Option<Reply>, lease: &[u8]) -> Self {
        match reply {
            Some(Reply::Nil) => Self::Lease(lease.to_vec()),
            // A transport asked twice because the first answer was lost.
            Some(Reply::Bytes(bytes)) if bytes == lease => Self::Lease(bytes),
            other => Self::Other(other),
        }
    }
}

/// Look-ups that are sent in one pipeline, each with whom it is for.
pub(super) struct Round<C> {
    look_ups: Vec<(LookUp, C)>,
    leases: Leases,
    /// What is put where a generation is missing.
    fresh: String,
    together: Option<Together>,
}

/// How many are asked for together.
struct Together {
    /// Each generation once.
    generations: Vec<String>,
    /// Where those of each look-up stand among them, one look-up behind the other.
    places: Vec<usize>,
}

/// The one lease that a round puts at all names. Of those who ask for the same name it is the first one's.
struct Leases {
    lease: Vec<u8>,
    given: Vec<String>,
}

impl<C> Round<C> {
    pub(super) fn new(look_ups: Vec<(LookUp, C)>, taking: &Taking) -> Self {
        let tagged = look_ups.iter().any(|(one, _)| !one.generations.is_empty());
        let fresh = if tagged { format!("{:016x}", fastrand::u64(..)) } else { String::new() };
        let many = look_ups.len() > FEW && !taking.apart.load(Ordering::Relaxed);
        let together = many.then(|| Together::of(&look_ups));
        let leases = Leases { lease: taking.lease(), given: Vec::new() };
        Self { look_ups, leases, fresh, together }
    }

    pub(super) fn commands(&self, taking: &Taking) -> Vec<Command> {
        match &self.together {
            Some(together) => self.as_two(together, taking).into(),
            None => self.look_ups.iter().flat_map(|(one, _)| self.alone(one, taking)).collect(),
        }
    }

    /// Those whom no answers reach.
    pub(super) fn into_callers(self) -> impl Iterator<Item = C> {
        self.look_ups.into_iter().map(|(_, caller)| caller)
    }

    fn alone(&self, one: &LookUp, taking: &Taking) -> impl Iterator<Item = Command> {
        let entry = taking.set_if_absent(&one.entry, &self.leases.lease, taking.lease_ms);
        let set = |name: &String| taking.set_if_absent(name, self.fresh.as_bytes(), GENERATION_MS);
        std::iter::once(entry).chain(one.generations.iter().map(set))
    }

    fn as_two(&self, together: &Together, taking: &Taking) -> [Command; 2] {
        let (entries, generations) = (self.look_ups.len(), &together.generations);
        let names = |command: Command| {
            let named = self.look_ups.iter().fold(command, |it, (one, _)| it.arg(&one.entry));
            generations.iter().fold(named, Command::arg)
        };
        let take = Command::new("EVAL").arg(script::TAKE).num((entries + generations.len()) as u64);
        let take = names(take).num(entries as u64).arg(&self.leases.lease).num(taking.lease_ms);
        [take.arg(&self.fresh).num(GENERATION_MS), names(Command::new("MGET"))]
    }

    /// Tells each caller what the answers say of its look-up. Gives a round of those of whom they do not say enough.
    pub(super) fn tell(
        self,
        mut replies: impl Iterator<Item = Reply>,
        taking: &Taking,
        tell: impl Fn(C, Seen),
    ) -> Option<Self> {
        let Some(together) = &self.together else {
            self.tell_apart(replies, tell);
            return None;
        };
        let names = self.look_ups.len() + together.generations.len();
        match (replies.next(), replies.next()) {
            (Some(Reply::Int(_)), Some(Reply::Array(found))) if found.len() == names => {
                self.tell_together(found, tell)
            }
            (take, read) => {
                if ![take, read].iter().flatten().any(is_for_now) {
                    taking.apart.store(true, Ordering::Relaxed);
                }
                Some(Self { together: None, ..self })
            }
        }
    }

    fn tell_apart(mut self, mut replies: impl Iterator<Item = Reply>, tell: impl Fn(C, Seen)) {
        for (one, caller) in self.look_ups {
            let entry = self.leases.standing(&one.entry, replies.next());
            let there = |reply| match reply {
                Reply::Nil => Reply::Bytes(self.fresh.clone().into_bytes()),
                other => other,
            };
            let generations = replies.by_ref().take(one.generations.len()).map(there).collect();
            tell(caller, Seen { entry, generations });
        }
    }

    fn tell_together(mut self, mut found: Vec<Reply>, tell: impl Fn(C, Seen)) -> Option<Self> {
        let generations = found.split_off(self.look_ups.len());
        let mut places = self.together.iter().flat_map(|together| &together.places);
        let mut left = Vec::new();
        for ((one, caller), entry) in self.look_ups.into_iter().zip(found) {
            let places = places.by_ref().take(one.generations.len());
            let generations: Vec<Reply> = places.map(|at| generations[*at].clone()).collect();
            // Gone between the two commands, or of another kind.
            if entry == Reply::Nil || generations.contains(&Reply::Nil) {
                left.push((one, caller));
                continue;
            }
            let entry = self.leases.standing(&one.entry, Some(entry));
            tell(caller, Seen { entry, generations });
        }
        // With the same lease, which may stand.
        let round = |look_ups| Self { look_ups, together: None, ..self };
        (!left.is_empty()).then(|| round(left))
    }
}

impl Together {
    fn of<C>(look_ups: &[(LookUp, C)]) -> Self {
        let (mut generations, mut places) = (Vec::new(), Vec::new());
        let mut known = HashMap::new();
        for name in look_ups.iter().flat_map(|(one, _)| &one.generations) {
            places.push(*known.entry(name).or_insert_with(|| {
                generations.push(name.clone());
                generations.len() - 1
            }));
        }
        Self { generations, places }
    }
}

impl Leases {
    fn standing(&mut self, name: &str, reply: Option<Reply>) -> Standing {
        match Standing::after_set(reply, &self.lease) {
            Standing::Lease(lease) if self.given.iter().any(|given| given == name) => {
                Standing::Other(Some(Reply::Bytes(lease)))
            }
            Standing::Lease(lease) => {
                self.given.push(name.to_owned());
                Standing::Lease(lease)
            }
            other => other,
        }
    }
}

/// Whether a refusal says nothing of what the server can.
fn is_for_now(reply: &Reply) -> bool {
    let codes = ["READONLY", "OOM", "LOADING", "BUSY", "MISCONF", "NOREPLICAS", "MASTERDOWN"];
    let Reply::Error(why) = reply else { return false };
    codes.iter().any(|code| why.contains(code))
}

#[cfg(test)]
mod tests;
