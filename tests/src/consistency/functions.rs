//! The annotated functions under test, with bodies that record what they do and misbehave when told to.

use super::observe;
use super::subject::{Item, Subject};
use super::world::World;
use cached_core::{cached, invalidates};
use cached_testkit::history::{PendingInvalidation, PendingLoad, Recorder, Target};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a load behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Plain,
    /// It takes its time, after it has seen the row.
    Slow(Duration),
    Fails,
    Panics,
}

/// How a write behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// What it still does after its commit.
    pub(super) lingers: Option<Duration>,
    /// It returns an error although it has committed.
    pub(super) fails: bool,
}

/// Why a load or a write failed. Callers that wait for the load are given clones.
///
/// A load counts as running until its failure has reached a caller: until then others may be given it.
#[derive(Debug, Clone)]
pub(super) struct Failure(Arc<Mutex<Option<PendingLoad>>>);

impl Failure {
    fn of(load: Option<PendingLoad>) -> Self {
        Self(Arc::new(Mutex::new(load)))
    }

    pub(super) fn received(&self) {
        if let Some(load) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            load.failed();
        }
    }
}

/// A failure of which callers cannot be given clones: they load one after the other.
#[derive(Debug)]
pub(super) struct OwnFailure(pub(super) Failure);

impl From<Failure> for OwnFailure {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

/// What a panicking load panics with.
pub(super) struct OnPurpose;

#[cached(
    ttl = "medium",
    key = "item:<shelf>:<id>",
    tags = ["shelf:<shelf>", "owner:<return.owner>"],
    skip(world, recorder, mood)
)]
pub(super) async fn item(
    world: &World,
    recorder: &Recorder,
    shelf: u8,
    id: u32,
    mood: Mood,
) -> Result<Item, Failure> {
    load(world, recorder, Subject { family: super::subject::Family::Item, shelf, id }, mood).await
}

/// Rests on another cached function.
#[cached(
    ttl = "medium",
    key = "item:<shelf>:<id>:nest",
    tags = ["shelf:<shelf>", "owner:<return.owner>"],
    skip(world, recorder, mood)
)]
pub(super) async fn nest(
    world: &World,
    recorder: &Recorder,
    shelf: u8,
    id: u32,
    mood: Mood,
) -> Result<Item, Failure> {
    observe::loads();
    let subject = Subject { family: super::subject::Family::Nest, shelf, id };
    let tags = subject.tags(subject.owner());
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let load = recorder.load(&subject.key(), &tags);
    match item(world, recorder, shelf, id, mood).await {
        Ok(item) => {
            load.loaded(Some(item.version));
            Ok(item)
        }
        Err(failure) => {
            failure.received();
            Err(Failure::of(Some(load)))
        }
    }
}

#[cached(ttl = "medium", key = "bare:<id>", local = off, skip(world, recorder, mood))]
pub(super) async fn bare(
    world: &World,
    recorder: &Recorder,
    id: u32,
    mood: Mood,
) -> Result<Item, OwnFailure> {
    let subject = Subject { family: super::subject::Family::Bare, shelf: 0, id };
    Ok(load(world, recorder, subject, mood).await?)
}

/// The body of every load.
pub(super) async fn load(
    world: &World,
    recorder: &Recorder,
    subject: Subject,
    mood: Mood,
) -> Result<Item, Failure> {
    observe::loads();
    let key = subject.key();
    let tags = subject.tags(subject.owner());
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let load = recorder.load(&key, &tags);
    match mood {
        Mood::Fails => return Err(Failure::of(Some(load))),
        Mood::Panics => std::panic::panic_any(OnPurpose),
        Mood::Plain | Mood::Slow(_) => {}
    }
    let item = world.source.load(&key).await.expect("Postgres answers");
    if let Mood::Slow(time) = mood {
        tokio::time::sleep(time).await;
    }
    load.loaded(Some(item.version));
    Ok(item)
}

/// Where the invalidation of an annotated write is kept while the write runs.
pub(super) type Slot = Mutex<Option<PendingInvalidation>>;

/// A write that is under way: who records it, where, and how it behaves.
pub(super) struct Writing<'a> {
    pub(super) world: &'a World,
    pub(super) recorder: &'a Recorder,
    pub(super) slot: &'a Slot,
    pub(super) subject: Subject,
    pub(super) manner: Manner,
}

#[invalidates(item(shelf, id), nest(shelf, id))]
pub(super) async fn write_item(writing: &Writing<'_>, shelf: u8, id: u32) -> Result<Item, Failure> {
    writing.commit().await
}

#[invalidates(tags = ["shelf:<shelf>"])]
pub(super) async fn write_shelf(writing: &Writing<'_>, shelf: u8) -> Result<Item, Failure> {
    writing.commit().await
}

#[invalidates(pattern = "item:<shelf>:*")]
pub(super) async fn write_shelf_keys(writing: &Writing<'_>, shelf: u8) -> Result<Item, Failure> {
    writing.commit().await
}

#[invalidates(tags = ["owner:<return.owner>"])]
pub(super) async fn write_owner(writing: &Writing<'_>) -> Result<Item, Failure> {
    // A tag of the value is owed only where there is a value: from the end of the body on, if it succeeds.
    let (item, committed) = writing.raise().await;
    writing.linger().await;
    if writing.manner.fails {
        return Err(Failure::of(None));
    }
    let owned = Target::tag(format!("owner:{}", item.owner));
    writing.leave(writing.recorder.invalidate(vec![owned]).since(committed));
    Ok(item)
}

#[invalidates(bare(id))]
pub(super) async fn write_bare(writing: &Writing<'_>, id: u32) -> Result<Item, Failure> {
    writing.commit().await
}

impl Writing<'_> {
    /// What an annotated write owes from its first poll on: it invalidates however it ends. Its record begins here
    /// and is put off to the commit, if there is one.
    pub(super) fn owe(&self, targets: Vec<Target>) {
        self.leave(self.recorder.invalidate(targets));
    }

    /// The body of an annotated write: a transaction, and what comes after it.
    async fn commit(&self) -> Result<Item, Failure> {
        let (item, committed) = self.raise().await;
        if let Some(invalidation) = take(self.slot) {
            self.leave(invalidation.since(committed));
        }
        self.linger().await;
        if self.manner.fails { Err(Failure::of(None)) } else { Ok(item) }
    }

    pub(super) fn leave(&self, invalidation: PendingInvalidation) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(invalidation);
    }

    /// Commits a new version of the row; the moment of the commit's end.
    pub(super) async fn raise(&self) -> (Item, u64) {
        let key = self.subject.key();
        let (item, transaction) = self.world.source.raise(&key).await.expect("Postgres answers");
        let keys = self.subject.keys();
        let writes: Vec<_> =
            keys.iter().map(|key| self.recorder.write(key, item.version)).collect();
        transaction.commit().await.expect("Postgres commits");
        let ends = writes.into_iter().map(|write| write.committed());
        (item, ends.max().expect("a row has a key"))
    }

    pub(super) async fn linger(&self) {
        if let Some(time) = self.manner.lingers {
            tokio::time::sleep(time).await;
        }
    }
}

/// Takes what is in a slot.
pub(super) fn take(slot: &Slot) -> Option<PendingInvalidation> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
