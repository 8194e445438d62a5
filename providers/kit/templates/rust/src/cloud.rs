//! Example Cloud: how people sign in, who they are, and what they can reach. It asks and never
//! fetches; the same inputs give the same outputs.

use std::collections::BTreeMap;

use portico_provider::{
    account::{Listing, Subscription},
    identity::{Claims, Identity, ProviderId, Subject, TenantId},
    provider::{
        ClientAuthentication, Credential, Descriptor, Discovery, Endpoints, FieldKind, Grant,
        Method, People, Placement, Principal, Problem, Provider, Request, Response, SettingSpec,
        Settings, SignIn, Step, TokenEncoding,
    },
    text::clean,
};
use serde_json::Value;
use url::Url;

const PATH: &str = "/api/projects";
const MOST_PAGES: u32 = 100;

/// Example Cloud, with the operator's settings.
pub struct ExampleCloud {
    address: Url,
}

impl Provider for ExampleCloud {
    type Discovery = Projects;

    fn describe() -> Descriptor {
        Descriptor {
            id: ProviderId::parse("example-cloud").expect("a provider's id"),
            name: "Example Cloud".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            icon: None,
            account_noun: "project".into(),
            people: Some(People::At { subject: "/sub".into(), tenant: None }),
            settings: vec![SettingSpec {
                key: "address".into(),
                label: "Address".into(),
                help: "where the cloud is, for people and for its API".into(),
                kind: FieldKind::Url,
                required: false,
                default: Some("https://cloud.example".into()),
            }],
            grants: vec![Grant {
                name: "read".into(),
                why: "lists the projects that the signed-in person can see".into(),
                principal: Principal::SignedInUser,
                scopes: vec![],
                hosts: vec!["{address}".into()],
                paths: vec![PATH.into()],
                methods: vec![Method::Get],
                placement: Placement::Bearer,
            }],
        }
    }

    fn create(settings: &Settings, _: Option<&TenantId>) -> Result<Self, Problem> {
        let address = settings.get("address").unwrap_or_default().trim_end_matches('/');
        let address = Url::parse(address).map_err(|_| Problem::Setting {
            key: "address".into(),
            why: "must be an address such as https://cloud.example".into(),
        })?;
        Ok(Self { address })
    }

    fn sign_in(&self) -> SignIn {
        SignIn {
            endpoints: Endpoints::OpenId(self.address.clone()),
            tenant_claim: None,
            scopes: ["openid", "profile", "projects"].map(String::from).into(),
            parameters: vec![],
            token_encoding: TokenEncoding::Form,
            client_authentication: ClientAuthentication::Post,
        }
    }

    fn identify(&self, claims: &Claims) -> Result<Identity, Problem> {
        let claims = claims.members();
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let nobody = || Problem::Unexpected("the claims do not say who signed in".into());
        // A cloud without tenants: its host is the one.
        let tenant = self.address.host_str().unwrap_or_default();
        Ok(Identity {
            subject: Subject::parse(text("sub")).map_err(|_| nobody())?,
            tenant: TenantId::parse(tenant).map_err(|_| nobody())?,
            display_name: clean(text("name"), 256),
            username: Some(clean(text("email"), 256)).filter(|email| !email.is_empty()),
        })
    }

    fn discover(&self, _: &Identity) -> Result<Projects, Problem> {
        Ok(Projects { address: self.address.clone(), page: 0, found: BTreeMap::new() })
    }
}

/// A listing under way: page after page.
pub struct Projects {
    address: Url,
    /// The page that was asked for last; also the number of its request.
    page: u32,
    found: BTreeMap<String, Subscription>,
}

impl Discovery for Projects {
    fn next(&mut self, responses: Vec<Response>) -> Result<Step, Problem> {
        if self.page == 0 {
            return Ok(self.ask());
        }
        let response = responses.into_iter().find(|response| response.id == self.page);
        let reply = response.and_then(|response| response.outcome.ok());
        let page = reply.filter(|reply| reply.status == 200);
        let page = page.and_then(|reply| serde_json::from_str::<Value>(&reply.body).ok());
        let Some(projects) = page.as_ref().and_then(|page| page["projects"].as_array()) else {
            return Ok(self.done(Some("Some projects are missing: a page of them did not come.")));
        };
        for project in projects.iter().filter_map(subscription) {
            self.found.entry(project.id.clone()).or_insert(project);
        }
        Ok(match page.is_some_and(|page| page["more"] == true) {
            true if self.page < MOST_PAGES => self.ask(),
            true => self.done(Some("Some projects are missing: there are more than are read.")),
            false => self.done(None),
        })
    }
}

impl Projects {
    fn ask(&mut self) -> Step {
        self.page += 1;
        let mut url = self.address.clone();
        url.set_path(&format!("{}{PATH}", self.address.path().trim_end_matches('/')));
        url.set_query(Some(&format!("page={}", self.page)));
        Step::Fetch(vec![Request {
            id: self.page,
            method: Method::Get,
            url,
            headers: vec![],
            body: None,
            credential: Some(Credential { grant: "read".into(), tenant: None }),
        }])
    }

    fn done(&mut self, warning: Option<&str>) -> Step {
        Step::Done(Listing {
            subscriptions: std::mem::take(&mut self.found).into_values().collect(),
            warnings: warning.map(String::from).into_iter().collect(),
        })
    }
}

/// The project in an entry; `None` where it has no id that can be shown.
fn subscription(entry: &Value) -> Option<Subscription> {
    let id = entry["id"].as_str()?;
    let plain = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    let name = clean(entry["name"].as_str().unwrap_or_default(), 256);
    let display_name = if name.is_empty() { id.to_owned() } else { name };
    plain.then(|| Subscription { id: id.into(), display_name, state: None, tenant: None })
}
