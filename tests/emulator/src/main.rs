//! `portico-emulator`: emulates Azure and seven other clouds, so that Portico can be tried without an account.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use portico_emulator::{Cloud, Emulator, Options};

/// Entra ID with Azure Resource Manager, and seven other clouds, on this machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen for HTTP
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4010")]
    http: SocketAddr,
    /// Where to listen for HTTPS as well
    #[arg(long, value_name = "ADDR")]
    https: Option<SocketAddr>,
    /// Where to write the certificate authority that HTTPS clients have to trust
    #[arg(long, value_name = "PATH", requires = "https")]
    ca_file: Option<PathBuf>,
    /// A registered redirect URI, matched exactly; with none, every URL of this machine is one
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let shutdown = shutdown_signal()?;
    let emulator = Emulator::start(Options {
        http: arguments.http,
        https: arguments.https,
        redirect_uris: arguments.redirect_uris,
    })
    .await?;
    if let (Some(path), Some(pem)) = (arguments.ca_file, emulator.ca_certificate_pem()) {
        std::fs::write(path, pem)?;
    }
    print_introduction(&emulator)?;
    shutdown.await;
    emulator.stop().await;
    Ok(())
}

fn print_introduction(emulator: &Emulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for url in [Some(emulator.http_url()), emulator.https_url()].into_iter().flatten() {
        writeln!(out, "listening on {url}")?;
    }
    let world = Emulator::world();
    writeln!(out, "client id {}", world.application.client_id)?;
    writeln!(out, "client secret {}", world.application.client_secret)?;
    for cloud in Cloud::ALL {
        let (url, client) = (cloud.url(emulator.http_url()), cloud.client());
        writeln!(
            out,
            "cloud {} {url} (client id {}, client secret {})",
            cloud.name(),
            client.client_id,
            client.client_secret
        )?;
    }
    for tenant in world.tenants {
        writeln!(out, "tenant {} {}", tenant.id, tenant.name)?;
    }
    for person in world.people {
        writeln!(out, "person {} ({}: {})", person.user_name, person.name, person.about)?;
    }
    writeln!(out, "ready")?;
    out.flush()
}

/// Installs the handlers at the call; resolves on SIGINT or SIGTERM.
#[cfg(unix)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
