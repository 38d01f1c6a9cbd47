//! Breaking things as scheduled, and telling the history of it.

use super::schedule::{Break, Planned};
use super::stage::Stage;
use cached_testkit::Fault;
use cached_testkit::history::{Incident, PendingIncident};
use std::sync::Arc;
use std::time::Duration;

/// Lets the faults of one lane strike, one after the other.
pub(super) async fn strike(stage: Arc<Stage>, lane: Vec<Planned>, round: u64) {
    for Planned { after, what, lasts } in lane {
        tokio::time::sleep(after).await;
        stage.count(what.name());
        match what {
            Break::Kill | Break::Pause | Break::Flush | Break::Full => {
                server(&stage, what, lasts).await
            }
            Break::KillNode(slot) => stage.replace(slot, lasts, round).await,
            Break::Cut(slot)
            | Break::Refuse(slot)
            | Break::Stall(slot)
            | Break::Freeze(slot)
            | Break::HalfOpen(slot)
            | Break::Slow(slot)
            | Break::Garbage(slot, _)
            | Break::LoseReply(slot, _)
            | Break::LoseCommand(slot, _) => network(&stage, slot, what, lasts).await,
        }
    }
}

/// The server's controls block for a moment, so they run beside the runtime.
async fn server(stage: &Arc<Stage>, what: Break, lasts: Duration) {
    let during = stage.incident(match what {
        Break::Kill => Incident::Down,
        Break::Flush => Incident::Flushed,
        _ => Incident::Unreachable,
    });
    let redis = stage.clone();
    let begin = tokio::task::spawn_blocking(move || match what {
        Break::Kill => redis.redis.kill(),
        Break::Flush => redis.redis.flush(),
        Break::Full => limit(&redis, "1"),
        _ => redis.redis.pause(),
    });
    begin.await.expect("the server can be broken");
    tokio::time::sleep(lasts).await;
    let redis = stage.clone();
    let end = tokio::task::spawn_blocking(move || match what {
        Break::Kill => redis.redis.restart().expect("Redis starts again"),
        Break::Flush => {}
        Break::Full => limit(&redis, "0"),
        _ => redis.redis.resume(),
    });
    end.await.expect("the server can be mended");
    PendingIncident::over(during);
}

/// The memory that the server may use, in bytes; 0 is without limit.
fn limit(stage: &Stage, bytes: &str) {
    assert_eq!(stage.redis.cli(&["CONFIG", "SET", "maxmemory", bytes]), "OK");
}

async fn network(stage: &Stage, slot: usize, what: Break, lasts: Duration) {
    let during = stage.incident(Incident::Unreachable);
    let proxy = &stage.proxies[slot];
    match what {
        Break::Cut(_) => proxy.set(Fault::Cut).await,
        Break::Refuse(_) => proxy.set(Fault::Refuse).await,
        Break::Stall(_) => proxy.set(Fault::Stall).await,
        Break::Freeze(_) => proxy.set(Fault::Freeze).await,
        Break::HalfOpen(_) => proxy.set(Fault::HalfOpen).await,
        Break::Slow(_) => proxy.set(Fault::Slow(Duration::from_millis(15))).await,
        Break::Garbage(_, seed) => proxy.set(Fault::Garbage { seed }).await,
        Break::LoseReply(_, command) => proxy.lose_reply_of(command),
        Break::LoseCommand(_, command) => proxy.lose_command(command),
        Break::Kill | Break::Pause | Break::Flush | Break::Full | Break::KillNode(_) => {}
    }
    tokio::time::sleep(lasts).await;
    proxy.set(Fault::Pass).await;
    during.over();
}
