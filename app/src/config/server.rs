//! Where Portico listens, how browsers reach it, and where they go on.

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
    /// Where Portico listens, how browsers reach it, and where they go on.
    Server {
        app_base_url: Url = base_url {
            open: "APP_BASE_URL", key: "app_base_url",
            default: "http://localhost:5000",
            help: "how browsers reach Portico",
        }
        dashboards: Dashboards = dashboards {
            open: "DASHBOARD_URL", key: "dashboard_url",
            default: "http://localhost:3000/dashboard",
            help: "where a login ends; pages of its origin may call the API. Several, comma separated: the first is the default end, a login may end on any (`return_to`), and the pages of all may call. Where `APP_BASE_URL` is https they are too, unless they are this machine's own. On another site than Portico (another registered domain, or another scheme) a dashboard gets no cookie: put both below one domain, or have its server pass `/api` on",
        }
        listen: SocketAddr = socket_address {
            open: "PORTICO_LISTEN", key: "listen",
            default: "127.0.0.1:5000",
            help: "address and port",
        }
    }
    check check_dashboards(app_base_url, dashboards)
}

/// Where logins end, and whose pages may call the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboards {
    /// Where logins end that ask for no other place.
    pub first: Url,
    /// The others.
    pub others: Vec<Url>,
}

/// Names each dashboard that cannot be one, and warns of those that would not get the cookie.
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

/// Pages where logins end, comma separated: the default one, and the others.
fn dashboards(text: &str) -> Result<Dashboards, String> {
    let mend = || {
        "write a whole URL, such as https://dashboard.example.com/, or several, comma separated: the \
         first is where a login ends that asks for no other"
            .to_owned()
    };
    let mut urls = text.split(',').map(|text| web_url(trimmed(text)).map_err(|_| mend()));
    let first = urls.next().ok_or_else(mend)??;
    Ok(Dashboards { first, others: urls.collect::<Result<_, _>>()? })
}

/// A dashboard that anybody on the way can change would lend its origin, which may call the API
/// with the session cookie, to whoever does. This machine's own addresses are nobody's way (W3C
/// Secure Contexts section 3.1), and where a dashboard is developed.
fn dashboard_fault(base: &Url, dashboard: &Url) -> Option<String> {
    (base.scheme() == "https" && !may_be_called(dashboard)).then(|| {
        format!(
            "write https: {dashboard} is plain http, which is taken only for this machine itself \
             where APP_BASE_URL is https"
        )
    })
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:5000 or 0.0.0.0:5000".into())
}
