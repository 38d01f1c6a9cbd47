//! Look-ups of many callers as two commands, and what the answers say of each: a script puts leases and generations where
//! nothing is, which it finds out for all of them at once, and `MGET` reads what is there. Who goes together is told in
//! `coalesce`, what is made of an answer in `acquire`.

use super::script;
use super::taking::{Fresh, GENERATION_MS, Taking};
use super::transport::{Command, Reply};
use std::collections::{HashMap, HashSet};

/// So few are asked for each on its own: that takes the server less.
const FEW: usize = 4;
/// The most generations of a look-up that goes together with others: a script's list of names is bounded (Lua's `unpack`).
pub(super) const MOST_GENERATIONS: usize = 31;

/// The names that a look-up asks for.
pub(super) struct LookUp {
    pub(super) entry: String,
    /// It was there lately: no lease is put at its name before it is known that nothing is there.
    pub(super) is_there: bool,
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
    /// What the answer to the taking of this lease says.
    pub(super) fn after_take(answer: Option<Reply>, lease: &[u8], taking: &Taking) -> Self {
        let ours = answer.as_ref().and_then(|answer| taking.ours(answer, lease));
        ours.map_or(Self::Other(answer), Self::Lease)
    }
}

/// Look-ups that are sent in one pipeline.
pub(super) struct Round<C> {
    asked: Asked<C>,
    fresh: Fresh,
    asking: Asking,
}

/// What is asked for, each with whom it is for.
struct Asked<C> {
    look_ups: Vec<(LookUp, C)>,
    /// Each generation that one of them asks for, once.
    generations: Vec<String>,
    /// Where those of each look-up stand among them, one look-up behind the other.
    places: Vec<usize>,
}

/// How a round asks.
enum Asking {
    /// By a command for each name, and with the lease that stands here for each look-up.
    Apart(Vec<Vec<u8>>),
    /// By two commands for all names, or one if all of them were there lately. The one lease is put at the other entries' names:
    /// of those who ask for the same one it is the first one's.
    Together { lease: Vec<u8>, takes: bool },
}

impl<C> Round<C> {
    pub(super) fn new(look_ups: Vec<(LookUp, C)>, taking: &Taking) -> Self {
        let takes = look_ups.iter().any(|(one, _)| !one.is_there);
        let together = look_ups.len() > if takes { FEW } else { 1 } && !taking.is_apart();
        let asking = if together {
            Asking::Together { lease: taking.lease(), takes }
        } else {
            Asking::Apart(look_ups.iter().map(|_| taking.lease()).collect())
        };
        Self { asked: Asked::of(look_ups), fresh: Fresh::new(), asking }
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
        Self { asked: Asked::of(left), fresh: Fresh::new(), asking: Asking::Apart(leases) }
    }

    pub(super) fn commands(&self, taking: &Taking) -> Vec<Command> {
        let leases = match &self.asking {
            Asking::Together { takes: false, .. } => return vec![self.read()],
            Asking::Together { lease, .. } => return vec![self.take(lease, taking), self.read()],
            Asking::Apart(leases) => leases,
        };
        let take = |((one, _), lease): (&(LookUp, C), &Vec<u8>)| match one.is_there {
            true => Command::new("GET").arg(&one.entry),
            false => taking.take(&one.entry, lease),
        };
        let takes = self.asked.look_ups.iter().zip(leases).map(take);
        let set = |(at, name): (usize, &String)| taking.set_generation(name, &self.fresh.text(at));
        takes.chain(self.asked.generations.iter().enumerate().map(set)).collect()
    }

    /// Those whom no answers reach.
    pub(super) fn into_callers(self) -> impl Iterator<Item = C> {
        self.asked.look_ups.into_iter().map(|(_, caller)| caller)
    }

    /// Puts the lease where it is not known that something is, and generations where none are.
    fn take(&self, lease: &[u8], taking: &Taking) -> Command {
        let Asked { look_ups, generations, .. } = &self.asked;
        let unknown = || look_ups.iter().filter(|(one, _)| !one.is_there);
        let entries = unknown().count();
        let take = Command::new("EVAL").arg(script::TAKE).num((entries + generations.len()) as u64);
        let take = unknown().fold(take, |it, (one, _)| it.arg(&one.entry));
        let take = generations.iter().fold(take, Command::arg);
        let take = take.num(entries as u64).arg(lease).num(taking.lease_ms);
        take.arg(self.fresh.text(0)).num(GENERATION_MS).once()
    }

    fn read(&self) -> Command {
        let Asked { look_ups, generations, .. } = &self.asked;
        let entries = look_ups.iter().fold(Command::new("MGET"), |it, (one, _)| it.arg(&one.entry));
        generations.iter().fold(entries, Command::arg)
    }

    /// Tells each caller what the answers say of its look-up. Gives a round of those of whom they do not say enough.
    pub(super) fn tell(
        self,
        mut replies: impl Iterator<Item = Reply>,
        taking: &Taking,
        tell: impl Fn(C, Seen),
    ) -> Option<Self> {
        let Self { asked, fresh, asking } = self;
        let (lease, takes) = match asking {
            Asking::Apart(leases) => {
                let left = asked.tell_apart(leases, fresh, replies, taking, tell);
                return (!left.is_empty()).then(|| Self::new(unknown(left), taking));
            }
            Asking::Together { lease, takes } => (lease, takes),
        };
        let names = asked.look_ups.len() + asked.generations.len();
        let take = if takes { replies.next() } else { Some(Reply::Int(0)) };
        let (left, given) = match (take, replies.next()) {
            (Some(Reply::Int(_)), Some(Reply::Array(found))) if found.len() == names => {
                asked.tell_together(&lease, found, taking, tell)
            }
            (take, read) => {
                if ![take, read].iter().flatten().any(is_for_now) {
                    taking.each_apart();
                }
                (asked.look_ups, HashSet::new())
            }
        };
        (!left.is_empty()).then(|| Self::again(unknown(left), &lease, given, taking))
    }
}

impl<C> Asked<C> {
    fn of(look_ups: Vec<(LookUp, C)>) -> Self {
        let (mut generations, mut places) = (Vec::new(), Vec::new());
        let mut known = HashMap::new();
        for name in look_ups.iter().flat_map(|(one, _)| &one.generations) {
            places.push(*known.entry(name).or_insert_with(|| {
                generations.push(name.clone());
                generations.len() - 1
            }));
        }
        Self { look_ups, generations, places }
    }

    /// Tells each what the answers to the commands on its names say. Gives those who were mistaken.
    fn tell_apart(
        self,
        leases: Vec<Vec<u8>>,
        fresh: Fresh,
        mut replies: impl Iterator<Item = Reply>,
        taking: &Taking,
        tell: impl Fn(C, Seen),
    ) -> Vec<(LookUp, C)> {
        let entries: Vec<Reply> = replies.by_ref().take(self.look_ups.len()).collect();
        // Where nothing was, ours is.
        let there = |(at, reply)| match reply {
            Reply::Nil => Reply::Bytes(fresh.text(at).into()),
            other => other,
        };
        let generations: Vec<Reply> = replies.enumerate().map(there).collect();
        let (mut places, mut left) = (self.places.iter(), Vec::new());
        for (((one, caller), entry), lease) in self.look_ups.into_iter().zip(entries).zip(leases) {
            let generations = at_places(&mut places, &one, &generations);
            if one.is_there && entry == Reply::Nil {
                left.push((one, caller));
                continue;
            }
            let entry = Standing::after_take(Some(entry), &lease, taking);
            tell(caller, Seen { entry, generations });
        }
        left
    }

    /// Tells each what was found at its names. Who is left, and at which names the lease was given to somebody.
    fn tell_together(
        self,
        lease: &[u8],
        mut found: Vec<Reply>,
        taking: &Taking,
        tell: impl Fn(C, Seen),
    ) -> (Vec<(LookUp, C)>, HashSet<String>) {
        let generations = found.split_off(self.look_ups.len());
        let mut places = self.places.iter();
        let (mut left, mut given) = (Vec::new(), HashSet::new());
        for ((one, caller), entry) in self.look_ups.into_iter().zip(found) {
            let generations = at_places(&mut places, &one, &generations);
            // Gone between the two commands, or of another kind.
            if entry == Reply::Nil || generations.contains(&Reply::Nil) {
                left.push((one, caller));
                continue;
            }
            let entry = match Standing::after_take(Some(entry), lease, taking) {
                Standing::Lease(lease) if given.contains(&one.entry) => {
                    Standing::Other(Some(Reply::Bytes(lease.into())))
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
}

/// The same look-ups, of whose names nothing is known any more.
fn unknown<C>(look_ups: Vec<(LookUp, C)>) -> Vec<(LookUp, C)> {
    let unknown = |(one, caller)| (LookUp { is_there: false, ..one }, caller);
    look_ups.into_iter().map(unknown).collect()
}

/// What was found of the generations that a look-up asks for.
fn at_places<'p>(
    places: &mut impl Iterator<Item = &'p usize>,
    of: &LookUp,
    found: &[Reply],
) -> Vec<Reply> {
    places.take(of.generations.len()).filter_map(|at| found.get(*at).cloned()).collect()
}

/// Whether a refusal says nothing of what the server can.
fn is_for_now(reply: &Reply) -> bool {
    const PASSING: [&str; 9] = [
        "READONLY",
        "OOM",
        "LOADING",
        "BUSY",
        "MISCONF",
        "NOREPLICAS",
        "MASTERDOWN",
        "NOAUTH",
        "Script killed",
    ];
    matches!(reply, Reply::Error(why) if PASSING.iter().any(|passing| why.contains(passing)))
}

#[cfg(test)]
mod tests;
