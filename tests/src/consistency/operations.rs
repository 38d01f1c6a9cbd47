//! One operation, done and recorded: the call of a cached function, a write with its invalidation, a look.

use super::functions::{self, Mood, Slot, Writing, take};
use super::observe::observed;
use super::steps::{Way, WriteStep};
use super::subject::{Family, Item, Subject};
use super::world::World;
use cached_core::{Delivery, Invalidation, Pattern, Ttl};
use cached_testkit::history::{Recorder, Target};
use std::sync::Arc;
use std::time::Duration;

/// The life of entries that end within a round, and how long they are served after it.
const SHORT_LIFE: Duration = Duration::from_millis(600);
const WINDOW: Duration = Duration::from_millis(500);

/// Reads a row through the cache.
pub(super) async fn read(world: &Arc<World>, recorder: &Recorder, subject: Subject, mood: Mood) {
    let key = subject.key();
    let read = recorder.read(&key);
    let Subject { family, shelf, id } = subject;
    let (result, seen) = observed(async {
        match family {
            Family::Item => functions::item(world, recorder, shelf, id, mood).await,
            Family::Bare => {
                functions::bare(world, recorder, id, mood).await.map_err(|failure| failure.0)
            }
            Family::Nest => functions::nest(world, recorder, shelf, id, mood).await,
            Family::Own => {
                let described = world.cache.read(key.as_str());
                described.or_load(|| functions::load(world, recorder, subject, mood)).await
            }
            Family::Built => {
                let described = world.cache.read(key.as_str()).tag(subject.rack()).tag("built");
                let described = described.ttl(SHORT_LIFE).stale_if_error(WINDOW);
                let (world, recorder) = (world.clone(), recorder.clone());
                let load = move || {
                    let (world, recorder) = (world.clone(), recorder.clone());
                    async move { functions::load(&world, &recorder, subject, mood).await }
                };
                described.stale_while_revalidate(WINDOW).early_refresh().or_load_owned(load).await
            }
        }
    })
    .await;
    match result {
        Ok(item) => read.returned(Some(item.version), seen.source),
        Err(failure) => {
            failure.received();
            read.failed();
        }
    }
}

/// Looks a row up without loading it.
pub(super) async fn look(world: &World, recorder: &Recorder, subject: Subject) {
    let key = subject.key();
    let read = recorder.read(&key);
    let (item, seen) = observed(world.cache.get::<Item>(key.as_str())).await;
    read.returned(item.map(|item| item.version), seen.source);
}

/// Writes a row and invalidates it in one of the ways that cover it.
///
/// When it is cancelled, what it owes is left in the slot.
pub(super) async fn write(world: &World, recorder: &Recorder, step: WriteStep, slot: &Slot) {
    let WriteStep { subject, way, manner } = step;
    let writing = Writing { world, recorder, slot, subject, manner };
    let Subject { shelf, id, .. } = subject;
    match way {
        Way::Item | Way::Bare => writing.owe(subject.targets()),
        Way::Shelf => writing.owe(vec![Target::tag(format!("shelf:{shelf}"))]),
        Way::ShelfKeys => writing.owe(vec![Target::pattern(format!("item:{shelf}:*"))]),
        // Known at the end of the body, and at the call by hand.
        Way::Owner | Way::Rack | Way::Glob | Way::Everything | Way::Soon | Way::Set => {}
    }
    let (result, seen) = observed(async {
        match way {
            Way::Item => functions::write_item(&writing, shelf, id).await.map(drop),
            Way::Shelf => functions::write_shelf(&writing, shelf).await.map(drop),
            Way::ShelfKeys => functions::write_shelf_keys(&writing, shelf).await.map(drop),
            Way::Owner => functions::write_owner(&writing).await.map(drop),
            Way::Bare => functions::write_bare(&writing, id).await.map(drop),
            Way::Set => {
                put(&writing).await;
                Ok(())
            }
            Way::Rack | Way::Glob | Way::Everything | Way::Soon => {
                by_hand(&writing, way).await;
                Ok(())
            }
        }
    })
    .await;
    // A write fails after its commit only, and its invalidation happened all the same.
    if let Err(failure) = result {
        failure.received();
    }
    if let Some(invalidation) = take(slot) {
        if seen.is_queued { invalidation.queued() } else { invalidation.completed() }
    }
}

fn keys(subject: Subject) -> Invalidation {
    subject.keys().into_iter().fold(Invalidation::new(), Invalidation::key)
}

/// Puts the new value in place of the old one. Only one task writes the row: two who put values without knowing of each
/// other could put them in the wrong order.
async fn put(writing: &Writing<'_>) {
    let Writing { world, recorder, subject, .. } = writing;
    let (item, committed) = writing.raise().await;
    writing.linger().await;
    // Dropped on the way, it invalidates from the queue.
    writing.leave(recorder.invalidate(subject.targets()).since(committed));
    let put = recorder.put(&subject.key(), item.version);
    world.cache.set(subject.key(), item, Ttl::MEDIUM).await;
    put.done();
    if world.cache.queued() > 0
        && let Some(pending) = take(writing.slot)
    {
        pending.queued();
    }
}

/// Writes without annotation: the invalidation is said by hand. It is owed from the first poll of `invalidate` on,
/// which is where its record begins.
async fn by_hand(writing: &Writing<'_>, way: Way) {
    let Writing { world, recorder, subject, .. } = writing;
    let (_, committed) = writing.raise().await;
    writing.linger().await;
    let (targets, what) = match way {
        Way::Rack => {
            let mut targets = subject.targets();
            targets.push(Target::tag(subject.rack()));
            (targets, keys(*subject).tag(subject.rack()))
        }
        Way::Glob => {
            let glob = "built:*";
            let pattern = Pattern::parse(glob).expect("a valid glob");
            (vec![Target::pattern(glob)], Invalidation::new().pattern(pattern))
        }
        Way::Everything => (vec![Target::All], Invalidation::new().everything()),
        _ => (subject.targets(), keys(*subject)),
    };
    let pending = recorder.invalidate(targets).since(committed);
    if way == Way::Soon {
        world.cache.invalidate_soon(what);
        pending.queued();
    } else if world.cache.invalidate(what).await == Delivery::Done {
        pending.completed();
    } else {
        pending.queued();
    }
}
