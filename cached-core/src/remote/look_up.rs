//! Look-ups of many callers as two commands, and what the answers say of each: a script puts leases and generations where
//! nothing is, which it finds out for all of them at once, and `MGET` reads what is there. Who goes together is told in
//! `coalesce`, what is made of an answer in `acquire`.

use super::script;
use super::transport::{Command, Reply};
use crate::codec::Form;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// How long a tag's generation is kept, in milliseconds. One that expires makes its entries misses.
const GENERATION_MS: u64 = 8 * 86_400_000;
/// So few are asked for each on its own: that takes the server less.
const FEW: usize = 4;
/// The most generations of a look-up that goes together with others: a script's list of names is bounded (Lua's `unpack`).
pub(super) const MOST_GENERATIONS: usize = 31;

/// How names are set where nothing is: as the server takes it.
pub(super) struct Taking {
    pub(super) form: Form,
    /// How long a lease lives, in milliseconds.
    pub(super) lease_ms: u64,
    /// A command may run twice.
    resent: bool,
    /// The server refuses `SET .. NX GET` (before 7.0): a script does the same.
    scripted: AtomicBool,
    /// Each is asked for on its own: it refuses the script for many, or may not be sent that.
    apart: AtomicBool,
}

impl Taking {
    pub(super) fn new(form: Form, lease_ms: u64, resent: bool) -> Self {
        // Behind REST a read may be a replica's, which does not know yet what the script has put; and nowhere may that run twice.
        let apart = AtomicBool::new(form == Form::Text || resent);
        Self { form, lease_ms, resent, scripted: AtomicBool::new(false), apart }
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

    /// A generation where none is. Between two runs somebody may have read it, and an invalidation ended it: what runs twice
    /// must not put it back.
    pub(super) fn set_generation(&self, name: &str, generation: &str) -> Command {
        if self.resent {
            return script::call(script::GENERATE, name).arg(generation).num(GENERATION_MS);
        }
        self.set_if_absent(name, generation.as_bytes(), GENERATION_MS).once()
    }
}

/// What a pipeline puts where generations are missing: each of its commands another. One that is put a second time may have
/// ended in between, and what was loaded under it would count as new again.
#[derive(Clone, Copy)]
pub(super) struct Fresh(u64);

impl Fresh {
    pub(super) fn new() -> Self {
        Self(fastrand::u64(..))
    }

    /// What one of the commands puts, as it is stored.
    pub(super) fn text(self, command: usize) -> String {
        format!("{:016x}", self.0.wrapping_add(command as u64))
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
    fresh: Fresh,
    asking: Asking,
}

/// How a round asks.
enum Asking {
    /// Each look-up by commands of its own, and with the lease that stands here for it.
    Apart(Vec<Vec<u8>>),
    Together(Together),
}

/// How many are asked for together.
struct Together {
    /// The one lease that is put at all names. Of those who ask for the same name it is the first one's.
    lease: Vec<u8>,
    /// Each generation once.
    generations: Vec<String>,
    /// Where those of each look-up stand among them, one look-up behind the other.
    places: Vec<usize>,
}

impl<C> Round<C> {
    pub(super) fn new(look_ups: Vec<(LookUp, C)>, taking: &Taking) -> Self {
        let asking = if look_ups.len() > FEW && !taking.apart.load(Ordering::Relaxed) {
            Asking::Together(Together::of(&look_ups, taking.lease()))
        } else {
            Asking::Apart(look_ups.iter().map(|_| taking.lease()).collect())
        };
        Self { look_ups, fresh: Fresh::new(), asking }
    }

    /// A round of those whom one that asked together leaves. Its lease may stand at their names: who asks first for one takes
    /// it over, unless it was given to somebody who may still fill.
    fn again(
        left: Vec<(LookUp, C)>,
        lease: &[u8],
        given: HashSet<String>,
        taking: &Taking,
    ) -> Self {
        let mut taken = given;
        let lease_of = |(one, _): &(LookUp, C)| match taken.insert(one.entry.clone()) {
            true => lease.to_vec(),
            false => taking.lease(),
        };
        let leases = left.iter().map(lease_of).collect();
        Self { look_ups: left, fresh: Fresh::new(), asking: Asking::Apart(leases) }
    }

    pub(super) fn commands(&self, taking: &Taking) -> Vec<Command> {
        match &self.asking {
            Asking::Together(together) => self.as_two(together, taking).into(),
            Asking::Apart(leases) => {
                let mut commands = Vec::new();
                for ((one, _), lease) in self.look_ups.iter().zip(leases) {
                    commands.push(taking.set_if_absent(&one.entry, lease, taking.lease_ms));
                    for name in &one.generations {
                        let fresh = self.fresh.text(commands.len());
                        commands.push(taking.set_generation(name, &fresh));
                    }
                }
                commands
            }
        }
    }

    /// Those whom no answers reach.
    pub(super) fn into_callers(self) -> impl Iterator<Item = C> {
        self.look_ups.into_iter().map(|(_, caller)| caller)
    }

    fn as_two(&self, together: &Together, taking: &Taking) -> [Command; 2] {
        let (entries, generations) = (self.look_ups.len(), &together.generations);
        let names = |command: Command| {
            let named = self.look_ups.iter().fold(command, |it, (one, _)| it.arg(&one.entry));
            generations.iter().fold(named, Command::arg)
        };
        let take = Command::new("EVAL").arg(script::TAKE).num((entries + generations.len()) as u64);
        let take = names(take).num(entries as u64).arg(&together.lease).num(taking.lease_ms);
        let take = take.arg(self.fresh.text(0)).num(GENERATION_MS).once();
        [take, names(Command::new("MGET"))]
    }

    /// Tells each caller what the answers say of its look-up. Gives a round of those of whom they do not say enough.
    pub(super) fn tell(
        self,
        mut replies: impl Iterator<Item = Reply>,
        taking: &Taking,
        tell: impl Fn(C, Seen),
    ) -> Option<Self> {
        let Self { look_ups, fresh, asking } = self;
        let together = match asking {
            Asking::Apart(leases) => {
                tell_apart(look_ups, leases, fresh, replies, tell);
                return None;
            }
            Asking::Together(together) => together,
        };
        let names = look_ups.len() + together.generations.len();
        let (left, given) = match (replies.next(), replies.next()) {
            (Some(Reply::Int(_)), Some(Reply::Array(found))) if found.len() == names => {
                tell_together(look_ups, &together, found, tell)
            }
            (take, read) => {
                if ![take, read].iter().flatten().any(is_for_now) {
                    taking.apart.store(true, Ordering::Relaxed);
                }
                (look_ups, HashSet::new())
            }
        };
        (!left.is_empty()).then(|| Self::again(left, &together.lease, given, taking))
    }
}

impl Together {
    fn of<C>(look_ups: &[(LookUp, C)], lease: Vec<u8>) -> Self {
        let (mut generations, mut places) = (Vec::new(), Vec::new());
        let mut known = HashMap::new();
        for name in look_ups.iter().flat_map(|(one, _)| &one.generations) {
            places.push(*known.entry(name).or_insert_with(|| {
                generations.push(name.clone());
                generations.len() - 1
            }));
        }
        Self { lease, generations, places }
    }
}

/// Tells each what the answers to its own commands say.
fn tell_apart<C>(
    look_ups: Vec<(LookUp, C)>,
    leases: Vec<Vec<u8>>,
    fresh: Fresh,
    replies: impl Iterator<Item = Reply>,
    tell: impl Fn(C, Seen),
) {
    let mut replies = replies.enumerate();
    for ((one, caller), lease) in look_ups.into_iter().zip(leases) {
        let entry = Standing::after_set(replies.next().map(|(_, reply)| reply), &lease);
        let there = |(command, reply)| match reply {
            Reply::Nil => Reply::Bytes(fresh.text(command).into_bytes()),
            other => other,
        };
        let generations = replies.by_ref().take(one.generations.len()).map(there).collect();
        tell(caller, Seen { entry, generations });
    }
}

/// Tells each what was found at its names. Who is left, and at which names the lease was given to somebody.
fn tell_together<C>(
    look_ups: Vec<(LookUp, C)>,
    together: &Together,
    mut found: Vec<Reply>,
    tell: impl Fn(C, Seen),
) -> (Vec<(LookUp, C)>, HashSet<String>) {
    let generations = found.split_off(look_ups.len());
    let mut places = together.places.iter();
    let (mut left, mut given) = (Vec::new(), HashSet::new());
    for ((one, caller), entry) in look_ups.into_iter().zip(found) {
        let places = places.by_ref().take(one.generations.len());
        let generations: Vec<Reply> = places.map(|at| generations[*at].clone()).collect();
        // Gone between the two commands, or of another kind.
        if entry == Reply::Nil || generations.contains(&Reply::Nil) {
            left.push((one, caller));
            continue;
        }
        let entry = match Standing::after_set(Some(entry), &together.lease) {
            Standing::Lease(lease) if given.contains(&one.entry) => {
                Standing::Other(Some(Reply::Bytes(lease)))
            }
            Standing::Lease(lease) => {
                given.insert(one.entry);
                Standing::Lease(lease)
            }
            other => other,
        };
        tell(caller, Seen { entry, generations });
    }
    (left, given)
}

/// Whether a refusal says nothing of what the server can.
fn is_for_now(reply: &Reply) -> bool {
    let codes = ["READONLY", "OOM", "LOADING", "BUSY", "MISCONF", "NOREPLICAS", "MASTERDOWN"];
    let Reply::Error(why) = reply else { return false };
    codes.iter().any(|code| why.contains(code))
}

#[cfg(test)]
mod tests;
