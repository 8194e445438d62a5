//! `portico provider`: the clouds that Portico knows by plug-ins.

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

use super::{agreed, ended, say, with_config};
use crate::{
    compose::{self, COMPILER},
    config::Config,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show what is offered, and what keeps the others away or people from signing in
    List(list::Arguments),
    /// Show what a file is: its imports, hosts, size, compile time and settings
    Inspect(inspect::Arguments),
    /// Show what a plug-in asks for, and grant it
    Add(add::Arguments),
    /// Take back what was granted to a plug-in, and remove its file
    Remove(remove::Arguments),
    /// Begin a plug-in: a project that builds and passes
    New(kit::NewArguments),
    /// Make a component of a core module
    Pack(kit::PackArguments),
    /// Hold a plug-in against what every plug-in must do, and replay tapes
    Test(kit::TestArguments),
    /// Show what another version of a plug-in would have asked and answered
    Diff(kit::DiffArguments),
    /// Compile the component on standard input; Portico runs this as a process of its own
    #[command(hide = true)]
    Compile,
}

#[derive(Args)]
pub(super) struct JsonFlag {
    /// Answer in JSON, for scripts
    #[arg(long)]
    json: bool,
}

/// Does what was asked for.
pub(super) fn run(command: Command) -> ExitCode {
    let name = command.name();
    let configured = |run: &dyn Fn(&Config) -> anyhow::Result<()>| {
        with_config(name, Config::read_for_plugins(env::vars_os()), run)
    };
    match command {
        Command::List(it) => configured(&|config| list::run(config, &it)),
        Command::Add(it) => configured(&|config| add::run(config, &it)),
        Command::Remove(it) => configured(&|config| remove::run(config, &it)),
        Command::Inspect(it) => ended(name, inspect::run(&it)),
        Command::New(it) => ended(name, kit::run_new(&it)),
        Command::Pack(it) => ended(name, kit::run_pack(&it)),
        Command::Test(it) => match &it.record {
            Some(tape) => configured(&|config| record::run(config, &it.file, tape, it.anonymise)),
            None => ended(name, kit::run_test(&it)),
        },
        Command::Diff(it) => ended(name, kit::run_diff(&it)),
        Command::Compile => ended(name, compose::compile()),
    }
}

/// Compiles a component for one command alone. To standard error it says that this takes long.
async fn compile_aloud(sandbox: &Sandbox, component: &[u8]) -> Result<Compiled, LoadError> {
    if let Some(line) = announcement(component.len(), false) {
        eprintln!("{line}");
    }
    COMPILER.compile(sandbox, component).await
}

impl Command {
    fn name(&self) -> super::outcome::Name {
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
