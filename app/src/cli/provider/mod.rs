//! `portico provider`: manages providers and their plug-ins.

mod add;
mod inspect;
mod kit;
mod list;
mod record;
mod remove;

use std::{env, process::ExitCode};

use clap::{Args, Subcommand};

use portico_plugins::announcement;
use portico_wasm::{Compiled, LoadError, Sandbox};

use super::{confirm, exit_code, print, with_config};
use crate::{
    compose::{self, COMPILER},
    config::Config,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the providers, with the reasons of those that are not offered or whose sign-in fails
    List(list::Arguments),
    /// Show what a plug-in asks for, its imports, size, compile time and settings
    Inspect(inspect::Arguments),
    /// Show what a plug-in asks for and grant it
    Add(add::Arguments),
    /// Revoke the grant of a plug-in and remove its file
    Remove(remove::Arguments),
    /// Create a project for a plug-in
    New(kit::NewArguments),
    /// Convert a core module into a component
    Pack(kit::PackArguments),
    /// Run the conformance checks on a plug-in and replay tapes
    Test(kit::TestArguments),
    /// Compare two versions of a plug-in
    Diff(kit::DiffArguments),
    /// Compile the component on standard input (run by Portico as a child process)
    #[command(hide = true)]
    Compile,
}

#[derive(Args)]
pub(super) struct JsonFlag {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(command: Command) -> ExitCode {
    let name = command.name();
    let configured = |run: &dyn Fn(&Config) -> anyhow::Result<()>| {
        with_config(name, Config::read_for_plugins(env::vars_os()), run)
    };
    match command {
        Command::List(it) => configured(&|config| list::run(config, &it)),
        Command::Add(it) => configured(&|config| add::run(config, &it)),
        Command::Remove(it) => configured(&|config| remove::run(config, &it)),
        Command::Inspect(it) => exit_code(name, inspect::run(&it)),
        Command::New(it) => exit_code(name, kit::run_new(&it)),
        Command::Pack(it) => exit_code(name, kit::run_pack(&it)),
        Command::Test(it) => match &it.record {
            Some(tape) => configured(&|config| record::run(config, &it.file, tape, it.anonymise)),
            None => exit_code(name, kit::run_test(&it)),
        },
        Command::Diff(it) => exit_code(name, kit::run_diff(&it)),
        Command::Compile => exit_code(name, compose::compile()),
    }
}

/// Compiles a component without the cache; for a large one, a notice goes to standard error first.
async fn compile_with_notice(sandbox: &Sandbox, component: &[u8]) -> Result<Compiled, LoadError> {
    if let Some(line) = announcement(component.len(), false) {
        eprintln!("{line}");
    }
    COMPILER.compile(sandbox, component).await
}

impl Command {
    fn name(&self) -> super::outcome::CommandName {
        match self {
            Self::List(_) => "portico provider list",
            Self::Inspect(_) => "portico provider inspect",
            Self::Add(_) => "portico provider add",
            Self::Remove(_) => "portico provider remove",
            Self::New(_) => "portico provider new",
            Self::Pack(_) => "portico provider pack",
            Self::Test(_) => "portico provider test",
            Self::Diff(_) => "portico provider diff",
            Self::Compile => "portico provider compile",
        }
    }
}
