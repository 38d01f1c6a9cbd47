//! `cargo xtask soak`: the long consistency run. What it does is the harness' business (tests/src/consistency); this
//! only reads the arguments and makes sure that the servers can be started.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

const USAGE: &str = "usage: cargo xtask soak [--minutes N] [--seed S]";

/// Runs for `--minutes` (10 unless said) from `--seed` on (1 unless said); a run that finds something names its seed.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (minutes, seed) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(reason) => {
            eprintln!("{reason}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let run = ["run", "--quiet", "--package", "cached-tests", "--bin", "consistency", "--", "soak"];
    let mut command = workspace::cargo(run);
    command.args([minutes.to_string(), seed.to_string()]);
    steps::exit_code(packages::ensure().and_then(|()| steps::succeed(command)))
}

fn parse(arguments: &[String]) -> Result<(u64, u64), String> {
    let (mut minutes, mut seed) = (10, 1);
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let place = match option.as_str() {
            "--minutes" => &mut minutes,
            "--seed" => &mut seed,
            unknown => return Err(format!("soak has no option `{unknown}`")),
        };
        let value = rest.next().ok_or_else(|| format!("`{option}` needs a number"))?;
        *place = value.parse().map_err(|_| format!("`{option} {value}`: not a whole number"))?;
    }
    Ok((minutes, seed))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn parsed(line: &str) -> Result<(u64, u64), String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_in_any_order_or_left_out() {
        assert_eq!(parsed(""), Ok((10, 1)));
        assert_eq!(parsed("--seed 7 --minutes 3"), Ok((3, 7)));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parsed("--minute 3").unwrap_err().contains("--minute"));
        assert!(parsed("--minutes").unwrap_err().contains("needs a number"));
        assert!(parsed("--seed x").unwrap_err().contains("not a whole number"));
    }
}
