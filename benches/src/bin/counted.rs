//! Counts allocations, in a program of its own: each that is counted takes longer.

use benches::Counted;

fn main() {
    benches::count(|work| {
        let seen = allocation_counter::measure(work);
        Counted { times: seen.count_total, bytes_left: seen.bytes_current }
    });
}
