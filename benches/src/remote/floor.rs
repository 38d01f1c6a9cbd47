//! What a cache could reach at best: our command alone, and a queue whose look-ups go together as one `MGET`. Nothing here
//! takes leases, shares look-ups, times out, or knows of invalidations.

use crate::callers::Concurrent;
use crate::value::Course;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

/// So many pipelines are in flight at a time, of at most so many names.
const IN_FLIGHT: usize = 2;
const TOGETHER: usize = 256;

/// A name, and who waits for what is there.
type Asked = (String, oneshot::Sender<Vec<u8>>);
/// Who waits for the answers to what was sent.
type InFlight = Arc<Mutex<VecDeque<Vec<Asked>>>>;

pub(super) fn variants(runtime: &Runtime, url: &str) -> Vec<Concurrent> {
    vec![by_take(runtime, url), by_client(runtime, url), by_socket(runtime, url)]
}

fn name(id: uuid::Uuid) -> String {
    format!("bare:{id}")
}

fn connection(runtime: &Runtime, url: &str) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(url).expect("a URL");
    runtime.block_on(client.get_multiplexed_async_connection()).expect("a connection")
}

/// The bare client with the command that takes a lease where nothing is.
fn by_take(runtime: &Runtime, url: &str) -> Concurrent {
    let connection = connection(runtime, url);
    Concurrent::new("floor: redis-rs, `SET NX GET PX` + serde_json", move |id| {
        let mut connection = connection.clone();
        async move {
            let mut take = redis::cmd("SET");
            take.arg(name(id)).arg(&[7_u8; 26][..]).arg("NX").arg("GET").arg("PX").arg(2_000);
            let found: Vec<u8> = take.query_async(&mut connection).await.expect("an answer");
            serde_json::from_slice::<Course>(&found).expect("a course")
        }
    })
}

fn by_client(runtime: &Runtime, url: &str) -> Concurrent {
    let connection = connection(runtime, url);
    let (ask, mut asked) = unbounded_channel();
    runtime.spawn(async move {
        let places = Arc::new(Semaphore::new(IN_FLIGHT));
        loop {
            let place = places.clone().acquire_owned().await.expect("it is not closed");
            let Some(many) = next(&mut asked).await else { return };
            let mut connection = connection.clone();
            tokio::spawn(async move {
                let names = many.iter().fold(redis::cmd("MGET"), |mut mget, (name, _)| {
                    mget.arg(name);
                    mget
                });
                let found: Vec<Vec<u8>> = names.query_async(&mut connection).await.expect("values");
                drop(place);
                for ((_, caller), bytes) in many.into_iter().zip(found) {
                    let _ = caller.send(bytes);
                }
            });
        }
    });
    queued("floor: a queue, `MGET` by redis-rs + serde_json", ask)
}

fn by_socket(runtime: &Runtime, url: &str) -> Concurrent {
    let address = url.trim_start_matches("redis://").trim_end_matches('/').to_owned();
    let stream = runtime.block_on(tokio::net::TcpStream::connect(address)).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let (read, write) = stream.into_split();
    let (ask, asked) = unbounded_channel();
    let (in_flight, places) = (InFlight::default(), Arc::new(Semaphore::new(IN_FLIGHT)));
    runtime.spawn(write_all(write, asked, in_flight.clone(), places.clone()));
    runtime.spawn(read_all(read, in_flight, places));
    queued("floor: a queue, `MGET` on a socket + serde_json", ask)
}

fn queued(what: &'static str, ask: UnboundedSender<Asked>) -> Concurrent {
    Concurrent::new(what, move |id| {
        let ask = ask.clone();
        async move {
            let (caller, answer) = oneshot::channel();
            ask.send((name(id), caller)).expect("it is read");
            serde_json::from_slice::<Course>(&answer.await.expect("a value")).expect("a course")
        }
    })
}

/// All that wait.
async fn next(asked: &mut UnboundedReceiver<Asked>) -> Option<Vec<Asked>> {
    let mut many = Vec::new();
    (asked.recv_many(&mut many, TOGETHER).await > 0).then_some(many)
}

async fn write_all(
    mut write: OwnedWriteHalf,
    mut asked: UnboundedReceiver<Asked>,
    in_flight: InFlight,
    places: Arc<Semaphore>,
) {
    loop {
        places.acquire().await.expect("it is not closed").forget();
        let Some(many) = next(&mut asked).await else { return };
        let mut request = format!("*{}\r\n$4\r\nMGET\r\n", many.len() + 1);
        for (name, _) in &many {
            request.push_str(&format!("${}\r\n{name}\r\n", name.len()));
        }
        in_flight.lock().expect("no panic").push_back(many);
        write.write_all(request.as_bytes()).await.expect("a connection");
    }
}

async fn read_all(mut read: OwnedReadHalf, in_flight: InFlight, places: Arc<Semaphore>) {
    let (mut buffer, mut waiting) = (Vec::with_capacity(1 << 20), VecDeque::new());
    while read.read_buf(&mut buffer).await.expect("a connection") > 0 {
        let mut rest = &*buffer;
        loop {
            if waiting.is_empty() {
                let Some((_, behind)) = number(b'*', rest) else { break };
                rest = behind;
                waiting = in_flight.lock().expect("no panic").pop_front().expect("asked").into();
                places.add_permits(1);
            }
            let Some((length, behind)) = number(b'$', rest) else { break };
            let Some((value, behind)) = behind.split_at_checked(length) else { break };
            let Some(behind) = behind.get(2..) else { break };
            let (_, caller): Asked = waiting.pop_front().expect("somebody waits");
            let _ = caller.send(value.to_vec());
            rest = behind;
        }
        let read = buffer.len() - rest.len();
        buffer.drain(..read);
    }
}

/// The number in a line that has come whole, and what is behind it.
fn number(kind: u8, text: &[u8]) -> Option<(usize, &[u8])> {
    let end = text.iter().take(16).position(|byte| *byte == b'\n')?;
    let (line, behind) = text.split_at(end + 1);
    assert_eq!(line[0], kind, "an answer of another kind");
    let digits = std::str::from_utf8(&line[1..end - 1]).expect("digits");
    Some((digits.parse().expect("a number"), behind))
}
