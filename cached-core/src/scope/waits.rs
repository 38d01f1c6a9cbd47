//! Who waits for whose load in this process. Two loads that wait for each other, by way of others it may be, would wait for
//! ever: each key rests on others in one direction only, but a load of many keys ties them together.
//!
//! Reads outside of loads wait for loads, and nothing waits for them: they are not on record.

use super::lead;
use crate::flight::Flight;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Loads, by their places in the order of flights and loads, and the flights that they wait for. Few at a time: reads
/// inside loads that have found somebody else loading.
static WAITS: Mutex<Vec<(u64, Arc<Flight>)>> = Mutex::new(Vec::new());

/// The loads around this task wait for a flight, for as long as this is kept.
pub(crate) struct Waiting {
    loads: Vec<u64>,
    flight: Arc<Flight>,
}

/// Puts on record that the loads around this task wait for a flight. `None` if its load waits for one of them: then the
/// caller must not.
pub(crate) fn wait_for(flight: &Arc<Flight>) -> Option<Waiting> {
    let loads = lead::places();
    if !loads.is_empty() {
        let mut waits = lock();
        if leads_to(&waits, flight, &loads) {
            return None;
        }
        waits.extend(loads.iter().map(|load| (*load, flight.clone())));
    }
    Some(Waiting { loads, flight: flight.clone() })
}

/// Whether the load of a flight is one of these, or waits for one of them. Before its load begins it waits for none.
fn leads_to(waits: &[(u64, Arc<Flight>)], flight: &Flight, loads: &[u64]) -> bool {
    let (mut open, mut seen) = (vec![flight.start().order], HashSet::new());
    while let Some(load) = open.pop() {
        if loads.contains(&load) {
            return true;
        }
        if seen.insert(load) {
            let further = waits.iter().filter(|(by, _)| *by == load);
            open.extend(further.map(|(_, flight)| flight.start().order));
        }
    }
    false
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.loads.is_empty() {
            return;
        }
        let mut waits = lock();
        for load in &self.loads {
            let same =
                |(by, flight): &(u64, Arc<Flight>)| by == load && Arc::ptr_eq(flight, &self.flight);
            if let Some(at) = waits.iter().position(same) {
                waits.swap_remove(at);
            }
        }
    }
}

fn lock() -> MutexGuard<'static, Vec<(u64, Arc<Flight>)>> {
    WAITS.lock().unwrap_or_else(PoisonError::into_inner)
}
