//! What becomes of a command: its exit code, and what is said where it failed.

use std::process::ExitCode;

use portico_domain::text::{printable, sentence};

use crate::{
    config::{Config, Faults},
    logging::start_logging,
};

/// Wrong usage or configuration.
const MISCONFIGURED: u8 = 2;

/// What a command is called in front of what went wrong: a person has typed it, and a script's log does
/// not say.
pub(super) type Name = &'static str;

/// Runs a command that needs the configuration.
pub(super) fn with_config(
    name: Name,
    config: Result<Config, Faults>,
    command: impl FnOnce(&Config) -> anyhow::Result<()>,
) -> ExitCode {
    let config = match config {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("{}", printable(&faults.to_string()));
            return ExitCode::from(MISCONFIGURED);
        }
    };
    let log = match start_logging(&config.telemetry.log) {
        Ok(log) => log,
        Err(error) => return ended(name, Err(error.into())),
    };
    match command(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.say(&failure(name, &error));
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command that needs no configuration.
pub(super) fn ended(name: Name, result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", failure(name, &error));
            ExitCode::FAILURE
        }
    }
}

fn failure(name: Name, error: &anyhow::Error) -> String {
    printable(&sentence(&format!("{name}: {error:#}")))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn failure_names_the_command_and_each_cause() {
        let error = anyhow!("No such file").context("nofile cannot be read");
        let said = failure("portico provider inspect", &error);
        assert_eq!(said, "portico provider inspect: nofile cannot be read: No such file.");
        assert!(!failure("portico", &anyhow!("a\u{1b}[2Jb")).contains('\u{1b}'));
    }
}
