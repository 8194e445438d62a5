//! The `portico` program.

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use portico::{Config, Portico, start_logging, stop_signal};

/// Every request allocates and frees a few dozen small pieces, on whichever thread is free: with
/// the C library's allocator that took a quarter of the time of `/api/session` (`make bench`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The front door to a company's clouds: signs people in with their cloud's own identity
/// provider, lists what they can reach, and keeps the session.
///
/// Configured by environment variables and portico.toml; the README lists them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Serve Portico until told to stop (the default)
    Serve,
}

/// Wrong usage or configuration.
const MISCONFIGURED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(),
    }
}

fn serve() -> ExitCode {
    let config = match Config::read(env::vars()) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(MISCONFIGURED);
        }
    };
    start_logging(&config.log);
    match run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Portico stopped: {error:#}.");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: &Config) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    Portico::start(config).await?.run(stop).await
}
