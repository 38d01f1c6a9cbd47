//! About how many keys each template has had in this process: a key that differs in every call (a time, a request's id) fills
//! the tiers with what nobody reads again. Counted where a key is looked up remotely or loaded, never on a local hit.
//!
//! HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with 1,024 registers: 3 % off, one KiB a template, no lock.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const INDEX_BITS: u32 = 10;
const REGISTERS: usize = 1 << INDEX_BITS;

/// The keys of one template.
pub(super) struct Keys {
    registers: Box<[AtomicU8]>,
    told: AtomicBool,
}

impl Default for Keys {
    fn default() -> Self {
        let registers = (0..REGISTERS).map(|_| AtomicU8::new(0)).collect();
        Self { registers, told: AtomicBool::new(false) }
    }
}

impl Keys {
    /// Notes a key by its hash. Says how many there are about, the first time that they are more than `limit`.
    pub(super) fn note(&self, hash: u64, limit: u64) -> Option<u64> {
        let hash = mixed(hash);
        let register = &self.registers[(hash >> (u64::BITS - INDEX_BITS)) as usize];
        // A bit that ends the run where all others are zero.
        let rest = hash << INDEX_BITS | 1 << (INDEX_BITS - 1);
        let run = rest.leading_zeros() as u8 + 1;
        let is_new = register.fetch_max(run, Ordering::Relaxed) < run;
        if !is_new || self.told.load(Ordering::Relaxed) {
            return None;
        }
        let count = self.count();
        (count > limit && !self.told.swap(true, Ordering::Relaxed)).then_some(count)
    }

    /// About how many there were.
    pub(super) fn count(&self) -> u64 {
        let registers = REGISTERS as f64;
        let (mut sum, mut empty) = (0.0, 0);
        for register in &self.registers {
            let run = register.load(Ordering::Relaxed);
            sum += (-f64::from(run)).exp2();
            empty += u32::from(run == 0);
        }
        let estimate = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        // Small numbers by the share of registers that no key has met (linear counting).
        let small = empty > 0 && estimate <= 2.5 * registers;
        let count = if small { registers * (registers / f64::from(empty)).ln() } else { estimate };
        count.round() as u64
    }
}

/// Every bit of a hash decides about every bit: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_keys_are_counted_about_right() {
        for count in [0_u64, 1, 10, 1_000, 5_000, 200_000] {
            let keys = Keys::default();
            for _ in 0..2 {
                for key in 0..count {
                    assert_eq!(keys.note(key, u64::MAX), None);
                }
            }
            let off = keys.count().abs_diff(count) as f64;
            assert!(off <= 0.1 * count as f64, "{} for {count}", keys.count());
        }
    }

    #[test]
    fn too_many_are_told_once() {
        let keys = Keys::default();
        let told: Vec<u64> = (0..10_000).filter_map(|key| keys.note(key, 1_000)).collect();
        assert_eq!(told.len(), 1);
        assert!((1_001..1_200).contains(&told[0]), "{told:?}");
    }
}
