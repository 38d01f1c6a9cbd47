//! A conductor's hold on one process: it starts it, talks to it and kills it.

pub use super::commands::{Answer, Order};
use super::world::NodeConfig;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Only a process that hangs lets the conductor wait so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A process that is running. It is killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    id: u32,
}

impl Process {
    /// Starts a process and waits until it is ready.
    ///
    /// # Panics
    /// If the program cannot be started, or does not get ready.
    pub async fn start(program: &Path, config: &NodeConfig) -> Self {
        let config = serde_json::to_string(config).expect("a configuration can be written");
        let mut child = Command::new(program)
            .args(["node", &config])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the node's program can be started");
        let orders = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let id = child.id().expect("it runs");
        let mut this = Self { child, orders, answers, id };
        this.expect(&Answer::Ready).await;
        this
    }

    /// The process id, by which the history knows it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Gives an order.
    ///
    /// # Panics
    /// If the process has ended.
    pub async fn order(&mut self, order: &Order) {
        let mut line = serde_json::to_string(order).expect("an order can be written");
        line.push('\n');
        let written = self.orders.write_all(line.as_bytes()).await;
        written.expect("the process takes orders");
    }

    /// The next answer.
    ///
    /// # Panics
    /// If the process ends or hangs.
    pub async fn answer(&mut self) -> Answer {
        let line = tokio::time::timeout(PATIENCE, self.answers.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("process {} hangs", self.id));
        let line = line.expect("its output can be read");
        let line =
            line.unwrap_or_else(|| panic!("process {} ended: see its message above", self.id));
        serde_json::from_str(&line).expect("an answer of a process")
    }

    /// Waits for this very answer.
    ///
    /// # Panics
    /// If another one comes, or none.
    pub async fn expect(&mut self, expected: &Answer) {
        assert_eq!(&self.answer().await, expected, "process {}", self.id);
    }

    /// Kills it, as by `kill -9`, and waits for its end.
    ///
    /// # Panics
    /// If the system refuses.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Lets it end in good order.
    ///
    /// # Panics
    /// If it does not.
    pub async fn finish(self) {
        let Self { mut child, orders, .. } = self;
        drop(orders);
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        let status = ended.expect("the process ends").expect("its status can be read");
        assert!(status.success(), "process {} ended with {status}", self.id);
    }
}
