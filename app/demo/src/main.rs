//! `portico-demo`: Portico and the emulated clouds in one process, with real HTTP between them.
//!
//! Sessions live in a temporary folder that goes when the demo ends; compiled plug-ins stay in the
//! build folder, so that only the first start takes its time. This crate alone links the emulator
//! into a program with Portico.

mod plugins;

use std::{
    env,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    process::ExitCode,
};

use anyhow::{Context, bail};
use portico::{Config, Portico, start_logging, stop_signal};
use portico_emulator::{Cloud, Emulator, Options, personas};

/// What a person may change, by the same names as in Portico itself.
const CHANGEABLE: [&str; 5] =
    ["APP_BASE_URL", "AZURE_SUBSCRIPTIONS_AS", "DASHBOARD_URL", "PORTICO_LISTEN", "PORTICO_LOG"];

const LISTEN: &str = "PORTICO_LISTEN";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

#[tokio::main]
async fn main() -> ExitCode {
    // Portico compiles plug-ins in a process of its own program, which here is this one.
    if env::args().skip(1).eq(portico::COMPILE.map(str::to_owned)) {
        return outcome(portico::compile());
    }
    outcome(run().await)
}

fn outcome(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The demo stopped: {error:#}.");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let listen = env::var(LISTEN).ok().filter(|address| !address.trim().is_empty());
    // Portico says what is wrong with one that is none.
    let listen = listen.and_then(|address| address.trim().parse().ok()).unwrap_or(DEFAULT_LISTEN);
    is_free(listen)?;
    let emulator =
        Emulator::start(Options::default()).await.context("the emulated clouds cannot start")?;
    let folder = tempfile::tempdir().context("there is no temporary folder to keep sessions in")?;
    let sessions = folder.path().join("sessions");
    let plugins = plugins::folder()?;
    let config =
        Config::read(environment(&emulator, listen, &sessions.to_string_lossy(), &plugins))?;
    let _log = start_logging(&config.telemetry.log)?;
    plugins::grant_all(&config).await?;
    let portico = Portico::start(&config).await?.with_plugins().await;

    eprintln!("People you can sign in as:");
    for person in personas::WORLD.people {
        eprintln!("  {:<16} {:<36} {}", person.name, person.user_name, person.about);
    }
    let address = config.server.app_base_url.as_str().trim_end_matches('/');
    eprintln!("Portico is ready: open {address} (Ctrl-C ends it)");
    portico.run(stop).await
}

/// Looked at before plug-ins are compiled, which takes a while.
fn is_free(listen: SocketAddr) -> anyhow::Result<()> {
    match TcpListener::bind(listen) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {}
        // Portico says what else there is.
        _ => return Ok(()),
    }
    let others = (1..100).filter_map(|more| listen.port().checked_add(more));
    let mut others = others.map(|port| SocketAddr::new(listen.ip(), port));
    match others.find(|other| TcpListener::bind(other).is_ok()) {
        Some(other) => bail!(
            "another program listens on {listen}, perhaps another demo; on {other} it would be free: \
             {LISTEN}={other} make demo"
        ),
        None => bail!("another program listens on {listen}: write another address into {LISTEN}"),
    }
}

/// Portico's configuration: signs in with the emulator, shows its own dashboard.
fn environment(
    emulator: &Emulator,
    listen: SocketAddr,
    sessions: &str,
    plugins: &plugins::Folder,
) -> Vec<(String, String)> {
    let given = |name: &&str| {
        let value = env::var(name).ok().filter(|value| !value.trim().is_empty())?;
        Some(((*name).to_owned(), value))
    };
    let own: Vec<(String, String)> = CHANGEABLE.iter().filter_map(given).collect();
    let base = own.iter().find(|(name, _)| name == "APP_BASE_URL");
    let base = base.map_or(format!("http://localhost:{}", listen.port()), |(_, base)| base.clone());
    let clouds = emulator.http_url().as_str();
    let tenants: Vec<&str> = personas::WORLD.tenants.iter().map(|tenant| tenant.id).collect();
    let fixed = [
        ("AZURE_TENANT_ID", "organizations"),
        ("AZURE_ALLOWED_TENANTS", &tenants.join(",")),
        ("AZURE_CLIENT_ID", personas::APPLICATION.client_id),
        ("AZURE_CLIENT_SECRET", personas::APPLICATION.client_secret),
        ("AZURE_AUTHORITY_HOST", clouds),
        ("AZURE_RESOURCE_MANAGER_URL", clouds),
        ("APP_BASE_URL", &base),
        ("DASHBOARD_URL", &format!("{base}/dashboard")),
        ("PORTICO_STORE", &format!("sled:{sessions}")),
        ("PORTICO_PROVIDERS", &plugins.path),
        ("PORTICO_KEYS_FILE", &plugins.keys),
        // A portico.toml in the working directory belongs to a Portico, not to its demo.
        ("PORTICO_CONFIG", ""),
        ("PORTICO_LOG", "warn"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let root = emulator.http_url();
    let plugins = Cloud::ALL.into_iter().flat_map(|cloud| cloud.plugin_variables(root));
    // Of two of one name the later one counts.
    fixed.into_iter().chain(plugins).chain(own).collect()
}
