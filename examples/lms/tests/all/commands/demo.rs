//! `lms demo`: from nothing to the end of the tour, and to an address to open.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use cached_testkit::RedisServer;

use super::serve::Program;
use crate::support::fixture::Fixture;

#[test]
fn the_demo_runs_with_nothing_given_and_ends_well() {
    let fixture = Fixture::new();
    // Its first choice of port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["demo", "--exit", "--addr", &address, "--data"])
        .arg(fixture.folder())
        .env_remove("DATABASE_URL")
        .env_remove("REDIS_URL")
        .env_remove("RUST_LOG")
        .output()
        .expect("the program");
    let printed = String::from_utf8_lossy(&output.stdout);
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{logged}");
    for part in ["3 enrolments", "dashboard: MISS", "dashboard: HIT", "(renamed)", "hit rate"] {
        assert!(printed.contains(part), "{part} in {printed}");
    }
    assert!(logged.contains("GET dashboard:") && logged.contains(": HIT"), "{logged}");
    let stored = |line: &str| line.contains("SET dashboard:") && line.contains("TTL");
    assert!(logged.lines().any(stored), "{logged}");
    // Its servers end last, and their end is no news.
    assert!(!logged.contains("broken pipe"), "{logged}");
}

/// What the demo shows would be found by the application to which this Redis belongs, and the other way round.
#[test]
fn on_a_redis_that_was_given_the_demo_keeps_to_itself() {
    let (fixture, redis) = (Fixture::new(), RedisServer::start().expect("a Redis"));
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["demo", "--exit", "--addr", "127.0.0.1:0", "--redis-url", &redis.url(), "--data"])
        .arg(fixture.folder())
        .env_remove("DATABASE_URL")
        .env("RUST_LOG", "off")
        .output()
        .expect("the program");
    assert!(output.status.success(), "{output:?}");
    let keys = redis.cli(&["KEYS", "*"]);
    assert!(keys.lines().count() > 5, "{keys}");
    assert!(keys.lines().all(|key| key.starts_with("lms-demo-")), "{keys}");
}

#[test]
fn the_demo_ends_in_front_of_the_application() {
    let fixture = Fixture::new();
    let child = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["demo", "--addr", "127.0.0.1:0", "--data"])
        .arg(fixture.folder())
        .env_remove("DATABASE_URL")
        .env_remove("REDIS_URL")
        .env_remove("LMS_DEMO_EXIT")
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .spawn();
    let mut program = Program(child.expect("the program"));
    let lines = BufReader::new(program.0.stdout.take().expect("its output")).lines();
    let mut lines = lines.map_while(Result::ok);
    let open = lines.find(|line| line.starts_with("Open http://")).expect("an address");
    assert!(open.ends_with("/admin/cache"), "{open}");
    program.interrupt();
    assert!(lines.any(|line| line == "stopped"));
    assert!(program.0.wait().expect("an end").success());
}
