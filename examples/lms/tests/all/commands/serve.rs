//! `lms serve`: answers until it is told to stop, and then stops in good order.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use cached_testkit::shared_redis;

use crate::support::app::{client, filled};

/// Ends with the test.
pub(super) struct Program(pub(super) Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// As ctrl-c does. The shell's own kill: a program of that name is not on every machine.
    pub(super) fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.0.id());
        let told = Command::new("sh").args(["-c", &kill]).status();
        assert!(told.expect("sh").success());
    }
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop() {
    let database = filled().await;
    let child = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["serve", "--addr", "127.0.0.1:0"])
        .env("DATABASE_URL", &database.url)
        .env("REDIS_URL", shared_redis().url())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut program = Program(child.expect("the program"));
    let mut lines = BufReader::new(program.0.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("a text");
    let url = first.strip_prefix("listening on ").expect("an address");
    let answer = client().get(format!("{url}/api/courses")).send().await.expect("an answer");
    assert!(answer.status().is_success());

    // Somebody has the live page of the cache open, whose answer has no end.
    let admin = lms::client::logged_in(url, lms::client::ADMIN).await.expect("a login");
    let mut live = admin.get(format!("{url}/admin/cache/events")).send().await.expect("an answer");
    assert!(live.chunk().await.expect("a stream").is_some());
    program.interrupt();
    assert_eq!(lines.next().expect("a line").expect("a text"), "stopped");
    assert!(program.0.wait().expect("an end").success());
}
