//! Every annotated function of the program, gathered when it is linked. What is made of the list is in `registry`.
//!
//! `inventory` puts a function pointer into the section that runs before `main`, behind a macro of its own: a crate
//! that forbids `unsafe` can hold annotated functions all the same, generic ones and those of trait impls too.

use super::{Site, WriteSite};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

pub use inventory::submit;

/// One annotated function.
pub enum Linked {
    /// With `#[cached]`.
    Read(&'static Site),
    /// With `#[invalidates]`.
    Write(&'static WriteSite),
}

inventory::collect!(Linked);

struct All {
    reads: Vec<&'static Site>,
    writes: Vec<&'static WriteSite>,
}

fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(|| {
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for linked in inventory::iter::<Linked> {
            match linked {
                Linked::Read(site) => reads.push(*site),
                Linked::Write(site) => writes.push(*site),
            }
        }
        // The linker's order is nobody's order.
        reads.sort_by_key(|site| (site.place, site.module, site.function, site.template));
        writes.sort_by_key(|site| (site.place, site.module, site.function));
        for (at, site) in reads.iter().enumerate() {
            site.index.0.store(at as u32 + 1, Ordering::Relaxed);
        }
        All { reads, writes }
    })
}

/// The cached functions, by their place in the source. The first has index 1.
pub(crate) fn reads() -> &'static [&'static Site] {
    &all().reads
}

/// The invalidating functions, by their place in the source.
pub(crate) fn writes() -> &'static [&'static WriteSite] {
    &all().writes
}
