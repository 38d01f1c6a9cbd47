//! Timers that seldom ring: almost always what is waited for comes first, so to set one and to take it back is to cost little.
//!
//! A timer of tokio's is put into a wheel and taken out again, some 900 instructions, a twentieth of a hit in the remote tier.
//! Here each runtime has a list of all that are set, and a task that sleeps until the earliest of them would ring. It looks
//! through the list then, which costs more the more are set; so nothing that ends by its timer as a rule is to wait here.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Rings at a moment, unless it is dropped before.
pub(crate) struct Alarm {
    at: Instant,
    set: Option<(Arc<List>, usize)>,
}

/// What comes of some work, if it comes within a time.
///
/// Not an `async fn`, whose future carries the work twice.
///
/// # Cancel safety
/// That of the work.
pub(crate) fn within<F: Future + Unpin>(time: Duration, work: F) -> Within<F> {
    Within { work, alarm: Alarm::after(time) }
}

pub(crate) struct Within<F> {
    work: F,
    alarm: Alarm,
}

impl<F: Future + Unpin> Future for Within<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { work, alarm } = self.get_mut();
        match Pin::new(work).poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => alarm.poll(cx).map(|()| None),
        }
    }
}

impl Alarm {
    pub(crate) fn after(time: Duration) -> Self {
        Self { at: Instant::now() + time, set: None }
    }

    /// Whether it rings. Whoever is told that it does not is woken when it does.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        let rings = match &self.set {
            Some((list, place)) => list.rings(*place, cx.waker()),
            None => {
                let list = List::here();
                let place = list.set(self.at, cx.waker());
                self.set = place.map(|place| (list, place));
                self.set.is_none()
            }
        };
        if rings { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some((list, place)) = self.set.take() {
            list.take_back(place);
        }
    }
}

/// The alarms of a runtime.
struct List {
    alarms: Mutex<Alarms>,
    /// One was set that rings before the task would look.
    earlier: Notify,
}

#[derive(Default)]
struct Alarms {
    places: Vec<Place>,
    free: Vec<usize>,
    /// When the task looks next; with the first that is set, if nothing is said.
    looks: Option<Instant>,
    /// With its runtime: all ring then, and whatever is set.
    ended: bool,
}

enum Place {
    Free,
    Set(Instant, Waker),
    Rung,
}

impl Alarms {
    /// Has those ring that this holds for. Gives who is to be woken, once nothing is locked.
    fn ring(&mut self, is_due: impl Fn(Instant) -> bool) -> Vec<Waker> {
        let mut rung = Vec::new();
        for place in &mut self.places {
            if matches!(place, Place::Set(at, _) if is_due(*at))
                && let Place::Set(_, waker) = std::mem::replace(place, Place::Rung)
            {
                rung.push(waker);
            }
        }
        rung
    }

    /// When the next rings.
    fn next(&self) -> Option<Instant> {
        let at = |place: &Place| match place {
            Place::Set(at, _) => Some(*at),
            Place::Free | Place::Rung => None,
        };
        self.places.iter().filter_map(at).min()
    }
}

impl List {
    /// That of the runtime that this is called in.
    fn here() -> Arc<Self> {
        thread_local!(static HERE: RefCell<Option<(Id, Arc<List>)>> = const { RefCell::new(None) });
        let runtime = Handle::current();
        let id = runtime.id();
        HERE.with_borrow_mut(|here| match here {
            Some((known, list)) if *known == id => list.clone(),
            _ => here.insert((id, Self::of(&runtime))).1.clone(),
        })
    }

    /// That of a runtime, made where it has none.
    fn of(runtime: &Handle) -> Arc<Self> {
        static ALL: Mutex<Vec<(Id, Weak<List>)>> = Mutex::new(Vec::new());
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, list)| list.strong_count() > 0);
        let known = all.iter().find(|(id, _)| *id == runtime.id());
        if let Some(list) = known.and_then(|(_, list)| list.upgrade()) {
            return list;
        }
        let list = Arc::new(Self { alarms: Mutex::default(), earlier: Notify::new() });
        all.push((runtime.id(), Arc::downgrade(&list)));
        drop(all);
        runtime.spawn(Ringing(list.clone()).ring());
        list
    }

    /// Gives its place; none where it would ring at once.
    fn set(&self, at: Instant, waker: &Waker) -> Option<usize> {
        let mut alarms = self.lock();
        if alarms.ended {
            return None;
        }
        let set = Place::Set(at, waker.clone());
        let place = match alarms.free.pop() {
            Some(place) => {
                alarms.places[place] = set;
                place
            }
            None => {
                alarms.places.push(set);
                alarms.places.len() - 1
            }
        };
        let is_earlier = alarms.looks.is_none_or(|looks| at < looks);
        if is_earlier {
            alarms.looks = Some(at);
        }
        drop(alarms);
        if is_earlier {
            self.earlier.notify_one();
        }
        Some(place)
    }

    fn rings(&self, place: usize, waker: &Waker) -> bool {
        let mut alarms = self.lock();
        let (rings, before) = match &mut alarms.places[place] {
            Place::Set(_, known) if known.will_wake(waker) => (false, None),
            Place::Set(_, known) => (false, Some(std::mem::replace(known, waker.clone()))),
            Place::Free | Place::Rung => (true, None),
        };
        drop(alarms);
        // A waker's end may be a task's.
        drop(before);
        rings
    }

    fn take_back(&self, place: usize) {
        let mut alarms = self.lock();
        let gone = std::mem::replace(&mut alarms.places[place], Place::Free);
        alarms.free.push(place);
        drop(alarms);
        drop(gone);
    }

    /// Has those ring whose time has come. Gives the time of the next.
    fn ring(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut alarms = self.lock();
        let rung = alarms.ring(|at| at <= now);
        let next = alarms.next();
        alarms.looks = next;
        if alarms.free.len() == alarms.places.len() {
            // What many needed at one time is not kept.
            (alarms.places, alarms.free) = (Vec::new(), Vec::new());
        }
        drop(alarms);
        rung.into_iter().for_each(Waker::wake);
        next
    }

    fn lock(&self) -> MutexGuard<'_, Alarms> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task of a list.
struct Ringing(Arc<List>);

impl Ringing {
    async fn ring(self) {
        loop {
            match self.0.ring() {
                Some(next) => tokio::select! {
                    () = tokio::time::sleep_until(next) => {}
                    () = self.0.earlier.notified() => {}
                },
                None => self.0.earlier.notified().await,
            }
        }
    }
}

impl Drop for Ringing {
    fn drop(&mut self) {
        let mut alarms = self.0.lock();
        alarms.ended = true;
        let rung = alarms.ring(|_| true);
        drop(alarms);
        rung.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, poll_fn};

    const SECOND: Duration = Duration::from_secs(1);

    fn after(time: Duration) -> impl Future<Output = ()> {
        let mut alarm = Alarm::after(time);
        poll_fn(move |cx| alarm.poll(cx))
    }

    /// How many stand in the list of this runtime.
    fn set_here() -> usize {
        let list = List::here();
        let alarms = list.lock();
        alarms.places.len() - alarms.free.len()
    }

    #[tokio::test(start_paused = true)]
    async fn each_rings_at_its_time_whichever_was_set_first() {
        let began = Instant::now();
        let at = |seconds: u32| {
            tokio::spawn(async move {
                after(SECOND * seconds).await;
                began.elapsed().as_millis()
            })
        };
        let all = [30, 10, 20, 10, 40].map(at);
        for (task, expected) in all.into_iter().zip([30, 10, 20, 10, 40]) {
            let rung = task.await.unwrap();
            assert!((expected * 1_000..=expected * 1_000 + 2).contains(&rung), "{rung}");
        }
        assert_eq!(set_here(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_time_is_given_and_the_alarm_is_taken_back() {
        assert_eq!(within(SECOND, std::future::ready(7)).await, Some(7));
        let late = Box::pin(async {
            tokio::time::sleep(SECOND / 2).await;
            8
        });
        assert_eq!(within(SECOND, late).await, Some(8));
        assert_eq!(set_here(), 0);
        assert_eq!(within(SECOND, pending::<()>()).await, None);
        assert_eq!(within(Duration::ZERO, pending::<()>()).await, None);
        assert_eq!(set_here(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_taken_back_does_not_ring_for_the_next_at_its_place() {
        let mut first = Box::pin(within(SECOND, pending::<()>()));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        tokio::time::advance(SECOND / 2).await;
        drop(first);
        let began = Instant::now();
        assert_eq!(within(SECOND, pending::<()>()).await, None);
        assert!(began.elapsed() >= SECOND, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_polls_last_is_woken() {
        let mut moved = Box::pin(within(SECOND, pending::<()>()));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(moved.as_mut().poll(&mut cx).is_pending());
        assert_eq!(tokio::spawn(moved).await.unwrap(), None);
    }

    #[test]
    fn with_the_runtime_all_ring() {
        let runtime =
            || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let ended = runtime();
        let mut waits = Box::pin(within(SECOND * 1_000, pending::<()>()));
        ended.block_on(async {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(waits.as_mut().poll(&mut cx).is_pending());
        });
        drop(ended);
        assert_eq!(runtime().block_on(waits), None);
    }
}
