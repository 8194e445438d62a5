//! The command line: what can be said to `portico`, and what it answers with.

mod add;
mod inspect;
mod kit;
mod list;
mod record;
mod remove;

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use portico_domain::{
    identity::ProviderId,
    text::{printable, sentence},
};
use portico_wasm::{Compiled, Sandbox};

use crate::{
    Config, OtherSignals, Portico,
    plugins::{self, announcement},
    start_logging, stop_signal,
};

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
    Provider(ProviderCommand),
}

#[derive(Subcommand)]
enum ProviderCommand {
    /// Show what is offered, and what keeps the others away or people from signing in
    List(ListArguments),
    /// Show what a file is: its imports, hosts, size, compile time and settings
    Inspect(InspectArguments),
    /// Show what a plug-in asks for, and grant it
    Add(AddArguments),
    /// Take back what was granted to a plug-in, and remove its file
    Remove(RemoveArguments),
    /// Begin a plug-in: a project that builds and passes
    New(NewArguments),
    /// Make a component of a core module
    Pack(PackArguments),
    /// Hold a plug-in against what every plug-in must do, and replay tapes
    Test(TestArguments),
    /// Show what another version of a plug-in would have asked and answered
    Diff(DiffArguments),
    /// Compile the component on standard input; Portico runs this as a process of its own
    #[command(hide = true)]
    Compile,
}

#[derive(Args)]
struct JsonFlag {
    /// Answer in JSON, for scripts
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct ListArguments {
    #[command(flatten)]
    json: JsonFlag,
    /// Ask no identity provider whether people can sign in now
    #[arg(long)]
    offline: bool,
}

#[derive(Args)]
struct InspectArguments {
    /// The plug-in: a WebAssembly component
    file: PathBuf,
    #[command(flatten)]
    json: JsonFlag,
}

#[derive(Args)]
struct AddArguments {
    /// The plug-in: a WebAssembly component
    file: PathBuf,
    /// Grant what it asks for without asking back
    #[arg(long)]
    yes: bool,
    /// Let it take the place of the provider of its id that is built in, with its client secret
    #[arg(long)]
    replace_built_in: bool,
    /// Let each of its logins use this much memory, in MiB
    #[arg(long, value_name = "MIB")]
    memory: Option<u32>,
    /// Let each of its logins use this much processor time, in milliseconds
    #[arg(long, value_name = "MS")]
    time: Option<u32>,
    /// Let each of its calls hand over this much, in KiB
    #[arg(long, value_name = "KIB")]
    output: Option<u32>,
}

#[derive(Args)]
struct RemoveArguments {
    /// The id of the plug-in, as `portico provider list` shows it
    #[arg(value_parser = provider_id)]
    name: ProviderId,
    /// Remove it without asking back
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    json: JsonFlag,
}

/// A name that is none is wrong usage, and no plug-in that is missing.
fn provider_id(text: &str) -> Result<ProviderId, String> {
    ProviderId::parse(text).map_err(|error| error.to_string())
}

#[derive(Args)]
struct NewArguments {
    /// The id of the provider: lower-case letters, digits and '-'
    name: String,
    /// rust, javascript or python
    #[arg(long)]
    lang: String,
    /// Where to write it; a folder of its name where nothing is said
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Where the Rust SDK is; found by itself within a checkout of Portico
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

#[derive(Args)]
struct PackArguments {
    /// The core module, as cargo builds it for wasm32-unknown-unknown
    module: PathBuf,
    /// Where to write the component
    #[arg(long, short)]
    output: PathBuf,
}

#[derive(Args)]
struct TestArguments {
    /// The plug-in: a WebAssembly component
    file: PathBuf,
    /// Fixtures and tapes: what its cloud answers
    fixtures: Vec<PathBuf>,
    /// Tape one login into this file instead, with the plug-in's settings as Portico has them
    #[arg(long, value_name = "TAPE", conflicts_with = "fixtures")]
    record: Option<PathBuf>,
    /// Write made-up names and e-mail addresses onto the tape
    #[arg(long, requires = "record")]
    anonymise: bool,
}

#[derive(Args)]
struct DiffArguments {
    /// The plug-in as it was
    old: PathBuf,
    /// The plug-in as it is to be
    new: PathBuf,
    /// Logins to play to both
    tapes: Vec<PathBuf>,
}

/// The arguments that make a program of Portico's compile a plug-in: see [`compile`].
pub const COMPILE: [&str; 2] = ["provider", "compile"];

/// Compiles the component on standard input to standard output. Whatever program serves Portico
/// does this when it is called with [`COMPILE`].
pub fn compile() -> ExitCode {
    ended(portico_wasm::compile_stdin_to_stdout().map_err(Into::into))
}

/// Wrong usage or configuration.
const MISCONFIGURED: u8 = 2;

/// Does what was asked for.
pub fn run(arguments: Arguments) -> ExitCode {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => with_config(Config::read(env::vars_os()), serve),
        Command::Provider(command) => provider(command),
    }
}

fn provider(command: ProviderCommand) -> ExitCode {
    let for_config = |run: &dyn Fn(&Config) -> anyhow::Result<()>| {
        with_config(Config::read_for_plugins(env::vars_os()), run)
    };
    match command {
        ProviderCommand::List(it) => {
            for_config(&|config| list::run(config, it.json.json, it.offline))
        }
        ProviderCommand::Add(arguments) => for_config(&|config| add::run(config, &arguments)),
        ProviderCommand::Remove(arguments) => for_config(&|config| remove::run(config, &arguments)),
        ProviderCommand::Inspect(it) => ended(inspect::run(&it.file, it.json.json)),
        ProviderCommand::New(arguments) => ended(kit::run_new(&arguments)),
        ProviderCommand::Pack(arguments) => ended(kit::run_pack(&arguments)),
        ProviderCommand::Test(it) => match &it.record {
            Some(tape) => for_config(&|config| record::run(config, &it.file, tape, it.anonymise)),
            None => ended(kit::run_test(&it)),
        },
        ProviderCommand::Diff(arguments) => ended(kit::run_diff(&arguments)),
        ProviderCommand::Compile => compile(),
    }
}

fn with_config(
    config: Result<Config, crate::Faults>,
    command: impl FnOnce(&Config) -> anyhow::Result<()>,
) -> ExitCode {
    match config {
        Ok(config) => {
            let log = match start_logging(&config.log) {
                Ok(log) => log,
                Err(error) => return ended(Err(error.into())),
            };
            match command(&config) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    log.say(&stopped(&error));
                    ExitCode::FAILURE
                }
            }
        }
        Err(faults) => {
            eprintln!("{}", printable(&faults.to_string()));
            ExitCode::from(MISCONFIGURED)
        }
    }
}

fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", stopped(&error));
            ExitCode::FAILURE
        }
    }
}

fn stopped(error: &anyhow::Error) -> String {
    printable(&sentence(&format!("Portico stopped: {error:#}")))
}

#[tokio::main]
async fn serve(config: &Config) -> anyhow::Result<()> {
    let (stop, others) = (stop_signal()?, OtherSignals::listen()?);
    Portico::start(config).await?.reloading_at(others).run(stop).await
}

/// Writes to standard output, without what a file's name or a plug-in's words could do to a
/// terminal. A reader that has gone away wants no more: that is no failure.
fn say(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(printable(text).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Compiles a component for this command alone. To standard error it says that this takes long.
async fn compile_aloud(sandbox: &Sandbox, component: &[u8]) -> anyhow::Result<Compiled> {
    if let Some(line) = announcement(component.len(), false) {
        eprintln!("{line}");
    }
    plugins::compile(sandbox, component).await
}

/// Asks whoever is at the terminal. Fails where nobody is.
fn agreed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody is there to ask: read the above, then say --yes");
    }
    say(&format!("{question} [y/N] "))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
