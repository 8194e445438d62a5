//! The command line: what can be said to `portico`, and what it answers with.
//!
//! Each command has a file with its arguments; `outcome.rs` makes an exit code of what came of it.

mod outcome;
mod provider;
mod serve;
mod terminal;

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};

use self::{
    outcome::{ended, with_config},
    terminal::{agreed, say},
};
use crate::config::Config;

/// The front door to a company's clouds: signs people in with their cloud's own identity
/// provider, lists what they can reach, and keeps the session.
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
    /// Serve Portico until told to stop (the default)
    Serve,
    /// The clouds that Portico knows by plug-ins
    #[command(subcommand)]
    Provider(provider::Command),
}

/// Does what was asked for.
pub fn run(arguments: Arguments) -> ExitCode {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => with_config("Portico stopped", Config::read(env::vars_os()), serve::run),
        Command::Provider(command) => provider::run(command),
    }
}
