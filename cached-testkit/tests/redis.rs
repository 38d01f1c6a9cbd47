//! The private Redis server as its users see it.

use std::net::TcpStream;

use cached_testkit::{CommandError, RedisServer, StartErrorKind, Value, wait_until};

#[test]
fn answers_and_is_gone_when_dropped() {
    let redis = RedisServer::start().unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
    assert_eq!(redis.cli(&["SET", "a", "1"]), "OK");
    assert_eq!(redis.cli(&["GET", "a"]), "1");
    assert_eq!(redis.cli(&["GET", "b"]), "(nil)");
    assert_eq!(redis.command(&["GET", "a"]).unwrap(), Value::Bytes(b"1".to_vec()));
    redis.flush();
    assert_eq!(redis.cli(&["DBSIZE"]), "0");

    let (folder, address) = (redis.folder().to_path_buf(), redis.address());
    assert!(folder.is_dir());
    drop(redis);
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn killed_it_refuses_and_restarted_it_is_empty_on_the_same_port() {
    let redis = RedisServer::start().unwrap();
    redis.cli(&["SET", "a", "1"]);
    redis.kill();
    assert_eq!(redis.pid(), None);
    assert!(matches!(redis.command(&["PING"]), Err(CommandError::Io(_))));
    redis.restart().unwrap();
    assert_eq!(redis.cli(&["GET", "a"]), "(nil)");
    redis.restart().unwrap();
    assert_eq!(redis.cli(&["PING"]), "PONG");
}

#[test]
fn persistent_it_keeps_its_data_through_a_kill() {
    let redis = RedisServer::builder().persistent().start().unwrap();
    redis.cli(&["SET", "a", "1"]);
    redis.kill();
    redis.restart().unwrap();
    assert_eq!(redis.cli(&["GET", "a"]), "1");
}

#[test]
fn paused_it_answers_only_once_resumed() {
    let redis = RedisServer::start().unwrap();
    redis.pause();
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| redis.cli(&["PING"]));
        let state = format!("/proc/{}/stat", redis.pid().unwrap());
        wait_until("the server is stopped", || {
            std::fs::read_to_string(&state).unwrap().contains(") T ")
        });
        assert!(!answer.is_finished());
        redis.resume();
        assert_eq!(answer.join().unwrap(), "PONG");
    });
    // It can be killed and dropped while it is paused.
    redis.pause();
    redis.restart().unwrap();
    redis.pause();
}

#[test]
fn takes_options_and_says_which_one_it_refused() {
    let redis = RedisServer::builder().arg("--maxmemory", "10mb").start().unwrap();
    assert_eq!(redis.cli(&["CONFIG", "GET", "maxmemory"]), "maxmemory\n10485760");

    let error = RedisServer::builder().arg("--no-such-option", "1").start().unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::Exited);
    assert!(error.to_string().contains("no-such-option"), "{error}");
}

#[test]
fn a_missing_program_says_how_to_install_it() {
    let error = RedisServer::builder().program("/nowhere/redis-server").start().unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::MissingProgram);
    assert!(error.to_string().contains("apt-get install redis-server"), "{error}");
}

#[test]
#[should_panic(expected = "redis-cli NOSUCH: Redis refused the command: ERR unknown command")]
fn a_refused_command_fails_the_test() {
    cached_testkit::shared_redis().cli(&["NOSUCH"]);
}
