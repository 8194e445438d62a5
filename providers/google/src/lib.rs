//! The Google Cloud plug-in: sign-in with Google, and a listing of projects.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::{below, required},
    describe::{self, Need, openid, pairs, people, reads},
    provider::{
        Descriptor, Person, Principal, Provider, ProviderError, Reply, Settings, SignInTemplate,
    },
};

portico_provider::export!(Google);

const SCOPES: [&str; 4] = [
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/cloudplatformprojects.readonly",
];
const PERMISSION: &str = "projects";
const SEARCH: &str = "/v3/projects:search";
const PROJECT: Fields =
    Fields { id: "/projectId", name: "/displayName", state: Some("/state"), tenant: None };
const WORDING: Wording = Wording {
    id: "google",
    cloud: "Google Cloud",
    entries: "projects",
    principal: Principal::SignedInUser,
    address: "resource-manager-url",
    forbidden: "Whoever runs this server should check that the Cloud Resource Manager API is \
                enabled in the project of its OAuth client; sign in again and allow it to see \
                your projects.",
    empty: None,
};

/// Google Cloud.
pub struct Google(Url);

impl Provider for Google {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists the projects that the signed-in person can see";
        let (name, version) = ("Google Cloud", env!("CARGO_PKG_VERSION"));
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            settings: vec![
                describe::address(
                    "issuer",
                    "Issuer",
                    "where people sign in",
                    Need::Default("https://accounts.google.com"),
                ),
                describe::address(
                    "resource-manager-url",
                    "Resource Manager",
                    "where projects are listed",
                    Need::Default("https://cloudresourcemanager.googleapis.com"),
                ),
            ],
            // `hd` is the organisation of a Workspace or Cloud Identity account. Other accounts have none.
            // https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
            people: Some(people("/sub", Some("/hd"), &["/name", "/email"], &["/email"])),
            permissions: vec![reads(PERMISSION, why, &["{resource-manager-url}"], &[SEARCH])],
            ..describe::descriptor("google", name, version, "project", sign_in())
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        required(settings, "resource-manager-url").map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Pages, ProviderError> {
        let first = Get::new(below(&self.0, SEARCH), PERMISSION);
        Ok(Pages::new(WORDING, first.parameter("pageSize", "500"), page))
    }
}

/// Google returns a refresh token for offline access only if the person is asked for consent. Without
/// `prompt` a second sign-in would have none, and the session would end after an hour.
fn sign_in() -> SignInTemplate {
    SignInTemplate {
        parameters: pairs(&[("access_type", "offline"), ("prompt", "consent")]),
        ..openid("{issuer}", &SCOPES)
    }
}

/// <https://cloud.google.com/resource-manager/reference/rest/v3/projects/search>. The JSON mapping of
/// protocol buffers omits empty lists.
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = match body.at("/projects") {
        Some(projects) => Page::of(projects, &PROJECT)?,
        None if body.is_object() => Page::default(),
        None => return Err(Unreadable),
    };
    let page = page.without(body.at("/unreachable"));
    Ok(page.then(Next::parameter("pageToken", body.at("/nextPageToken"))))
}

#[cfg(test)]
mod tests;
