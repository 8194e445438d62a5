use portico_provider_model::{
    Permission, Principal, SignInTemplate, SubjectNotFound,
    paging::{Fields, Get, Json, Next, Page, Pages, Unreadable, Wording, headers::header},
};
use serde_json::json;
use url::Url;

use super::*;
use crate::{
    address::required,
    describe::{self, Need, openid, people, reads},
};

const URL: &str = "https://cloud.example";

/// A provider of a list that is paged by a header.
struct Example(Url);

impl Provider for Example {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists the projects";
        let sign_in = SignInTemplate {
            default_tenant: Some("{team}".into()),
            ..openid("{url}/{tenant}", &["openid", "{more}"])
        };
        Descriptor {
            settings: vec![
                describe::address("url", "Address", "of the cloud", Need::Default(URL)),
                describe::text("team", "Team", "of the people", Need::Default("contoso")),
                describe::text("more", "Scopes", "beside openid", Need::Default("a b")),
            ],
            people: Some(people("/sub", Some("/team"), &["/name", "/login"], &["/login"])),
            permissions: vec![Permission {
                request_headers: vec!["X-Version".into()],
                reply_headers: vec!["X-Cursor".into()],
                ..reads("read", why, &["{url}"], &["/projects"])
            }],
            ..describe::descriptor("example-cloud", "Example Cloud", "1.0.0", "project", sign_in)
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        required(settings, "url").map(Self)
    }

    fn discover(&self, person: &Person) -> Result<Pages, ProviderError> {
        let wording = Wording {
            id: "example-cloud",
            cloud: "Example Cloud",
            entries: "projects",
            principal: Principal::SignedInUser,
            address: "url",
            forbidden: "Ask for more.",
            empty: None,
        };
        let url = crate::address::below(&self.0, "/projects");
        let header = person.token_reply.first().map_or("x-version", |(name, _)| name);
        Ok(Pages::new(wording, Get::new(url, "read").header(header, "2"), page))
    }
}

fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let fields = Fields { id: "/id", name: "/id", ..Fields::default() };
    let page = Page::of(Json::parse(&reply.body)?, &fields)?;
    let read = |name| header(reply, name).map(|value| Next::Parameter("cursor", value.into()));
    Ok(page.then(read("x-cursor").or_else(|| read("x-undeclared")).unwrap_or_default()))
}

fn with_header(name: &str) -> Outcome {
    let headers = vec![(name.into(), "2".into())];
    Ok(Reply { headers, ..reply(200, json!([{"id": "one"}])) })
}

#[test]
fn sign_in_fills_the_declaration_with_settings_and_tenant() {
    let sign_in = Cloud::<Example>::with(&[]).sign_in();
    assert_eq!(sign_in.issuer().as_str(), "https://cloud.example/contoso");
    assert_eq!(sign_in.scopes, ["openid", "a", "b"]);
    let fabrikam = Cloud::<Example>::with(&[]).sign_in_at(Some("fabrikam"));
    assert_eq!(fabrikam.issuer().as_str(), "https://cloud.example/fabrikam");
    assert!(Cloud::<Example>::configured(&[("url", "http://cloud.example")]).is_err());
}

#[test]
fn identify_reads_declared_pointers_and_checks_tenant_against_issuer() {
    let cloud = Cloud::<Example>::with(&[]);
    let identity = cloud.identify(json!({"sub": "z", "team": "contoso", "login": "zofia"}));
    let identity = identity.unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("z", "contoso"));
    assert_eq!(identity.display_name, "zofia");
    let other = json!({"sub": "z", "team": "fabrikam"});
    assert!(cloud.identify(&other).is_err());
    let with_issuer = json!({"sub": "z", "team": "fabrikam", "iss": format!("{URL}/fabrikam")});
    assert!(cloud.identify(with_issuer).is_ok());
    let nobody = SubjectNotFound::NoSubject("/sub".into()).to_string();
    assert_eq!(cloud.identify("{}"), Err(ProviderError::Unexpected(nobody)));
}

#[test]
fn list_passes_declared_reply_headers_only() {
    let cloud = Cloud::<Example>::with(&[]);
    let listed = cloud.listed([with_header("X-Cursor"), ok("[]")]);
    assert_eq!(listed.urls(), [format!("{URL}/projects"), format!("{URL}/projects?cursor=2")]);
    let listed = cloud.listed([with_header("x-undeclared")]);
    assert_eq!(listed.asked.len(), 1);
}

#[test]
#[should_panic(expected = "does not name the header x-undeclared")]
fn list_panics_on_undeclared_request_header() {
    let person = Person { token_reply: describe::pairs(&[("x-undeclared", "")]), ..person() };
    Cloud::<Example>::with(&[]).list(&person, |_| ok("[]"));
}
