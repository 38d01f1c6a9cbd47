//! Which faults strike in a round, and when: two lanes at once, each one fault after the other, drawn from the seed.

use super::plan::Plan;
use std::time::Duration;

/// Something that breaks, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// The Redis server is killed, and started again.
    Kill,
    /// The Redis server is stopped (`SIGSTOP`), and continued.
    Pause,
    /// All keys are removed.
    Flush,
    /// The server is full: it stores nothing more, and removes what it is told to.
    Full,
    /// Connections of one process to Redis are cut.
    Cut(usize),
    /// New ones are refused as well.
    Refuse(usize),
    /// They hang.
    Stall(usize),
    /// They hang, and everything arrives in the end.
    Freeze(usize),
    /// They are half closed, and the process is not told.
    HalfOpen(usize),
    /// They are slow.
    Slow(usize),
    /// What comes back is noise.
    Garbage(usize, u64),
    /// One command is executed and its answer lost.
    LoseReply(usize, &'static str),
    /// One command is lost.
    LoseCommand(usize, &'static str),
    /// A process of the service is killed (`SIGKILL`), and another one takes its place.
    KillNode(usize),
}

/// One fault of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) after: Duration,
    pub(super) what: Break,
    pub(super) lasts: Duration,
}

/// The commands of the protocol that matter most when they are lost.
const COMMANDS: [&str; 6] = ["SET", "EVAL", "MGET", "DEL", "UNLINK", "XADD"];

impl Break {
    /// The name under which it is counted.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kill => "Redis killed and restarted",
            Self::Pause => "Redis stopped and continued",
            Self::Flush => "Redis flushed",
            Self::Full => "Redis full",
            Self::Cut(_) => "connections cut",
            Self::Refuse(_) => "connections cut and refused",
            Self::Stall(_) => "connections stalled",
            Self::Freeze(_) => "connections frozen",
            Self::HalfOpen(_) => "connections half open",
            Self::Slow(_) => "connections slow",
            Self::Garbage(..) => "replies garbled",
            Self::LoseReply(..) => "a reply lost",
            Self::LoseCommand(..) => "a command lost",
            Self::KillNode(_) => "a process killed",
        }
    }
}

/// The faults of a round: those of the servers and processes, and those of the network.
pub(super) fn draw(plan: &Plan, round: u64) -> [Vec<Planned>; 2] {
    if !plan.faults {
        // A lane of nothing, so that the round has its length.
        return [Vec::new(), Vec::new()];
    }
    let mut random = plan.random([round, u64::MAX, 0, 0]);
    let node = random.usize(..plan.nodes);
    let mut kinds = [Break::Kill, Break::Pause, Break::Flush, Break::Full, Break::KillNode(node)];
    random.shuffle(&mut kinds);
    let servers = kinds.map(|what| {
        let millis = match what {
            Break::Pause => random.u64(200..1_800),
            Break::Full => random.u64(300..2_000),
            Break::Flush => 0,
            _ => random.u64(50..900),
        };
        let after = Duration::from_millis(random.u64(150..900));
        Planned { after, what, lasts: Duration::from_millis(millis) }
    });
    let network = (0..6).map(|_| network_fault(plan, &mut random)).collect();
    [servers.into(), network]
}

fn network_fault(plan: &Plan, random: &mut fastrand::Rng) -> Planned {
    let node = random.usize(..plan.nodes);
    let command = COMMANDS[random.usize(..COMMANDS.len())];
    let (what, millis) = match random.u8(..10) {
        0 | 1 => (Break::Cut(node), random.u64(1..300)),
        2 => (Break::Refuse(node), random.u64(50..1_500)),
        3 => (Break::Stall(node), random.u64(200..2_500)),
        4 => (Break::Freeze(node), random.u64(200..2_000)),
        5 => (Break::HalfOpen(node), random.u64(50..1_000)),
        6 => (Break::Slow(node), random.u64(200..1_000)),
        7 => (Break::Garbage(node, random.u64(..)), random.u64(50..300)),
        8 => (Break::LoseReply(node, command), 100),
        _ => (Break::LoseCommand(node, command), 100),
    };
    let after = Duration::from_millis(random.u64(50..500));
    Planned { after, what, lasts: Duration::from_millis(millis) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_faults_and_another_seed_others() {
        let plan = Plan::new(1, 1);
        assert_eq!(draw(&plan, 3), draw(&plan, 3));
        assert_ne!(draw(&plan, 3), draw(&plan, 4));
        assert_ne!(draw(&plan, 3), draw(&Plan::new(2, 1), 3));
        assert_eq!(draw(&plan.calm(), 3), [vec![], vec![]]);
    }

    #[test]
    fn every_kind_of_fault_is_drawn() {
        let plan = Plan::new(1, 1);
        let names: std::collections::BTreeSet<_> = (0..100)
            .flat_map(|round| draw(&plan, round).concat())
            .map(|planned| planned.what.name())
            .collect();
        assert_eq!(names.len(), 14);
    }
}
