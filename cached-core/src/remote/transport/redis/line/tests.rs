//! The connection against servers that answer as each test says.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A connection, and its other side.
async fn line() -> (Line, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connecting = TcpStream::connect(listener.local_addr().unwrap());
    let (ours, theirs) = tokio::join!(connecting, listener.accept());
    (Line::over(Socket::Tcp(ours.unwrap())), theirs.unwrap().0)
}

fn get(name: &str) -> Command {
    Command::new("GET").arg(name)
}

fn sent(name: &str) -> String {
    format!("*2\r\n$3\r\nGET\r\n${}\r\n{name}\r\n", name.len())
}

async fn hears(server: &mut TcpStream, expected: &str) {
    let mut heard = vec![0; expected.len()];
    server.read_exact(&mut heard).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), expected);
}

/// Asks, and does not wait.
fn polled<T>(asking: &mut Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    asking.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn bytes(text: &str) -> Reply {
    Reply::bytes(text.to_owned())
}

fn is_io<T: std::fmt::Debug>(answer: &Result<T, Fault>) -> bool {
    matches!(answer, Err(Fault::Io(_)))
}

#[tokio::test]
async fn answers_go_to_those_who_asked_in_their_order() {
    let (line, mut server) = line().await;
    let two = [get("b1"), get("b2")];
    let (a, c) = ([get("a")], [get("c")]);
    let asking =
        async { tokio::join!(line.clone().ask(&a), line.clone().ask(&two), line.clone().ask(&c)) };
    let answering = async {
        hears(&mut server, &["a", "b1", "b2", "c"].map(sent).concat()).await;
        for piece in ["$1\r\nA\r", "\n+B1\r\n-ERR", " b2\r\n", "$-1\r\n"] {
            server.write_all(piece.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let ((a, b, c), ()) = tokio::join!(asking, answering);
    assert_eq!(a, Ok(vec![bytes("A")]));
    assert_eq!(b, Ok(vec![bytes("B1"), Reply::Error("ERR b2".into())]));
    assert_eq!(c, Ok(vec![Reply::Nil]));
}

#[tokio::test]
async fn the_answer_to_a_caller_that_left_is_given_to_nobody() {
    let (line, mut server) = line().await;
    {
        let gone = [get("gone"), get("too")];
        let mut asking = std::pin::pin!(line.clone().ask(&gone));
        assert!(polled(&mut asking).is_pending());
    }
    let answering = async {
        hears(&mut server, &["gone", "too", "here"].map(sent).concat()).await;
        server.write_all(b"+1\r\n+2\r\n+3\r\n").await.unwrap();
    };
    let here = [get("here")];
    let (answer, ()) = tokio::join!(line.clone().ask(&here), answering);
    assert_eq!(answer, Ok(vec![bytes("3")]));
}

#[tokio::test]
async fn what_the_socket_does_not_take_at_once_is_written_when_it_does() {
    let (line, mut server) = line().await;
    let large = "x".repeat(32 << 20);
    let (first, second) = ([get(&large)], [get("small")]);
    let answering = async {
        hears(&mut server, &(sent(&large) + &sent("small"))).await;
        server.write_all(b"+1\r\n+2\r\n").await.unwrap();
    };
    let (first, second, ()) =
        tokio::join!(line.clone().ask(&first), line.clone().ask(&second), answering);
    assert_eq!((first, second), (Ok(vec![bytes("1")]), Ok(vec![bytes("2")])));
    assert!(line.0.0.lock().out.capacity() <= KEPT, "the room is given back");
}

#[tokio::test]
async fn where_the_server_ends_the_connection_nobody_waits_on() {
    let (line, mut server) = line().await;
    let (first, second) = ([get("1"), get("2")], [get("3")]);
    let ending = async {
        hears(&mut server, &["1", "2", "3"].map(sent).concat()).await;
        server.write_all(b"+half of it\r\n").await.unwrap();
        drop(server);
    };
    let (first, second, ()) =
        tokio::join!(line.clone().ask(&first), line.clone().ask(&second), ending);
    assert!(is_io(&first) && is_io(&second), "{first:?} {second:?}");
    assert!(line.has_ended());
    assert!(is_io(&line.clone().ask(&[get("4")]).await));
}

#[tokio::test]
async fn what_is_no_answer_ends_the_connection() {
    for text in ["HTTP/1.1 400 Bad Request\r\n", "+1\r\n+nobody asked for it\r\n"] {
        let (line, mut server) = line().await;
        let one = [get("1")];
        let answering = async {
            hears(&mut server, &sent("1")).await;
            server.write_all(text.as_bytes()).await.unwrap();
            // Until it is closed from the other side.
            assert_eq!(server.read(&mut [0]).await.unwrap_or(0), 0);
        };
        let _ = tokio::join!(line.clone().ask(&one), answering);
        assert!(line.has_ended(), "{text}");
    }
}

#[tokio::test]
async fn the_last_clone_closes_the_socket() {
    let (line, mut server) = line().await;
    drop(line.clone());
    let one = [get("1")];
    let answering = async {
        hears(&mut server, &sent("1")).await;
        server.write_all(b"+1\r\n").await.unwrap();
    };
    let (answer, ()) = tokio::join!(line.clone().ask(&one), answering);
    assert_eq!(answer, Ok(vec![bytes("1")]));
    drop(line);
    assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
}

#[test]
fn who_waits_when_the_runtime_ends_is_told() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime();
    let (line, _server) = ended.block_on(line());
    let one = [get("1")];
    let mut asking = std::pin::pin!(line.clone().ask(&one));
    runtime().block_on(async {
        assert!(polled(&mut asking).is_pending());
        ended.shutdown_background();
        assert!(is_io(&asking.await));
    });
    assert!(line.has_ended());
}

/// Answers `OK` to each command of a greeting.
async fn greet(server: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) {
    let (mut heard, mut ends) = (String::new(), 0);
    // CLIENT SETINFO LIB-NAME and LIB-VER.
    while ends < 2 {
        let mut piece = [0; 512];
        let length = server.read(&mut piece).await.unwrap();
        assert_ne!(length, 0, "it was not greeted: {heard}");
        heard.push_str(&String::from_utf8_lossy(&piece[..length]));
        ends = heard.matches("SETINFO").count();
    }
    server.write_all(b"+OK\r\n+OK\r\n").await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn redis_rs_greets_and_gives_the_socket_back() {
    let path = std::env::temp_dir().join(format!("cached-{}.sock", crate::identity::unique()));
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let client = Client::open(format!("redis+unix://{}", path.display())).unwrap();
    let config = AsyncConnectionConfig::new();
    let greeting = async {
        let (mut server, _) = listener.accept().await.unwrap();
        greet(&mut server).await;
        server
    };
    let (line, mut server) = tokio::join!(Line::connect(&client, &config), greeting);
    let line = line.unwrap().expect("a socket is all that it takes");
    let one = [get("1")];
    let answering = async {
        let mut heard = vec![0; sent("1").len()];
        server.read_exact(&mut heard).await.unwrap();
        server.write_all(b"+1\r\n").await.unwrap();
    };
    let (answer, ()) = tokio::join!(line.clone().ask(&one), answering);
    assert_eq!(answer, Ok(vec![bytes("1")]));
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn what_takes_more_than_a_socket_is_left_to_redis_rs() {
    let client = Client::open("redis://127.0.0.1:1/?protocol=resp3").unwrap();
    let line = Line::connect(&client, &AsyncConnectionConfig::new()).await;
    assert!(line.unwrap().is_none());
}

#[tokio::test]
async fn what_was_written_does_not_stay_where_the_socket_is_always_full() {
    const MIB: usize = 1 << 20;
    let (line, mut server) = line().await;
    let large = [get(&"x".repeat(8 * MIB))];
    let mut asking = Vec::new();
    let mut ask = || {
        let mut one = Box::pin(line.clone().ask(&large));
        assert!(polled(&mut one.as_mut()).is_pending());
        asking.push(one);
    };
    (0..3).for_each(|_| ask());
    let mut heard = vec![0; 8 * MIB];
    for _ in 0..8 {
        ask();
        server.read_exact(&mut heard).await.unwrap();
        let state = line.0.0.lock();
        let left = state.out.len() - state.written;
        assert!(left > 0, "it was full all the time");
        assert!(state.out.len() <= 2 * left + KEPT, "{} for {left}", state.out.len());
    }
}
