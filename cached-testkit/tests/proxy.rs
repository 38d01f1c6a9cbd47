//! The fault proxy in front of a real Redis: every fault, and what the counts say.

use std::io::ErrorKind;
use std::time::Duration;

use cached_testkit::{Fault, FaultProxy, RedisServer, eventually, shared_redis, unique_name};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client that says exactly what it is told to.
struct Client(TcpStream);

impl Client {
    async fn connect(proxy: &FaultProxy) -> Self {
        Self(TcpStream::connect(proxy.address()).await.unwrap())
    }

    async fn send(&mut self, words: &[&str]) {
        let mut text = format!("*{}\r\n", words.len());
        for word in words {
            text.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn reply(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        self.0.read_exact(&mut bytes).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    async fn ping(&mut self) {
        self.send(&["PING"]).await;
        self.reply("+PONG\r\n").await;
    }

    /// All that arrives before the connection is closed.
    async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        bytes
    }
}

/// A proxy in front of a server of its own, so that the server's counts are ours.
async fn own_server() -> (RedisServer, FaultProxy) {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    (redis, proxy)
}

async fn shared_server() -> FaultProxy {
    FaultProxy::start(shared_redis().address()).await.unwrap()
}

/// How many clients the server has, but for the one that asks.
fn clients_of(redis: &RedisServer) -> usize {
    redis.cli(&["CLIENT", "LIST"]).lines().filter(|line| !line.is_empty()).count() - 1
}

#[tokio::test]
async fn passes_and_counts() {
    let (redis, proxy) = own_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    client.ping().await;
    assert_eq!(proxy.round_trips(), 2);

    // A pipeline, even in two pieces, is one round trip.
    redis.pause();
    client.send(&["set", "a", "1"]).await;
    eventually("the first half arrived", || async { proxy.commands_named("SET") == 1 }).await;
    client.send(&["GET", "a"]).await;
    eventually("the second half arrived", || async { proxy.commands_named("GET") == 1 }).await;
    redis.resume();
    client.reply("+OK\r\n$1\r\n1\r\n").await;
    assert_eq!(proxy.round_trips(), 3);
    assert_eq!(
        proxy.commands().into_iter().collect::<Vec<_>>(),
        [("GET".to_owned(), 1), ("PING".to_owned(), 2), ("SET".to_owned(), 1)]
    );

    let mut other = Client::connect(&proxy).await;
    other.ping().await;
    assert_eq!((proxy.connections(), proxy.open_connections(), proxy.round_trips()), (2, 2, 4));
    drop(other);
    eventually("the connection is closed", || async { proxy.open_connections() == 1 }).await;
    proxy.reset_counts();
    assert_eq!((proxy.connections(), proxy.open_connections(), proxy.round_trips()), (0, 1, 0));
    assert!(proxy.commands().is_empty());
}

#[tokio::test]
async fn cut_closes_open_and_new_connections() {
    let proxy = shared_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    proxy.set(Fault::Cut).await;
    assert!(client.rest().await.is_empty());
    assert!(Client::connect(&proxy).await.rest().await.is_empty());
    proxy.set(Fault::Pass).await;
    Client::connect(&proxy).await.ping().await;
}

#[tokio::test]
async fn a_cut_that_is_over_at_once_still_strikes() {
    let proxy = shared_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    proxy.set(Fault::Cut).await;
    proxy.set(Fault::Pass).await;
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn refuse_looks_like_a_server_that_is_down() {
    let proxy = shared_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    for _ in 0..3 {
        proxy.set(Fault::Refuse).await;
        let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        proxy.set(Fault::Pass).await;
        Client::connect(&proxy).await.ping().await;
    }
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn stall_swallows_and_never_answers() {
    let (redis, proxy) = own_server().await;
    let mut open = Client::connect(&proxy).await;
    open.ping().await;
    proxy.set(Fault::Stall).await;
    let mut new = Client::connect(&proxy).await;
    open.send(&["SET", "a", "1"]).await;
    new.send(&["SET", "a", "1"]).await;
    proxy.set(Fault::Pass).await;
    open.send(&["SET", "a", "1"]).await;
    // The server kept the connection, and a fresh one passes.
    Client::connect(&proxy).await.ping().await;
    assert_eq!(redis.cli(&["EXISTS", "a"]), "0");
    eventually("only the stalled connection is left", || async { clients_of(&redis) == 1 }).await;
    assert_eq!(proxy.open_connections(), 2);
    proxy.set(Fault::Cut).await;
    assert!(open.rest().await.is_empty());
    assert!(new.rest().await.is_empty());
}

#[tokio::test]
async fn half_open_is_closed_for_the_server_only() {
    let (redis, proxy) = own_server().await;
    let mut open = Client::connect(&proxy).await;
    open.ping().await;
    proxy.set(Fault::HalfOpen).await;
    eventually("the server has no client", || async { clients_of(&redis) == 0 }).await;
    open.send(&["PING"]).await;
    assert_eq!(proxy.open_connections(), 1);
    proxy.set(Fault::Cut).await;
    assert!(open.rest().await.is_empty());
}

#[tokio::test]
async fn freeze_delivers_when_it_ends() {
    let proxy = shared_server().await;
    let key = unique_name("frozen");
    let mut open = Client::connect(&proxy).await;
    open.ping().await;
    proxy.set(Fault::Freeze).await;
    let mut new = Client::connect(&proxy).await;
    new.send(&["PING"]).await;
    open.send(&["SET", &key, "1"]).await;
    assert_eq!(shared_redis().cli(&["EXISTS", &key]), "0");
    proxy.set(Fault::Pass).await;
    open.reply("+OK\r\n").await;
    new.reply("+PONG\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn slow_delays_each_reply() {
    let proxy = shared_server().await;
    let mut client = Client::connect(&proxy).await;
    let hour = Duration::from_secs(3600);
    proxy.set(Fault::Slow(hour)).await;
    let start = tokio::time::Instant::now();
    client.ping().await;
    client.ping().await;
    assert!(start.elapsed() >= 2 * hour);
    assert_eq!(proxy.round_trips(), 2);
}

#[tokio::test]
async fn garbage_is_the_same_for_the_same_seed() {
    let mut seen = Vec::new();
    for seed in [1, 1, 2] {
        let proxy = shared_server().await;
        proxy.set(Fault::Garbage { seed }).await;
        let mut client = Client::connect(&proxy).await;
        client.send(&["PING"]).await;
        let mut bytes = [0; 7];
        client.0.read_exact(&mut bytes).await.unwrap();
        assert_ne!(&bytes, b"+PONG\r\n");
        seen.push(bytes);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
}

#[tokio::test]
async fn a_lost_reply_is_of_a_command_that_was_executed() {
    let proxy = shared_server().await;
    let key = unique_name("lost");
    let mut client = Client::connect(&proxy).await;
    proxy.lose_reply_of("incr");
    client.ping().await;
    assert!(proxy.is_armed());
    client.send(&["INCR", &key]).await;
    assert!(client.rest().await.is_empty());
    assert!(!proxy.is_armed());
    assert_eq!(shared_redis().cli(&["GET", &key]), "1");

    // It strikes once.
    let mut client = Client::connect(&proxy).await;
    client.send(&["INCR", &key]).await;
    client.reply(":2\r\n").await;
    proxy.lose_next_reply();
    client.send(&["INCR", &key]).await;
    assert!(client.rest().await.is_empty());
    assert_eq!(shared_redis().cli(&["GET", &key]), "3");
}

#[tokio::test]
async fn a_reply_is_cut_in_the_middle() {
    let proxy = shared_server().await;
    let key = unique_name("long");
    shared_redis().cli(&["SET", &key, &"x".repeat(100_000)]);
    let mut client = Client::connect(&proxy).await;
    proxy.cut_after(50_000);
    client.send(&["GET", &key]).await;
    assert_eq!(client.rest().await.len(), 50_000);
}

#[tokio::test]
async fn a_lost_command_is_never_executed() {
    let proxy = shared_server().await;
    let key = unique_name("never");
    let mut client = Client::connect(&proxy).await;
    proxy.lose_command("SET");
    client.send(&["SET", &key, "1"]).await;
    assert!(client.rest().await.is_empty());
    assert_eq!(shared_redis().cli(&["EXISTS", &key]), "0");
    assert_eq!(proxy.commands_named("SET"), 0);
}

#[tokio::test]
async fn the_server_may_come_and_go_behind_it() {
    let (redis, proxy) = own_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    redis.kill();
    assert!(client.rest().await.is_empty());
    assert!(Client::connect(&proxy).await.rest().await.is_empty());
    redis.restart().unwrap();
    Client::connect(&proxy).await.ping().await;
}

#[tokio::test]
async fn dropped_it_closes_everything() {
    let proxy = shared_server().await;
    let mut client = Client::connect(&proxy).await;
    client.ping().await;
    let address = proxy.address();
    drop(proxy);
    assert!(client.rest().await.is_empty());
    eventually("the port is closed", || async { TcpStream::connect(address).await.is_err() }).await;
}
