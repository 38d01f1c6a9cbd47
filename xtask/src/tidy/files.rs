//! The text files of the workspace. Leaves out what git or cargo makes.

use std::io;
use std::path::{Path, PathBuf};

/// One text file.
pub(super) struct File {
    /// Relative to the workspace.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl File {
    #[cfg(test)]
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.to_owned() }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether a folder (or the file, without `.rs`) of this name is on the path.
    pub(super) fn lies_in(&self, name: &str) -> bool {
        self.path.with_extension("").components().any(|part| part.as_os_str() == name)
    }

    /// Inputs of compile tests and generated code: not written to be read.
    pub(super) fn is_exempt(&self) -> bool {
        let ui = self.lies_in("tests") && self.lies_in("ui");
        ui || self.lies_in("generated")
    }
}

const SKIPPED_FOLDERS: [&str; 4] = [".git", "target", "tmp", "node_modules"];
const TEXT: [&str; 14] = [
    "rs", "md", "toml", "yml", "yaml", "sql", "html", "css", "js", "sh", "txt", "stderr", "lua",
    "snap",
];

/// Every text file below `root`, sorted by path.
pub(super) fn all(root: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped) {
                    folders.push(path);
                }
            } else if kind.is_file() && is_text(&path) {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
                let path = path.strip_prefix(root).expect("found below root").to_path_buf();
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_text(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    // The scripts there have no extension.
    let in_ci = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == ".ci");
    extension.is_some_and(|extension| TEXT.contains(&extension)) || in_ci
}
