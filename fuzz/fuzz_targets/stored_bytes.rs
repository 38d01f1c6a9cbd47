//! Whatever bytes stand at a key: no panic, no error, no forged value. What is checked is in `hostile`.
#![no_main]

#[path = "../../cached-core/tests/common/hostile.rs"]
mod hostile;

use hostile::Hostile;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static HOSTILE: Hostile = Hostile::start();
}

fuzz_target!(|input: &[u8]| HOSTILE.with(|hostile| hostile.check(input)));
