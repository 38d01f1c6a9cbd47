//! Puts this program and its server on one processor. Where they are alone on two, what a round trip takes is decided by
//! whether the kernel has them share one, from round to round: waking the other, which sleeps, takes longer than all the rest.

use std::process::{Command, Stdio};

/// The programs that share a processor, until it is dropped.
pub(crate) struct One(Vec<u32>);

impl One {
    /// With `taskset` of util-linux. `None` where that is not to be had.
    pub(crate) fn of(programs: Vec<u32>) -> Option<Self> {
        let this = Self(programs);
        this.on("0").then_some(this)
    }

    fn on(&self, processors: &str) -> bool {
        self.0.iter().all(|program| {
            let mut put = Command::new("taskset");
            put.args(["--all-tasks", "--pid", "--cpu-list", processors, &program.to_string()]);
            put.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
        })
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.on("0-4095");
    }
}
