//! The command line. Defaults that need a look at the machine are decided by the commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand};

use crate::service::Variant;

/// A learning-management system on cached: Postgres, Redis and an HTTP API.
#[derive(Debug, Parser)]
#[command(name = "lms", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load the OULAD tables of a folder: all of them or, if a row is damaged, none
    Import {
        /// The folder with courses.csv, studentInfo.csv, studentRegistration.csv, vle.csv and assessments.csv
        dir: PathBuf,
        #[command(flatten)]
        servers: Servers,
    },
    /// Load a made-up data set of the same size, the same one every time
    Seed {
        #[command(flatten)]
        servers: Servers,
    },
    /// Serve the API and its pages until ctrl-c
    Serve {
        #[command(flatten)]
        servers: Servers,
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: SocketAddr,
        /// Who caches
        #[arg(long, value_enum, default_value = "cached")]
        variant: Variant,
        /// Warm the dashboards of so many students, and what everybody looks at, before listening
        #[arg(long, default_value_t = 0)]
        warm: u32,
    },
    /// Fill the shared tier with what will be asked for; many processes may do so at once
    Warm {
        #[command(flatten)]
        servers: Servers,
        /// How many of the most active students' dashboards
        #[arg(long, default_value_t = 1000)]
        students: u32,
        /// How many pages at a time
        #[arg(long, default_value_t = 8)]
        at_once: usize,
    },
    /// Show which write invalidates which cached read, and fail if something is wrong with that
    Audit,
    /// Put load on several servers and compare no cache, one written by hand, and cached
    Load(Load),
    /// Show on a running server what the cache does
    Tour {
        /// Such as http://127.0.0.1:3000
        url: String,
    },
    /// Start everything, load data, show what the cache does, and serve until ctrl-c
    Demo(Demo),
}

/// The servers that an application of this kind has.
#[derive(Debug, Args)]
pub(super) struct Servers {
    /// Such as postgres://lms@localhost/lms
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(super) database_url: String,
    /// Such as redis://localhost; without it each process caches for itself
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub(super) redis_url: Option<String>,
    /// What the keys in Redis begin with: one for each database, as entries and logins are found by their keys alone
    #[arg(long, env = "LMS_NAMESPACE", default_value = "lms")]
    pub(super) namespace: String,
}

/// Whatever is not given is started for the demo and ends with it.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// An own Postgres instead of a private one; the data set is loaded into it
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(super) database_url: Option<String>,
    /// An own Redis instead of a private one; the demo's keys there begin with lms-demo- and a number of their own
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub(super) redis_url: Option<String>,
    /// Where to listen; the next free port is taken when this one is not free
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub(super) addr: SocketAddr,
    /// The folder of the OULAD tables; ../shared/data/oulad if there is one, else made-up data
    #[arg(long, env = "CACHED_OULAD_DIR")]
    pub(super) data: Option<PathBuf>,
    /// End after the tour
    #[arg(long, env = "LMS_DEMO_EXIT", value_parser = FalseyValueParser::new())]
    pub(super) exit: bool,
}

/// Whatever is not given is started for the load and ends with it. No server is taken from the environment, as the load writes
/// wherever it is told to.
#[derive(Debug, Args)]
pub(super) struct Load {
    /// An own Postgres with data instead of a private one; the load changes its names, titles, grades and enrolments, and
    /// DATABASE_URL is not read
    #[arg(long)]
    pub(super) database_url: Option<String>,
    /// An own Redis instead of a private one; the load writes to it, under keys that begin with lms-load- and a number of
    /// their own, and REDIS_URL is not read
    #[arg(long)]
    pub(super) redis_url: Option<String>,
    /// The folder of the OULAD tables, for a private Postgres; ../shared/data/oulad if there is one, else made-up data
    #[arg(long, env = "CACHED_OULAD_DIR")]
    pub(super) data: Option<PathBuf>,
    /// What to compare; several, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["none", "by-hand", "shared", "cached"])]
    pub(super) variants: Vec<Variant>,
    /// How many server processes share the load
    #[arg(long, default_value_t = 2)]
    pub(super) servers: usize,
    /// How many clients ask, one request at a time each
    #[arg(long, default_value_t = 16)]
    pub(super) clients: usize,
    /// Seconds in which the clients start, one after the other; not measured
    #[arg(long, default_value_t = 10)]
    pub(super) ramp: u64,
    /// Seconds that are measured
    #[arg(long, default_value_t = 30)]
    pub(super) seconds: u64,
    /// How many of 1,000 requests are writes
    #[arg(long, default_value_t = 20)]
    pub(super) writes: u32,
    /// Exponent of Zipf's law: how much more popular the popular ones are
    #[arg(long, default_value_t = 1.0)]
    pub(super) skew: f64,
    /// How many students' dashboards each server warms before it listens
    #[arg(long, default_value_t = 0)]
    pub(super) warm: u32,
    /// Stop the private Redis halfway, and start it again after three quarters
    #[arg(long)]
    pub(super) stop_redis: bool,
    /// Make every kind of write, and after each compare all pages that may show it, in every server, with a server that caches
    /// nothing. It finds older states; its times say little
    #[arg(long)]
    pub(super) verify: bool,
    /// Where to write load.md and load.svg
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
}
