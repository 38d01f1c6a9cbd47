//! A private Postgres server for one test, or for one test process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::daemon::{self, Daemon};
use crate::error::{StartError, StartErrorKind};
use crate::supervisor::Supervisor;
use crate::unique::unique_name;
use crate::{ports, program, wait};

/// A Postgres server on a loopback port of its own, gone when dropped or when the process ends.
///
/// The superuser is `postgres`, without a password; there is a database `postgres`. As root the
/// server runs as the system's user `postgres`. What is committed survives [`kill`](Self::kill), as
/// it would survive a crash of the server, but not a crash of the machine (`fsync` is off).
///
/// All methods block for a moment (they use no runtime, so they work inside and outside of one).
#[derive(Debug)]
pub struct PostgresServer {
    daemon: Daemon,
    port: u16,
    psql: PathBuf,
}

/// Options of a private Postgres server; made by [`PostgresServer::builder`].
#[derive(Debug, Clone, Default)]
pub struct PostgresBuilder {
    settings: Vec<(String, String)>,
}

impl PostgresBuilder {
    /// Adds a server setting, such as `.setting("max_connections", "20")`.
    ///
    /// Settings of the same name replace ours; see <https://www.postgresql.org/docs/current/runtime-config.html>.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Creates a database cluster, starts its server and waits until it takes connections (about a second).
    ///
    /// # Errors
    ///
    /// A program is missing (the message says how to install it), the server refuses its settings,
    /// or is not ready within a minute.
    pub fn start(&self) -> Result<PostgresServer, StartError> {
        let folders = program::postgres_folders();
        let initdb = program::find(&["initdb"], &folders)?;
        let postgres = program::find(&["postgres"], &folders)?;
        let psql = program::find(&["psql"], &folders)?;
        let mut supervisor = Supervisor::launch("QUIT")
            .map_err(|error| StartError::io("starting the supervisor of Postgres", &error))?;
        let as_user = prepare(&mut supervisor, &initdb)?;
        let mut attempts = 10;
        loop {
            attempts -= 1;
            let port =
                ports::free().map_err(|error| StartError::io("finding a free port", &error))?;
            let argv = self.command_line(&as_user, &postgres, supervisor.folder(), port);
            let daemon = Daemon::new(supervisor, argv);
            match daemon.start(|pid| is_ready(daemon.folder(), pid)) {
                Ok(()) => return Ok(PostgresServer { daemon, port, psql }),
                // Somebody took the port between our choice and the server's start.
                Err(error)
                    if error.kind() == StartErrorKind::Exited
                        && attempts > 0
                        && error.to_string().contains("Address already in use") =>
                {
                    supervisor = daemon.into_supervisor();
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn command_line(
        &self,
        as_user: &[OsString],
        postgres: &Path,
        folder: &Path,
        port: u16,
    ) -> Vec<OsString> {
        let mut argv = as_user.to_vec();
        argv.extend([postgres.into(), "-D".into(), folder.join("data").into()]);
        let folder = folder.to_string_lossy();
        let port = port.to_string();
        let ours = [
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", &folder),
            ("fsync", "off"),
            ("full_page_writes", "off"),
            ("jit", "off"),
            ("max_connections", "200"),
            ("shared_buffers", "16MB"),
        ];
        let theirs = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in ours.into_iter().chain(theirs) {
            argv.extend(["-c".into(), format!("{name}={value}").into()]);
        }
        argv
    }
}

/// Creates the cluster in `data`; the words that lead a command line that must not run as root.
fn prepare(supervisor: &mut Supervisor, initdb: &Path) -> Result<Vec<OsString>, StartError> {
    let folder = supervisor.folder().to_path_buf();
    let mut as_user: Vec<OsString> = Vec::new();
    if program::is_root() {
        let setpriv = program::find(&["setpriv"], &["/usr/bin".into()])?;
        as_user.push(setpriv.into());
        for word in ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] {
            as_user.push(word.into());
        }
        let chown: [OsString; 3] = ["chown".into(), "postgres:".into(), folder.clone().into()];
        run(supervisor, &chown, "is there a system user `postgres`?")?;
    }
    let mut argv = as_user.clone();
    argv.extend([initdb.into(), "-D".into(), folder.join("data").into()]);
    for word in ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"] {
        argv.push(word.into());
    }
    // The smallest write-ahead log that it takes: 16 MB less to write and to remove.
    argv.extend(["--no-sync".into(), "--wal-segsize=1".into()]);
    run(supervisor, &argv, "is the temporary folder open to the user `postgres`?")?;
    Ok(as_user)
}

fn run(supervisor: &mut Supervisor, argv: &[OsString], hint: &str) -> Result<(), StartError> {
    let program = argv[0].to_string_lossy();
    match supervisor.run(argv) {
        Ok(0) => Ok(()),
        Ok(status) => {
            let log = daemon::log_end(supervisor.folder());
            let message = format!("`{program}` failed with status {status} ({hint}): {log}");
            Err(StartError::new(StartErrorKind::Exited, message))
        }
        Err(error) => Err(StartError::io(&format!("running `{program}`"), &error)),
    }
}

impl PostgresServer {
    /// Creates a database cluster, starts its server and waits until it takes connections (about a second).
    ///
    /// # Errors
    ///
    /// See [`PostgresBuilder::start`].
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// A server with settings of its own.
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// `127.0.0.1:PORT`, for a proxy in front of it.
    pub fn address(&self) -> std::net::SocketAddr {
        (std::net::Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The port, the same for the whole life of the value.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server; `None` while it is killed.
    pub fn pid(&self) -> Option<u32> {
        self.daemon.pid()
    }

    /// The server's folder, which is removed with it; its Unix socket is there too.
    pub fn folder(&self) -> &Path {
        self.daemon.folder()
    }

    /// The program `psql`, for sessions that stay open.
    pub fn psql_program(&self) -> &Path {
        &self.psql
    }

    /// All that the server has printed so far.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Panics
    ///
    /// When the database exists, or the server is killed.
    #[track_caller]
    pub fn create_database(&self, name: &str) -> String {
        self.psql(&format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\"")));
        self.url(name)
    }

    /// Creates an empty database with a name that nobody else has, and returns its URL.
    ///
    /// # Panics
    ///
    /// When the server is killed.
    #[track_caller]
    pub fn fresh_database(&self) -> String {
        self.create_database(&unique_name("test"))
    }

    /// Runs SQL in the database `postgres` by `psql`; rows as lines, columns separated by `|`.
    ///
    /// # Panics
    ///
    /// When the server refuses the SQL, or is killed.
    #[track_caller]
    pub fn psql(&self, sql: &str) -> String {
        self.psql_in("postgres", sql)
    }

    /// Runs SQL in a database by `psql`; rows as lines, columns separated by `|`.
    ///
    /// # Panics
    ///
    /// When the server refuses the SQL, or is killed.
    #[track_caller]
    pub fn psql_in(&self, database: &str, sql: &str) -> String {
        match self.try_psql_in(database, sql) {
            Ok(rows) => rows,
            Err(message) => panic!("psql: {message}\nin: {sql}"),
        }
    }

    /// Runs SQL in a database by `psql`; rows as lines, columns separated by `|`.
    ///
    /// # Errors
    ///
    /// What `psql` said, when the server refuses the SQL or is killed.
    pub fn try_psql_in(&self, database: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(&self.psql)
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"])
            .args(["--set", "ON_ERROR_STOP=1", "--dbname", &self.url(database), "--command", sql])
            .env("PGCONNECT_TIMEOUT", "10")
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// Kills the server (`SIGKILL`), as a crash would: connections break, nothing committed is lost.
    pub fn kill(&self) {
        self.daemon.finish("KILL");
    }

    /// Starts the server again on the same port, after shutting it down (fast) if it runs; it recovers from a kill.
    ///
    /// # Errors
    ///
    /// See [`PostgresBuilder::start`]; also when another process has taken the port meanwhile.
    pub fn restart(&self) -> Result<(), StartError> {
        self.daemon.finish("INT");
        let mut result = self.daemon.start(|pid| is_ready(self.folder(), pid));
        // After a kill the server's children need a moment to notice; until then a new one refuses.
        wait::within(wait::GENEROUS, || {
            let busy = matches!(&result, Err(e) if e.to_string().contains("is still in use"));
            if busy {
                result = self.daemon.start(|pid| is_ready(self.folder(), pid));
            }
            !busy
        });
        result
    }
}

/// Whether our server, and not one that took its port first, takes connections.
fn is_ready(folder: &Path, pid: u32) -> bool {
    // Its lines: process id, data, start time, port, sockets, address, memory, status.
    let lock = lock_file(folder);
    let mut lines = lock.lines();
    lines.next() == Some(&pid.to_string()) && lines.nth(6).is_some_and(|s| s.trim() == "ready")
}

fn lock_file(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default()
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.pid().is_some() {
            return;
        }
        // A killed server leaves a small System V segment, of which a machine has only so many.
        // Line 7 of its lock file: key and id.
        let lock = lock_file(self.folder());
        if let Some(id) = lock.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            self.daemon.run(&["ipcrm", "-m", id]);
        }
    }
}
