//! The page with the question.

use askama::Template;
use portico_domain::{identity::Identity, return_to::Destinations, use_cases::Question};
use warp::{
    http::{
        HeaderValue,
        header::{self, InvalidHeaderValue},
    },
    reply::Response,
};

use crate::response::{POLICY, rendered};

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage<'a> {
    question: &'a Question,
    cloud: &'a str,
    owner: Named<'a>,
    arrived: Named<'a>,
}

/// What a person is called, and what tells them from a namesake.
struct Named<'a> {
    name: &'a str,
    detail: &'a str,
}

impl<'a> From<&'a Identity> for Named<'a> {
    fn from(identity: &'a Identity) -> Self {
        let name = identity.display_name.as_str();
        let username = identity.username.as_deref().filter(|username| *username != name);
        Self { name, detail: username.unwrap_or(identity.tenant.as_str()) }
    }
}

/// The question what shall become of a login.
pub(super) fn question(
    question: &Question,
    cloud: &str,
    destinations: &Destinations,
) -> Result<Response, InvalidHeaderValue> {
    let owner = Named::from(&question.owner);
    let page = DecidePage { question, cloud, owner, arrived: Named::from(&question.arrived) };
    // Its form must send an Origin, which browsers blank under `no-referrer`.
    let mut response = rendered(&page, "same-origin");
    // A form's answer may send the browser on to a dashboard, to which `form-action` applies as
    // well (CSP 3 section 6.4.1).
    let origins = destinations.origins();
    let dashboards = origins.iter().skip(1).map(|origin| origin.ascii_serialization());
    let dashboards = dashboards.collect::<Vec<_>>().join(" ");
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {dashboards}"));
    let policy = HeaderValue::from_str(&policy)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
