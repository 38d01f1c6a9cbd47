//! The rows of the source and the keys under which they are cached: families, each with other tags.

use cached_testkit::history::Target;
use serde::{Deserialize, Serialize};

/// How a row is read, and thereby which tags its entries carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// By an annotated function, with a tag of its argument and a tag of its value.
    Item,
    /// By an annotated function without tags and without a local copy.
    Bare,
    /// By the builder, with two tags, a short life and stale windows.
    Built,
    /// An item, by an annotated function that reads it through the other one. It is outdated when that is.
    Nest,
    /// By the builder; written by one task of one process, which puts the new value itself.
    Own,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) family: Family,
    pub(super) shelf: u8,
    pub(super) id: u32,
}

/// What is cached of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) version: u64,
    pub(super) owner: u32,
}

pub(super) const SHELVES: u8 = 3;
const ITEMS_A_SHELF: u32 = 3;
const BARE: u32 = 4;
const BUILT: u32 = 6;
const OWN: u32 = 3;
pub(super) const OWNERS: u32 = 2;

impl Subject {
    pub(super) fn all() -> Vec<Self> {
        let items = (0..SHELVES).flat_map(|shelf| {
            (0..ITEMS_A_SHELF).map(move |id| Self { family: Family::Item, shelf, id })
        });
        let bare = (0..BARE).map(|id| Self { family: Family::Bare, shelf: 0, id });
        let built = (0..BUILT).map(|id| Self { family: Family::Built, shelf: 0, id });
        let nests = (0..SHELVES).flat_map(|shelf| {
            (0..ITEMS_A_SHELF).map(move |id| Self { family: Family::Nest, shelf, id })
        });
        let own = (0..OWN).map(Self::own);
        items.chain(bare).chain(built).chain(nests).chain(own).collect()
    }

    /// A row, the first of each family more often than the last.
    pub(super) fn draw(random: &mut fastrand::Rng) -> Self {
        let low =
            |random: &mut fastrand::Rng, below: u32| random.u32(..below).min(random.u32(..below));
        match random.u8(..14) {
            10..13 => {
                let shelf = random.u8(..SHELVES);
                Self { family: Family::Nest, shelf, id: low(random, ITEMS_A_SHELF) }
            }
            13 => Self::own(low(random, OWN)),
            0..5 => {
                let shelf = random.u8(..SHELVES);
                Self { family: Family::Item, shelf, id: low(random, ITEMS_A_SHELF) }
            }
            5..7 => Self { family: Family::Bare, shelf: 0, id: low(random, BARE) },
            _ => Self { family: Family::Built, shelf: 0, id: low(random, BUILT) },
        }
    }

    /// The row of one process.
    pub(super) fn own(slot: u32) -> Self {
        Self { family: Family::Own, shelf: 0, id: slot }
    }

    /// The row that a nest shows.
    pub(super) fn inner(self) -> Self {
        Self { family: Family::Item, ..self }
    }

    /// All keys under which the row is cached.
    pub(super) fn keys(&self) -> Vec<String> {
        match self.family {
            Family::Item | Family::Nest => {
                let nest = Self { family: Family::Nest, ..*self };
                vec![self.inner().key(), nest.key()]
            }
            _ => vec![self.key()],
        }
    }

    /// The rendered key, which names the row as well.
    pub(super) fn key(&self) -> String {
        let Self { family, shelf, id } = self;
        match family {
            Family::Item => format!("item:{shelf}:{id}"),
            Family::Bare => format!("bare:{id}"),
            Family::Built => format!("built:{id}"),
            // A pattern over the items of a shelf matches it as well.
            Family::Nest => format!("item:{shelf}:{id}:nest"),
            Family::Own => format!("own:{id}"),
        }
    }

    /// Who owns the row: known to the source, and to readers by the value only.
    pub(super) fn owner(&self) -> u32 {
        (u32::from(self.shelf) + self.id) % OWNERS
    }

    /// The tags that an entry of the row carries.
    pub(super) fn tags(&self, owner: u32) -> Vec<String> {
        match self.family {
            Family::Item | Family::Nest => {
                vec![format!("shelf:{}", self.shelf), format!("owner:{owner}")]
            }
            Family::Bare | Family::Own => Vec::new(),
            Family::Built => vec![self.rack(), "built".to_owned()],
        }
    }

    pub(super) fn rack(&self) -> String {
        format!("rack:{}", self.id % 2)
    }

    pub(super) fn targets(&self) -> Vec<Target> {
        self.keys().into_iter().map(Target::key).collect()
    }
}
