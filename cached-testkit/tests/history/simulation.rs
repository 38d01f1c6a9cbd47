//! A small cache of three processes in one thread, whose steps are interleaved at random: what it does
//! is right, and with each of its parts left out the checker finds out.

use std::time::Duration;

use cached_testkit::history::{
    Action, Checker, History, Operation, Outcome, Report, Rule, Source, Target,
};

const PROCESSES: usize = 3;
const KEYS: usize = 2;
/// The last step by which a message has arrived.
const PROPAGATION: u64 = 80;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// An invalidation forgets the local tier of its own process.
    KeepsLocal,
    /// An invalidation is acknowledged before the shared tier has it.
    AcknowledgesEarly,
    /// Messages to other processes get lost.
    LosesMessages,
    /// A load is stored in the shared tier whether or not its lease is still there.
    FillsWithoutLease,
    /// A load is stored in the local tier whatever was invalidated meanwhile.
    FillsLocalLate,
    /// Callers in one process do not share, and take the lease of their process for their own.
    NoFlight,
    /// Processes do not share.
    NoLease,
}

#[derive(Clone, Copy)]
enum Stage {
    LookAtShared,
    LoadBegins,
    LoadSees,
    LoadEnds,
    Done(u64, Source),
}

struct Flight {
    process: usize,
    key: usize,
    stage: Stage,
    is_invalid: bool,
    load: (u64, u64),
}

enum Task {
    Read { process: usize, key: usize, started: u64, flight: Option<(usize, bool)> },
    Write { process: usize, key: usize, started: u64, version: u64, step: u8 },
}

struct World {
    bug: Bug,
    random: fastrand::Rng,
    now: u64,
    source: [u64; KEYS],
    shared: [Option<u64>; KEYS],
    lease: [Option<usize>; KEYS],
    local: [[Option<u64>; KEYS]; PROCESSES],
    sharing: [[Option<usize>; KEYS]; PROCESSES],
    flights: Vec<Flight>,
    tasks: Vec<Task>,
    messages: Vec<(u64, usize, usize)>,
    history: Vec<Operation>,
}

impl World {
    fn record(&mut self, process: usize, started: u64, action: Action) {
        let operation = Operation {
            process: process as u32,
            id: self.history.len() as u64,
            task: 0,
            started,
            ended: Some(self.now),
            outcome: Outcome::Ok,
            action,
        };
        self.history.push(operation);
    }

    fn tick(&mut self) {
        self.now += 1;
        for (due, process, key) in std::mem::take(&mut self.messages) {
            if due <= self.now {
                self.forget(process, key);
            } else {
                self.messages.push((due, process, key));
            }
        }
        let (process, key) = (self.random.usize(..PROCESSES), self.random.usize(..KEYS));
        let started = self.now;
        match self.random.u8(..20) {
            0..2 => self.tasks.push(Task::Read { process, key, started, flight: None }),
            2 if self.random.bool() => {
                self.tasks.push(Task::Write { process, key, started, version: 0, step: 0 });
            }
            3..11 if !self.tasks.is_empty() => {
                let task = self.pick_task();
                let task = self.step_task(task);
                self.tasks.extend(task);
            }
            _ if !self.flights.is_empty() => {
                // The old ones are done; a step of theirs does nothing.
                let recent = self.flights.len().saturating_sub(8);
                let flight = self.random.usize(recent..self.flights.len());
                self.step_flight(flight);
            }
            _ => {}
        }
    }

    /// Every other time a write, so that there are some that overtake loads.
    fn pick_task(&mut self) -> Task {
        let is_write = |task: &Task| matches!(task, Task::Write { .. });
        let write = self.tasks.iter().position(is_write).filter(|_| self.random.bool());
        let task = write.unwrap_or_else(|| self.random.usize(..self.tasks.len()));
        self.tasks.swap_remove(task)
    }

    /// An invalidation takes effect in a process.
    fn forget(&mut self, process: usize, key: usize) {
        self.local[process][key] = None;
        self.sharing[process][key] = None;
        for flight in self.flights.iter_mut().filter(|f| (f.process, f.key) == (process, key)) {
            flight.is_invalid = true;
        }
    }

    fn step_task(&mut self, task: Task) -> Option<Task> {
        match task {
            Task::Read { process, key, started, flight: None } => {
                if let Some(version) = self.local[process][key] {
                    self.end_read(process, key, started, version, Source::Local);
                    return None;
                }
                let shared = self.sharing[process][key].filter(|_| self.bug != Bug::NoFlight);
                let flight = shared.unwrap_or_else(|| self.take_off(process, key));
                let flight = Some((flight, shared.is_none()));
                Some(Task::Read { process, key, started, flight })
            }
            Task::Read { process, key, started, flight: Some((flight, is_leader)) } => {
                let Stage::Done(version, source) = self.flights[flight].stage else {
                    return Some(task);
                };
                let source = if is_leader { source } else { Source::Flight };
                self.end_read(process, key, started, version, source);
                None
            }
            Task::Write { process, key, started, version, step } => {
                let (started, version) = self.step_write(process, key, started, version, step)?;
                Some(Task::Write { process, key, started, version, step: step + 1 })
            }
        }
    }

    fn end_read(&mut self, process: usize, key: usize, started: u64, version: u64, source: Source) {
        let action = Action::Read { key: key.to_string(), version: Some(version), source };
        self.record(process, started, action);
    }

    fn take_off(&mut self, process: usize, key: usize) -> usize {
        let stage = Stage::LookAtShared;
        self.flights.push(Flight { process, key, stage, is_invalid: false, load: (0, 0) });
        self.sharing[process][key] = Some(self.flights.len() - 1);
        self.flights.len() - 1
    }

    fn step_flight(&mut self, number: usize) {
        let Flight { process, key, stage, load, .. } = self.flights[number];
        let next = match stage {
            Stage::LookAtShared => match (self.shared[key], self.lease[key]) {
                (Some(version), _) => {
                    self.land(number, version);
                    Stage::Done(version, Source::Remote)
                }
                (None, Some(holder)) if !self.ignores_lease(holder, process) => stage,
                (None, _) => {
                    self.lease[key] = Some(number);
                    Stage::LoadBegins
                }
            },
            Stage::LoadBegins => {
                self.flights[number].load = (self.now, 0);
                Stage::LoadSees
            }
            Stage::LoadSees => {
                self.flights[number].load.1 = self.source[key];
                Stage::LoadEnds
            }
            Stage::LoadEnds => {
                let (started, version) = load;
                let action =
                    Action::Load { key: key.to_string(), version: Some(version), tags: vec![] };
                self.record(process, started, action);
                if self.lease[key] == Some(number) || self.bug == Bug::FillsWithoutLease {
                    self.lease[key] = None;
                    self.shared[key] = Some(version);
                }
                self.land(number, version);
                Stage::Done(version, Source::Load)
            }
            Stage::Done(..) => stage,
        };
        self.flights[number].stage = next;
    }

    fn ignores_lease(&self, holder: usize, process: usize) -> bool {
        let is_own = self.flights[holder].process == process;
        self.bug == Bug::NoLease || (self.bug == Bug::NoFlight && is_own)
    }

    fn land(&mut self, number: usize, version: u64) {
        let Flight { process, key, is_invalid, .. } = self.flights[number];
        if !is_invalid || self.bug == Bug::FillsLocalLate {
            self.local[process][key] = Some(version);
        }
        if self.sharing[process][key] == Some(number) {
            self.sharing[process][key] = None;
        }
    }

    /// One step of a write and its invalidation; what it goes on with.
    fn step_write(
        &mut self,
        process: usize,
        key: usize,
        started: u64,
        version: u64,
        step: u8,
    ) -> Option<(u64, u64)> {
        let acknowledges_early = self.bug == Bug::AcknowledgesEarly;
        match step {
            0 => {
                self.source[key] += 1;
                return Some((started, self.source[key]));
            }
            1 => {
                self.record(process, started, Action::Write { key: key.to_string(), version });
                return Some((self.now, version));
            }
            2 if self.bug == Bug::KeepsLocal => {}
            2 => self.forget(process, key),
            3 if !acknowledges_early => self.invalidate_shared(process, key),
            4 if acknowledges_early => self.invalidate_shared(process, key),
            3 | 4 => {
                let targets = vec![Target::key(key.to_string())];
                self.record(process, started, Action::Invalidate { targets });
            }
            _ => return None,
        }
        Some((started, version))
    }

    fn invalidate_shared(&mut self, process: usize, key: usize) {
        self.shared[key] = None;
        self.lease[key] = None;
        if self.bug != Bug::KeepsLocal {
            // Once more: since step 2 this process may have fetched the older value again.
            self.forget(process, key);
        }
        for other in (0..PROCESSES).filter(|other| *other != process) {
            if self.bug != Bug::LosesMessages || self.random.bool() {
                let due = self.now + self.random.u64(1..PROPAGATION);
                self.messages.push((due, other, key));
            }
        }
    }
}

/// What the checker says of a run of so many steps.
fn run(bug: Bug, seed: u64, steps: u64) -> Report {
    let mut world = World {
        bug,
        random: fastrand::Rng::with_seed(seed),
        now: 0,
        source: [1; KEYS],
        shared: [None; KEYS],
        lease: [None; KEYS],
        local: [[None; KEYS]; PROCESSES],
        sharing: [[None; KEYS]; PROCESSES],
        flights: Vec::new(),
        tasks: Vec::new(),
        messages: Vec::new(),
        history: Vec::new(),
    };
    for _ in 0..steps {
        world.tick();
    }
    let checker = Checker::new()
        .propagation(Duration::from_nanos(PROPAGATION))
        .revocation(Duration::from_nanos(PROPAGATION));
    checker.check(&History::from(world.history))
}

#[test]
fn a_right_cache_is_found_right() {
    let mut constrained = 0;
    for seed in 0..200 {
        let report = run(Bug::None, seed, 3000);
        assert_eq!(report.total(), 0, "seed {seed}: {report}");
        constrained += report.constrained_reads();
    }
    assert!(constrained > 10_000, "{constrained}");
}

#[test]
fn each_missing_part_is_found_by_its_rule() {
    for (bug, rule) in [
        (Bug::KeepsLocal, Rule::OwnProcess),
        (Bug::AcknowledgesEarly, Rule::SharedTier),
        (Bug::LosesMessages, Rule::LocalTier),
        (Bug::FillsWithoutLease, Rule::StaleSet),
        (Bug::FillsLocalLate, Rule::StaleSet),
        (Bug::NoFlight, Rule::OneLoad),
        (Bug::NoLease, Rule::OneLoad),
    ] {
        let found = (0..100).map(|seed| run(bug, seed, 3000).count(rule)).sum::<usize>();
        assert!(found > 0, "{bug:?} breaks {rule}, and the checker found nothing");
    }
}
