//! Servers and folders are gone when the test process is killed, which runs no destructor.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cached_testkit::{PostgresServer, RedisServer, wait_until};

const KIND: &str = "CACHED_TESTKIT_VICTIM";

/// The process that is killed: this test program again, with the one test below.
#[test]
fn victim() {
    let Ok(kind) = std::env::var(KIND) else { return };
    if kind == "redis" {
        let redis = RedisServer::start().unwrap();
        println!("\nvictim {} {}", redis.address(), redis.folder().display());
        std::thread::park();
    } else {
        let postgres = PostgresServer::start().unwrap();
        println!("\nvictim {} {}", postgres.address(), postgres.folder().display());
        std::thread::park();
    }
}

fn kill_a_process_with(kind: &str) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--nocapture"])
        .env(KIND, kind)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = lines.map(Result::unwrap).find(|line| line.starts_with("victim ")).unwrap();
    let mut words = line.split(' ').skip(1);
    let address: SocketAddr = words.next().unwrap().parse().unwrap();
    let folder = PathBuf::from(words.next().unwrap());
    assert!(folder.is_dir());
    assert!(TcpStream::connect(address).is_ok());

    process.kill().unwrap();
    process.wait().unwrap();
    wait_until("the port is closed", || TcpStream::connect(address).is_err());
    wait_until("the folder is gone", || !folder.exists());
}

#[test]
fn redis_ends_with_a_killed_process() {
    kill_a_process_with("redis");
}

#[test]
fn postgres_ends_with_a_killed_process() {
    kill_a_process_with("postgres");
}
