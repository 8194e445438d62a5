//! What each setting's text must look like. An error says what to write instead.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use jiff::SignedDuration;
use portico_azure::{DEFAULT_AUTHORITY_HOST, is_guid};
use portico_domain::{address::may_be_called, identity::TenantId, session::SessionPolicy};
use portico_oauth::NameServers;
use portico_seal::KeyRing;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use url::{Host, Url};

use super::around::{has_unseen, trimmed};

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
            // A reader of addresses takes a blank for a character of the path.
            && !text.contains(char::is_whitespace)
    });
    url.ok_or_else(|| "write a whole URL, such as https://portico.example.com".to_owned())
}

/// Pages where logins end, comma separated: the default one, and the others.
pub(super) fn dashboards(text: &str) -> Result<(Url, Vec<Url>), String> {
    let mend = || {
        "write a whole URL, such as https://dashboard.example.com/, or several, comma separated: the \
         first is where a login ends that asks for no other"
            .to_owned()
    };
    let mut urls = text.split(',').map(|text| web_url(trimmed(text)).map_err(|_| mend()));
    let first = urls.next().ok_or_else(mend)??;
    Ok((first, urls.collect::<Result<_, _>>()?))
}

/// A dashboard that anybody on the way can change would lend its origin, which may call the API
/// with the session cookie, to whoever does. This machine's own addresses are nobody's way (W3C
/// Secure Contexts section 3.1), and where a dashboard is developed.
pub(super) fn dashboard_fault(base: &Url, dashboard: &Url) -> Option<String> {
    (base.scheme() == "https" && !may_be_called(dashboard)).then(|| {
        format!(
            "write https: {dashboard} is plain http, which is taken only for this machine itself \
             where APP_BASE_URL is https"
        )
    })
}

/// Scheme, host and port alone.
pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let root = url.origin().ascii_serialization();
        return Err(format!("write scheme, host and port alone, which are {root}"));
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

/// A secret on one line. It is never repeated, so nobody could see what is wrong with it.
pub(super) fn secret(text: &str) -> Result<&str, String> {
    match has_unseen(text) {
        true => Err("it has a line break or another character that cannot be seen in its middle: \
                     write the secret alone, on one line"
            .into()),
        false => Ok(text),
    }
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

/// A filter by which Portico says something, or `off`. A word that is no level is the name of a module
/// to the filter, and of all others nothing would be heard.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const MEND: &str = "write error, warn, info, debug, trace or off, and behind it for a part of \
                        Portico its level, such as info,portico_http=debug";
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_level = |part: &str| part.parse::<LevelFilter>().is_ok();
    // A span's fields may hold commas and equals signs of their own.
    let target = |part: &str| part.split(['=', '[']).next().unwrap_or_default().trim().to_owned();
    let of_portico = |part: &&str| is_level(part) || target(part).starts_with("portico");
    let has_spans = text.contains('[');
    let known = |part: &str| is_level(part) || part.contains('=') || part.starts_with("portico");
    let is_heard = parts.iter().all(|part| known(part)) && parts.iter().any(of_portico);
    if !has_spans && !is_heard {
        return Err(MEND.into());
    }
    let filter = parts.join(",");
    EnvFilter::try_new(&filter).map(|_| filter).map_err(|_| MEND.into())
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
    if is_many_tenants(text) {
        return Ok(text.to_owned());
    }
    directory(text).map_err(|mend| format!("{mend}; or write organizations, or common"))
}

/// A directory's GUID. A domain of its is no name to go by: it may become another directory's.
fn directory(text: &str) -> Result<String, String> {
    let is_domain = text.contains('.') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    if is_domain {
        return Err(format!(
            "write the directory's id, a GUID, and not its domain: it stands in the issuer that \
             {DEFAULT_AUTHORITY_HOST}/{text}/v2.0/.well-known/openid-configuration shows"
        ));
    }
    guid(text).map_err(|mend| {
        mend.unwrap_or_else(|| "write the directory's id, a GUID, and not its name".to_owned())
    })
}

/// A GUID in small letters, as Entra ID writes it in tokens: case does not matter in one (RFC 9562
/// section 4). What is one in another form is refused with the right one.
fn guid(text: &str) -> Result<String, Option<String>> {
    if is_guid(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let bare = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let bare: String = bare.chars().filter(|c| !matches!(c, '{' | '}' | '(' | ')' | '-')).collect();
    let is_other_form = bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit());
    Err(is_other_form.then(|| {
        let bare = bare.to_ascii_lowercase();
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|at| &bare[at]);
        format!("write it as {}", groups.join("-"))
    }))
}

/// The text as Entra ID writes it where it is a GUID.
pub(super) fn in_one_case(text: &str) -> String {
    guid(text).unwrap_or_else(|_| text.to_owned())
}

fn is_many_tenants(text: &str) -> bool {
    matches!(text, "organizations" | "common")
}

pub(super) fn client_id(text: &str) -> Result<String, String> {
    let mend = "write the application (client) id, a GUID".to_owned();
    guid(text).map_err(|other| other.unwrap_or(mend))
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
    let mend = |why: &str| format!("write the GUIDs of directories, comma separated: {why}");
    text.split(',')
        .map(|text| {
            let text = trimmed(text);
            let id = directory(text).map_err(|why| mend(&format!("instead of {text:?} {why}")))?;
            TenantId::parse(id).map_err(|_| mend("there is one that is none"))
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
