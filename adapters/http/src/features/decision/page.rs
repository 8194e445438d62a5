//! The page of the decision.

use askama::Template;
use portico_domain::{identity::Identity, return_to::Destinations, use_cases::Question};
use warp::{
    http::{
        HeaderValue,
        header::{self, InvalidHeaderValue},
    },
    reply::Response,
};

use crate::response::{self, POLICY};

#[derive(Template)]
#[template(path = "decide.html")]
struct DecidePage<'a> {
    question: &'a Question,
    cloud: &'a str,
    owner: Named<'a>,
    arrived: Named<'a>,
}

/// A display name, and a detail that distinguishes people of the same name.
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

/// Renders the page.
pub(super) fn render(
    question: &Question,
    cloud: &str,
    destinations: &Destinations,
) -> Result<Response, InvalidHeaderValue> {
    let owner = Named::from(&question.owner);
    let page = DecidePage { question, cloud, owner, arrived: Named::from(&question.arrived) };
    // Its form must send `Origin`, which is `null` under `no-referrer`.
    let mut response = response::page(&page, "same-origin");
    // The form may redirect to the dashboard, and `form-action` applies to redirects too (CSP 3
    // section 6.4.1).
    let origins = destinations.origins();
    let dashboards = origins.iter().skip(1).map(|origin| origin.ascii_serialization());
    let dashboards = dashboards.collect::<Vec<_>>().join(" ");
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {dashboards}"));
    let policy = HeaderValue::from_str(&policy)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
