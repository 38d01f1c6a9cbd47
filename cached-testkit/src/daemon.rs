//! What private servers of every kind have in common: start until ready, stop, log.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{StartError, StartErrorKind};
use crate::supervisor::Supervisor;
use crate::wait;

/// A server under its supervisor.
#[derive(Debug)]
pub(crate) struct Daemon {
    state: Mutex<State>,
    folder: PathBuf,
    argv: Vec<OsString>,
}

#[derive(Debug)]
struct State {
    supervisor: Supervisor,
    pid: Option<u32>,
}

impl Daemon {
    /// Takes a supervisor whose folder is prepared; `argv` is the command line of the server.
    pub(crate) fn new(supervisor: Supervisor, argv: Vec<OsString>) -> Self {
        let folder = supervisor.folder().to_path_buf();
        Self { state: Mutex::new(State { supervisor, pid: None }), folder, argv }
    }

    /// Starts the server and waits until `ready(pid)`.
    pub(crate) fn start(&self, ready: impl Fn(u32) -> bool) -> Result<(), StartError> {
        let pid = {
            let mut state = self.state();
            let started = state.supervisor.start(&self.argv);
            let pid = started.map_err(|error| StartError::io("starting a server", &error))?;
            state.pid = Some(pid);
            pid
        };
        let mut exited = false;
        let ended = wait::within(wait::GENEROUS, || {
            // In this order: a server that answers and then ends is ready for the caller to see.
            ready(pid) || {
                exited = has_ended(pid);
                exited
            }
        });
        let (kind, what) = match (ended, exited) {
            (true, false) => return Ok(()),
            (true, true) => (StartErrorKind::Exited, "ended while it was starting"),
            (false, _) => (StartErrorKind::NotReady, "was not ready within a minute"),
        };
        let program = self.argv.first().map(|p| p.to_string_lossy()).unwrap_or_default();
        Err(StartError::new(kind, format!("`{program}` {what}; its log ends: {}", self.log_end())))
    }

    /// Ends the server with a signal, and returns when it has ended.
    pub(crate) fn finish(&self, signal: &str) {
        let mut state = self.state();
        state.pid = None;
        state.supervisor.finish(signal).expect("the supervisor of the server answers");
    }

    pub(crate) fn signal(&self, signal: &str) {
        self.state().supervisor.signal(signal).expect("the supervisor of the server answers");
    }

    pub(crate) fn into_supervisor(self) -> Supervisor {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).supervisor
    }

    pub(crate) fn run(&self, argv: &[&str]) -> Option<u32> {
        self.state().supervisor.run(argv).ok()
    }

    /// The process id of the server; `None` after [`Daemon::finish`].
    pub(crate) fn pid(&self) -> Option<u32> {
        self.state().pid
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that the server has printed so far.
    pub(crate) fn log(&self) -> String {
        read_log(&self.folder)
    }

    fn log_end(&self) -> String {
        log_end(&self.folder)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last lines of the log in a server's folder.
pub(crate) fn log_end(folder: &Path) -> String {
    let log = read_log(folder);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

fn read_log(folder: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(folder.join("log")).unwrap_or_default()).into_owned()
}

/// Whether a process is gone, or is a zombie that its parent has not collected.
fn has_ended(pid: u32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // "pid (name) state ..", and the name may hold anything.
        return !matches!(stat.rsplit_once(')'), Some((_, rest)) if !rest.starts_with(" Z"));
    }
    let ps =
        std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    ps.is_ok_and(|out| matches!(out.stdout.trim_ascii().first(), None | Some(b'Z')))
}
