//! Every cache that answers from this process, the floor first.

mod floors;
mod ours;
mod peers;

use crate::variant::Variant;

pub(crate) fn variants() -> Vec<Variant> {
    let mut all = floors::variants();
    all.extend(ours::variants());
    all.extend(peers::variants());
    all
}
