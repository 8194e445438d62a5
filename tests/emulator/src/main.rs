//! `portico-emulator`: emulates Azure and seven other clouds, so that Portico can be tried without an account.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use portico_emulator::{Cloud, Emulator, Options, Refusal, RefusalKind, Tenant, TokenSettings};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as ValueError;

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
    /// Lifetime of every access token, instead of each cloud's own
    #[arg(long, value_name = "SECONDS")]
    access_token_lifetime: Option<u32>,
    /// Revokes a refresh token of Entra ID when it is used, and its whole sign-in when it is used again
    #[arg(long)]
    single_use_refresh_tokens: bool,
    /// Gives ID tokens of Entra ID the optional claim `sid`, for front-channel logout
    #[arg(long)]
    session_ids: bool,
    /// A tenant that refuses refresh tokens, and why: mfa, consent, blocked and others (RefusalKind)
    #[arg(long = "refuse", value_name = "TENANT=KIND", value_parser = refusal)]
    refusals: Vec<(&'static Tenant, Refusal)>,
}

/// A tenant id and the JSON name of a kind.
fn refusal(text: &str) -> Result<(&'static Tenant, Refusal), String> {
    let (tenant, kind) = text.split_once('=').ok_or("it has to be TENANT=KIND")?;
    let tenant = Emulator::world().tenant(tenant).ok_or("there is no tenant with this id")?;
    let kind = RefusalKind::deserialize(kind.into_deserializer());
    kind.map(|kind| (tenant, kind.into())).map_err(|error: ValueError| error.to_string())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let shutdown = shutdown_signal()?;
    let emulator = Emulator::start(Options {
        http: arguments.http,
        https: arguments.https,
        redirect_uris: arguments.redirect_uris,
        tokens: TokenSettings {
            access_token_lifetime: arguments.access_token_lifetime,
            single_use_refresh_tokens: arguments.single_use_refresh_tokens,
            session_ids: arguments.session_ids,
        },
        refusals: arguments.refusals,
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
