//! `lms audit`: prints the cache map without any server, and says with its exit code whether it is clean.

use std::process::Command;

#[test]
fn the_audit_prints_the_map_and_is_clean() {
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .arg("audit")
        .env_remove("DATABASE_URL")
        .env_remove("REDIS_URL")
        .output()
        .expect("the program");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let rename =
        printed.split("lms::repository::course_writes::rename\n").nth(1).expect("the write");
    let reads: Vec<&str> = rename.lines().take_while(|line| line.starts_with(' ')).collect();
    assert!(reads.contains(&"    course:<id>:card"), "{reads:?}");
    // A thousand students take a course, and none of their dashboards holds its title.
    assert!(!reads.contains(&"    dashboard:<id>"), "{reads:?}");
    assert!(printed.trim_end().ends_with("0 warnings"), "{printed}");
}
