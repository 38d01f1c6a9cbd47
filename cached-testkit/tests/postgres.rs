//! The private Postgres server as its users see it.

use std::net::TcpStream;

use cached_testkit::{PostgresServer, StartErrorKind, shared_postgres};

#[test]
fn runs_sql_and_is_gone_when_dropped() {
    let postgres = PostgresServer::start().unwrap();
    let url = postgres.create_database("a \"b\"");
    assert_eq!(url, format!("postgres://postgres@127.0.0.1:{}/a \"b\"", postgres.port()));
    assert_eq!(postgres.psql("SELECT 1, 'x' UNION ALL SELECT 2, 'y' ORDER BY 1"), "1|x\n2|y");

    let (folder, address) = (postgres.folder().to_path_buf(), postgres.address());
    assert!(folder.is_dir());
    drop(postgres);
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn what_is_committed_survives_a_kill_and_a_restart() {
    let postgres = PostgresServer::start().unwrap();
    postgres.psql("CREATE TABLE t (id int); INSERT INTO t VALUES (7)");
    postgres.kill();
    assert!(postgres.try_psql_in("postgres", "SELECT 1").is_err());
    postgres.restart().unwrap();
    assert_eq!(postgres.psql("SELECT id FROM t"), "7");
    postgres.restart().unwrap();
    assert_eq!(postgres.psql("SELECT id FROM t"), "7");
    postgres.kill();
}

#[test]
fn fresh_databases_are_apart() {
    let (a, b) = (shared_postgres().fresh_database(), shared_postgres().fresh_database());
    assert_ne!(a, b);
    let name = |url: &str| url.rsplit_once('/').unwrap().1.to_owned();
    shared_postgres().psql_in(&name(&a), "CREATE TABLE t ()");
    let count = "SELECT count(*) FROM pg_tables WHERE tablename = 't'";
    assert_eq!(shared_postgres().psql_in(&name(&a), count), "1");
    assert_eq!(shared_postgres().psql_in(&name(&b), count), "0");
}

#[test]
fn takes_settings_and_says_which_one_it_refused() {
    let error = PostgresServer::builder().setting("no_such_setting", "1").start().unwrap_err();
    assert_eq!(error.kind(), StartErrorKind::Exited);
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
#[should_panic(expected = "relation \"nowhere\" does not exist")]
fn refused_sql_fails_the_test() {
    shared_postgres().psql("SELECT * FROM nowhere");
}
