//! What each setting's text must look like. An error says what to write instead.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use jiff::SignedDuration;
use portico_azure::is_guid;
use portico_domain::{address::may_be_called, identity::TenantId, session::SessionPolicy};
use portico_oauth::NameServers;
use portico_seal::KeyRing;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

/// Where sessions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// In an embedded sled database in this folder.
    Sled(PathBuf),
    /// In memory: gone with the process.
    Memory,
}

/// Whose token lists subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionsAs {
    /// Portico's own: everybody sees what the application may see.
    Application,
    /// The signed-in person's: everybody sees what they may see.
    User,
}

impl SubscriptionsAs {
    /// As the Azure provider's setting says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::User => "user",
        }
    }
}

/// An `http` or `https` URL.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    });
    url.ok_or_else(|| "write a whole URL, such as https://portico.example.com".to_owned())
}

/// A dashboard that anybody on the way can change would lend its origin, which may call the API
/// with the session cookie, to whoever does. This machine's own addresses are nobody's way (W3C
/// Secure Contexts section 3.1), and where a dashboard is developed.
pub(super) fn dashboard_fault(base: &Url, dashboard: &Url) -> Option<String> {
    (base.scheme() == "https" && !may_be_called(dashboard)).then(|| {
        "write https: APP_BASE_URL is https, and plain http is taken only for this machine itself"
            .to_owned()
    })
}

/// Scheme, host and port alone.
pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("write scheme, host and port alone, such as https://portico.example.com".into());
    }
    Ok(url)
}

/// The root of an identity provider or cloud: plain http for loopback only.
pub(super) fn cloud_url(text: &str) -> Result<Url, String> {
    let url = base_url(text)?;
    if !may_be_called(&url) {
        return Err("write https: secrets and tokens go there, and plain http is taken only for \
                    this machine itself"
            .into());
    }
    Ok(url)
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:5000 or 0.0.0.0:5000".into())
}

pub(super) fn store(text: &str) -> Result<StoreChoice, String> {
    let mend = || "write sled:DIR with a folder, or memory: to lose sessions with the process";
    match text.split_once(':') {
        Some(("sled", folder)) if !folder.is_empty() => Ok(StoreChoice::Sled(folder.into())),
        Some(("memory", "")) => Ok(StoreChoice::Memory),
        _ => Err(mend().into()),
    }
}

/// So many MiB, in bytes. At least 16: sled writes half a MiB at a time.
pub(super) fn mebibytes(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number: &u64| (16..=1_048_576).contains(number));
    let mend = || "write a whole number of MiB from 16 to 1048576".into();
    number.map(|number| number * 1024 * 1024).ok_or_else(mend)
}

/// Base64 of 32 bytes each, comma separated: the first seals, all open.
pub(super) fn keys(text: &str) -> Result<Arc<KeyRing>, String> {
    KeyRing::parse(text).map(Arc::new).map_err(|error| error.to_string())
}

/// `90m`, `8h`, `1d 12h`.
pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed
        .filter(|lifetime| *lifetime >= Duration::from_secs(60))
        .ok_or_else(|| "write a duration of a minute or more, such as 90m or 8h".into())
}

pub(super) fn policy_fault(policy: &SessionPolicy) -> Option<String> {
    (policy.idle > policy.max)
        .then(|| "write at most the value of PORTICO_SESSION_MAX, or raise that".into())
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("write error, warn, info, debug or trace, or module=level pairs".into()),
    }
}

pub(super) fn subscriptions_as(text: &str) -> Result<SubscriptionsAs, String> {
    match text {
        "application" => Ok(SubscriptionsAs::Application),
        "user" => Ok(SubscriptionsAs::User),
        _ => Err("write application or user".into()),
    }
}

/// A directory's GUID, `organizations` or `common`.
pub(super) fn azure_tenant(text: &str) -> Result<String, String> {
    if is_guid(text) || is_many_tenants(text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("write the directory's id, a GUID, and not its domain; or organizations, or common".into())
}

fn is_many_tenants(text: &str) -> bool {
    matches!(text, "organizations" | "common")
}

pub(super) fn client_id(text: &str) -> Result<String, String> {
    if is_guid(text) {
        return Ok(text.to_owned());
    }
    Err("write the application (client) id, a GUID".into())
}

/// Addresses of name servers, comma separated.
pub(super) fn name_servers(text: &str) -> Result<NameServers, String> {
    text.parse().map_err(|_| {
        "write addresses, comma separated, each with its port where that is not 53, such as \
         192.0.2.53 or 127.0.0.1:5353"
            .to_owned()
    })
}

/// Hosts with their ports, comma separated, each as a URL spells it.
pub(super) fn private_hosts(text: &str) -> Result<Vec<String>, String> {
    let mend = || {
        "write hosts with their ports, comma separated, such as keycloak.internal:8443 or \
         10.0.0.7:443"
            .to_owned()
    };
    let host = |text: &str| {
        let (host, port) = text.trim().rsplit_once(':')?;
        let port = port.parse::<u16>().ok().filter(|port| *port != 0)?;
        Some(format!("{}:{port}", Host::parse(host).ok()?))
    };
    text.split(',').map(|text| host(text).ok_or_else(mend)).collect()
}

/// GUIDs, comma separated.
pub(super) fn tenants(text: &str) -> Result<Vec<TenantId>, String> {
    let mend = || "write the GUIDs of directories, comma separated".to_owned();
    text.split(',')
        .map(|text| {
            let text = text.trim();
            if !is_guid(text) {
                return Err(mend());
            }
            TenantId::parse(text.to_ascii_lowercase()).map_err(|_| mend())
        })
        .collect()
}

/// The tenants that may sign in where the operator named none: the configured one.
pub(super) fn tenants_of(tenant: &str) -> Result<Vec<TenantId>, String> {
    if is_many_tenants(tenant) {
        return Err(format!(
            "AZURE_TENANT_ID is {tenant}, which lets everybody's directory in: write the GUIDs of \
             those that may sign in, comma separated"
        ));
    }
    tenants(tenant)
}
