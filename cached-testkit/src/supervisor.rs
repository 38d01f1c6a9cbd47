//! The process that runs a server for us and survives us just long enough to clean up.
//!
//! A test process that is killed runs no destructors, and a child that it leaves behind would hold
//! its port for ever. The supervisor, a small `sh`, is the server's parent and waits on a pipe whose
//! only writing end is ours (Rust opens pipes close-on-exec): when we end, for whatever reason, the
//! kernel closes it, and the supervisor ends the server and removes its folder.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::program;

#[derive(Debug)]
pub(crate) struct Supervisor {
    child: Child,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Supervisor {
    /// Starts a supervisor; `last_signal` (`KILL`, `QUIT`, ..) ends the server when we are gone.
    pub(crate) fn launch(last_signal: &str) -> io::Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", include_str!("supervisor.sh"), "supervisor"])
            .arg(program::temporary_folder())
            .arg(last_signal)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut this = Self { child, answers: BufReader::new(stdout), folder: PathBuf::new() };
        this.folder = this.answer()?.into();
        Ok(this)
    }

    /// The folder that ends with the supervisor. Its `log` has all that the server printed.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a program to its end; its exit status.
    pub(crate) fn run<S: AsRef<OsStr>>(&mut self, argv: &[S]) -> io::Result<u32> {
        self.order("run", argv)
    }

    /// Starts the server; its process id. A server that runs already is killed first.
    pub(crate) fn start<S: AsRef<OsStr>>(&mut self, argv: &[S]) -> io::Result<u32> {
        self.order("start", argv)
    }

    /// Ends the server with a signal and waits until it has ended.
    pub(crate) fn finish(&mut self, signal: &str) -> io::Result<()> {
        self.order("finish", &[signal]).map(drop)
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&mut self, signal: &str) -> io::Result<()> {
        self.order("signal", &[signal]).map(drop)
    }

    fn order<S: AsRef<OsStr>>(&mut self, word: &str, arguments: &[S]) -> io::Result<u32> {
        let mut text = format!("{word}\n{}\n", arguments.len()).into_bytes();
        for argument in arguments {
            let argument = argument.as_ref().as_encoded_bytes();
            if argument.contains(&b'\n') {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "an argument of a server may not contain a line break",
                ));
            }
            text.extend_from_slice(argument);
            text.push(b'\n');
        }
        let stdin = self.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        stdin.write_all(&text)?;
        stdin.flush()?;
        let answer = self.answer()?;
        answer.parse().map_err(|_| io::Error::other(format!("supervisor answered `{answer}`")))
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the supervisor of the server ended"));
        }
        line.truncate(line.trim_end_matches('\n').len());
        Ok(line)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
