//! The command line of `portico`.
//!
//! Each command has a file with its arguments; `outcome.rs` maps results to exit codes.

mod outcome;
mod provider;
mod serve;
mod terminal;

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};

use self::{
    outcome::{exit_code, with_config},
    terminal::{confirm, print},
};
use crate::config::Config;

/// The front door to a company's clouds: signs people in with their cloud's own identity
/// provider, lists what they can access, and keeps the session.
///
/// Configured by environment variables and portico.toml; the README lists them.
#[derive(Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Manage providers and their plug-ins
    #[command(subcommand)]
    Provider(provider::Command),
}

/// Runs the command.
pub fn run(arguments: Arguments) -> ExitCode {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => with_config("Portico stopped", Config::read(env::vars_os()), serve::run),
        Command::Provider(command) => provider::run(command),
    }
}
