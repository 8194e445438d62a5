//! Listen address, base URL and dashboards.

use std::net::SocketAddr;

use portico_domain::address::may_be_called;
use url::Url;

use super::{
    addresses::{base_url, web_url},
    section::section,
    site,
    sources::Sources,
    text::trimmed,
};

section! {
    /// Listen address, base URL and dashboards.
    Server {
        app_base_url: Url = base_url {
            open: "APP_BASE_URL", key: "app_base_url",
            default: "http://localhost:5000",
            help: "how browsers reach Portico",
        }
        dashboards: Dashboards = dashboards {
            open: "DASHBOARD_URL", key: "dashboard_url",
            default: "http://localhost:3000/dashboard",
            help: "where a login ends; pages of its origin may call the API. Several, comma separated: the first is the default, a login may end on any (`return_to`), and pages of all may call the API. If `APP_BASE_URL` is https, they must be too, except on loopback addresses. A dashboard on another site than Portico (another registrable domain or scheme) gets no cookie: serve both below one domain, or let its server forward `/api`",
        }
        listen: SocketAddr = socket_address {
            open: "PORTICO_LISTEN", key: "listen",
            default: "127.0.0.1:5000",
            help: "address and port",
        }
    }
    check check_dashboards(app_base_url, dashboards)
}

/// The dashboards: logins end there, and their pages may call the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboards {
    /// The default one, where a login without `return_to` ends.
    pub first: Url,
    /// The others.
    pub others: Vec<Url>,
}

/// Adds a fault for each invalid dashboard and a warning for each that would not get the session cookie.
fn check_dashboards(s: &mut Sources, base: &mut Option<Url>, dashboards: &mut Option<Dashboards>) {
    let Some((base, Dashboards { first, others })) = base.as_ref().zip(dashboards.as_ref()) else {
        return;
    };
    for dashboard in std::iter::once(first).chain(others) {
        match dashboard_fault(base, dashboard) {
            Some(fault) => s.fault("DASHBOARD_URL", &fault),
            None => s.add_warning(site::cross_site_warning(base, dashboard)),
        }
    }
}

/// URLs of dashboards, comma separated; the first is the default.
fn dashboards(text: &str) -> Result<Dashboards, String> {
    let hint = || {
        "write a whole URL, such as https://dashboard.example.com/, or several, comma separated: the \
         first is the default"
            .to_owned()
    };
    let mut urls = text.split(',').map(|text| web_url(trimmed(text)).map_err(|_| hint()));
    let first = urls.next().ok_or_else(hint)??;
    Ok(Dashboards { first, others: urls.collect::<Result<_, _>>()? })
}

/// Whether Portico uses https and the dashboard plain http. The origin of a dashboard may call the API with
/// the session cookie, so a page that can be modified on the network must not be one. Loopback addresses
/// are trustworthy (W3C Secure Contexts section 3.1) and used in development.
fn dashboard_fault(base: &Url, dashboard: &Url) -> Option<String> {
    (base.scheme() == "https" && !may_be_called(dashboard)).then(|| {
        format!(
            "write https: {dashboard} is plain http, which is accepted for loopback addresses only if \
             APP_BASE_URL is https"
        )
    })
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:5000 or 0.0.0.0:5000".into())
}
