//! What goes together, and what becomes of the others when a caller, an answer or a runtime is lost.

use super::state::IN_FLIGHT;
use super::width::READS as TOGETHER;
use super::*;
use crate::codec::Form;
use crate::remote::transport::{Reply, Resends, TransportFuture};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Answers each command with its own argument, one pipeline for each permit; keeps the pipelines' lengths.
struct Gated {
    gate: Semaphore,
    lengths: Mutex<Vec<usize>>,
    resets: AtomicUsize,
    fault: Mutex<Option<Fault>>,
    in_order: bool,
}

impl Transport for Gated {
    fn in_order(&self) -> bool {
        self.in_order
    }

    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Answer> {
        self.lengths.lock().unwrap().push(commands.len());
        Box::pin(async move {
            self.gate.acquire().await.expect("it is never closed").forget();
            if let Some(fault) = self.fault.lock().unwrap().clone() {
                return Err(fault);
            }
            let argument = |command: &Command| command.args().nth(1).unwrap_or_default().to_vec();
            let echo = |command: &Command| Reply::bytes(argument(command));
            Ok(commands.iter().map(echo).collect())
        })
    }

    fn reset(&self) {
        self.resets.fetch_add(1, Ordering::SeqCst);
    }

    fn block(&self, _: Command, _: Duration) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        None
    }
}

fn gated() -> (Arc<Gated>, Arc<Reads>) {
    gated_and(true)
}

fn gated_and(in_order: bool) -> (Arc<Gated>, Arc<Reads>) {
    let transport = Arc::new(Gated {
        gate: Semaphore::new(0),
        lengths: Mutex::default(),
        resets: AtomicUsize::new(0),
        fault: Mutex::default(),
        in_order,
    });
    (
        transport.clone(),
        Reads::new(
            transport,
            Arc::new(Taking::new(Form::Bytes, 1_000, Resends::Never)),
            Duration::from_secs(1),
        ),
    )
}

/// Callers of two commands each, all of whom have asked when this returns.
async fn callers(reads: &Arc<Reads>, numbers: std::ops::Range<u64>) -> Vec<JoinHandle<Answer>> {
    let ask = |number: u64| {
        let reads = reads.clone();
        tokio::spawn(async move {
            let command = |text: String| Command::new("GET").arg(text);
            reads.ask(vec![command(format!("{number}a")), command(format!("{number}b"))]).await
        })
    };
    let asked = numbers.map(ask).collect();
    settled().await;
    asked
}

/// On a runtime of one thread every other task has run until it waits.
async fn settled() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn assert_answered(caller: JoinHandle<Answer>, number: u64) {
    let expected = ["a", "b"].map(|part| Reply::bytes(format!("{number}{part}")));
    assert_eq!(caller.await.unwrap(), Ok(expected.to_vec()));
}

fn assert_idle(reads: &Reads) {
    let state = reads.lock();
    assert_eq!((state.pipelines, state.in_flight), (0, 0));
    assert_eq!((state.wanted, state.waiting.len()), (0, 0));
}

#[tokio::test]
async fn two_go_at_once_and_the_rest_when_they_are_as_many_as_those_in_flight() {
    let (transport, reads) = gated();
    let asked = callers(&reads, 0..200).await;
    let mut lengths = vec![2, 2, 4, 8, 16, 32, 64, 128];
    assert_eq!(*transport.lengths.lock().unwrap(), lengths, "two commands of each caller");
    transport.gate.add_permits(100);
    for (number, caller) in asked.into_iter().enumerate() {
        assert_answered(caller, number as u64).await;
    }
    lengths.push(2 * (200 - 128));
    assert_eq!(*transport.lengths.lock().unwrap(), lengths, "who waited goes together");
    assert_answered(callers(&reads, 7..8).await.pop().unwrap(), 7).await;
    assert_eq!(transport.lengths.lock().unwrap().last(), Some(&2), "at once again");
    assert_idle(&reads);
}

/// Callers of a value each that is so large, all of whom have asked when this returns.
async fn callers_of_values(
    reads: &Arc<Reads>,
    count: usize,
    bytes: usize,
) -> Vec<JoinHandle<Answer>> {
    let ask = |_| {
        let reads = reads.clone();
        tokio::spawn(
            async move { reads.ask(vec![Command::new("GET").arg(vec![b'v'; bytes])]).await },
        )
    };
    let asked = (0..count).map(ask).collect();
    settled().await;
    asked
}

#[tokio::test]
async fn once_values_are_known_to_be_large_fewer_go_together() {
    let (transport, reads) = gated();
    let asked = callers_of_values(&reads, 40, 600_000).await;
    let mut lengths = vec![1, 1, 2, 4, 8, 16];
    assert_eq!(*transport.lengths.lock().unwrap(), lengths);
    transport.gate.add_permits(1_000);
    for caller in asked {
        assert_eq!(caller.await.unwrap().map(|replies| replies.len()), Ok(1));
    }
    lengths.extend([1; 8]);
    assert_eq!(*transport.lengths.lock().unwrap(), lengths, "who waited goes alone");
    assert_idle(&reads);
}

#[tokio::test(start_paused = true)]
async fn after_a_timeout_fewer_go_together_until_answers_come() {
    let (transport, reads) = gated();
    for caller in callers_of_values(&reads, 16, 10).await {
        assert_eq!(caller.await.unwrap(), Err(Fault::Timeout));
    }
    let before = transport.lengths.lock().unwrap().len();
    let asked = callers_of_values(&reads, 64, 10).await;
    transport.gate.add_permits(1_000);
    for caller in asked {
        assert_eq!(caller.await.unwrap().map(|replies| replies.len()), Ok(1));
    }
    let lengths = transport.lengths.lock().unwrap()[before..].to_vec();
    assert_eq!(lengths[..4], [1; 4], "{lengths:?}");
    assert!(lengths.iter().any(|length| *length > 4), "{lengths:?}");
    assert_eq!(lengths.iter().sum::<usize>(), 64);
    assert_idle(&reads);
}

#[tokio::test]
async fn a_cancelled_caller_loses_nobody_elses_read() {
    let (transport, reads) = gated();
    let mut asked = callers(&reads, 0..7).await;
    // One that waits, then those that are in flight alone.
    for number in [4, 1, 0] {
        asked.remove(number).abort();
    }
    settled().await;
    assert_eq!(
        *transport.lengths.lock().unwrap(),
        [2, 2, 4, 4],
        "nothing of who waited and was cancelled"
    );
    transport.gate.add_permits(100);
    for (caller, number) in asked.into_iter().zip([2, 3, 5, 6]) {
        assert_answered(caller, number).await;
    }
    assert_idle(&reads);
}

#[tokio::test]
async fn there_is_an_end_to_what_is_in_flight() {
    let (transport, reads) = gated();
    let most = (IN_FLIGHT / 2 + TOGETHER) as u64;
    let asked = callers(&reads, 0..3 * most).await;
    let sent: usize = transport.lengths.lock().unwrap().iter().sum();
    assert_eq!(sent, reads.lock().in_flight);
    assert!((IN_FLIGHT..IN_FLIGHT + 2 * TOGETHER).contains(&sent), "{sent}");
    transport.gate.add_permits(1000);
    for (number, caller) in asked.into_iter().enumerate() {
        assert_answered(caller, number as u64).await;
    }
    assert!(*transport.lengths.lock().unwrap().iter().max().unwrap() <= 2 * TOGETHER);
    assert_idle(&reads);
}

/// A request of many hangs, over a connection of its own.
#[tokio::test]
async fn one_that_hangs_stops_nobody() {
    let (transport, reads) = gated_and(false);
    let hangs = {
        let mut state = reads.lock();
        let names = state.sends(64);
        Place::of(&reads, &state, names, false)
    };
    let asked = callers(&reads, 0..5).await;
    assert_eq!(*transport.lengths.lock().unwrap(), [2], "one at once");
    transport.gate.add_permits(100);
    for (number, caller) in asked.into_iter().enumerate() {
        assert_answered(caller, number as u64).await;
    }
    assert_eq!(*transport.lengths.lock().unwrap(), [2, 8], "the rest when it has come back");
    drop(hangs);
    assert_idle(&reads);
}

#[tokio::test]
async fn a_fault_is_every_callers() {
    let (transport, reads) = gated();
    let asked = callers(&reads, 0..5).await;
    *transport.fault.lock().unwrap() = Some(Fault::Io("cut".into()));
    transport.gate.add_permits(100);
    for caller in asked {
        assert_eq!(caller.await.unwrap(), Err(Fault::Io("cut".into())));
    }
    assert_idle(&reads);
}

#[tokio::test]
async fn look_ups_share_a_pipeline_with_other_reads_and_its_fault() {
    let (transport, reads) = gated();
    let mut asked = callers(&reads, 0..2).await;
    // Nobody goes until one has come back.
    reads.lock().in_flight += 100;
    asked.extend(callers(&reads, 2..3).await);
    let look_up = |entry: u32| {
        let names =
            || LookUp { entry: entry.to_string(), is_there: false, generations: Vec::new() };
        let sight = reads.together(names).expect("others are in flight");
        let reads = reads.clone();
        tokio::spawn(async move { reads.wait_for(sight).await })
    };
    let mut sights: Vec<_> = (0..7).map(look_up).collect();
    sights.pop().unwrap().abort();
    settled().await;
    reads.lock().in_flight -= 100;
    transport.gate.add_permits(1);
    settled().await;
    let of_one_caller = 2;
    assert_eq!(
        *transport.lengths.lock().unwrap(),
        [2, 2, 2 + of_one_caller],
        "six are two commands"
    );
    *transport.fault.lock().unwrap() = Some(Fault::Io("cut".into()));
    transport.gate.add_permits(100);
    for sight in sights {
        assert_eq!(sight.await.unwrap().err(), Some(Fault::Io("cut".into())));
    }
    assert_answered(asked.into_iter().next().unwrap(), 0).await;
    assert_idle(&reads);
    assert!(reads.together(|| unreachable!("it would be sent at once")).is_none());
}

/// Its future stands in a stream, say, that is not asked for more.
#[tokio::test(start_paused = true)]
async fn a_caller_that_nobody_polls_holds_others_up_for_a_part_of_the_timeout() {
    let (transport, reads) = gated();
    let commands = ["a", "b", "c"].map(|argument| Command::new("GET").arg(argument));
    let mut kept = std::pin::pin!(reads.ask(commands.to_vec()));
    let waker = std::task::Waker::noop();
    assert!(kept.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    transport.gate.add_permits(100);
    let start = Instant::now();
    let waiting = callers(&reads, 0..1).await.pop().unwrap();
    assert_eq!(*transport.lengths.lock().unwrap(), [3], "less than what is in flight");
    assert_answered(waiting, 0).await;
    let waited = start.elapsed();
    assert!((reads.patience()..reads.patience() * 2).contains(&waited), "{waited:?}");
    // Who comes after it waits no more.
    assert_answered(callers(&reads, 1..2).await.pop().unwrap(), 1).await;
    assert_eq!(start.elapsed(), waited);
    assert_eq!(kept.await.map(|replies| replies.len()), Ok(3));
    assert_idle(&reads);
}

/// A slow server is asked no more often for it.
#[tokio::test(start_paused = true)]
async fn a_read_that_was_sent_and_is_late_sends_nobody_else() {
    let (transport, reads) = gated();
    let step = Duration::from_millis(1);
    let mut asked = callers(&reads, 0..4).await;
    assert_eq!(*transport.lengths.lock().unwrap(), [2, 2, 4]);
    tokio::time::advance(reads.patience() - step).await;
    asked.extend(callers(&reads, 4..5).await);
    tokio::time::advance(step * 2).await;
    settled().await;
    assert_eq!(*transport.lengths.lock().unwrap(), [2, 2, 4], "it has waited for a moment");
    tokio::time::advance(reads.patience()).await;
    settled().await;
    assert_eq!(*transport.lengths.lock().unwrap(), [2, 2, 4, 2]);
    transport.gate.add_permits(100);
    for (number, caller) in asked.into_iter().enumerate() {
        assert_answered(caller, number as u64).await;
    }
    assert_idle(&reads);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_timeout() {
    let (transport, reads) = gated();
    let asked = callers(&reads, 0..300).await;
    let start = tokio::time::Instant::now();
    for caller in asked {
        assert_eq!(caller.await.unwrap(), Err(Fault::Timeout));
    }
    assert!(start.elapsed() <= Duration::from_millis(1_010), "{:?}", start.elapsed());
    assert_eq!(transport.resets.load(Ordering::SeqCst), 1, "the connection is given up once");
    // What was sent for those who waited hangs too, and its places are free again after another timeout.
    tokio::time::sleep(Duration::from_millis(1_010)).await;
    assert_idle(&reads);
}

#[test]
fn a_runtime_that_ends_leaves_no_place_taken() {
    let (transport, reads) = gated();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    drop(first.block_on(callers(&reads, 0..5)));
    drop(first);
    assert_idle(&reads);
    transport.gate.add_permits(1);
    runtime().block_on(async {
        assert_answered(callers(&reads, 9..10).await.pop().unwrap(), 9).await;
    });
}
