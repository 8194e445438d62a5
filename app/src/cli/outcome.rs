//! Exit codes and error messages of commands.

use std::process::ExitCode;

use portico_domain::text::{printable, sentence};

use crate::{
    config::{Config, Faults},
    logging::start_logging,
};

/// The exit code for a wrong configuration; clap uses the same for wrong usage.
const MISCONFIGURED: u8 = 2;

/// The command's name, the prefix of its error message: the log of a script may not show which command
/// failed.
pub(super) type CommandName = &'static str;

/// Runs a command that needs the configuration.
pub(super) fn with_config(
    name: CommandName,
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
        Err(error) => return exit_code(name, Err(error.into())),
    };
    match command(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.print(&failure(name, &error));
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command that needs no configuration.
pub(super) fn exit_code(name: CommandName, result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", failure(name, &error));
            ExitCode::FAILURE
        }
    }
}

fn failure(name: CommandName, error: &anyhow::Error) -> String {
    printable(&sentence(&format!("{name}: {error:#}")))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn failure_names_the_command_and_each_cause() {
        let error = anyhow!("No such file").context("nofile cannot be read");
        let message = failure("portico provider inspect", &error);
        assert_eq!(message, "portico provider inspect: nofile cannot be read: No such file.");
        assert!(!failure("portico", &anyhow!("a\u{1b}[2Jb")).contains('\u{1b}'));
    }
}
