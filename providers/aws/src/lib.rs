//! AWS IAM Identity Center as a plug-in: the accounts that a person's access portal shows. It is
//! connected to a session and signs nobody in, for its tokens do not say whose they are.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::{below, optional, required},
    describe::{self, Need, reads},
    identity::{Claims, Identity, TenantId},
    provider::{
        Descriptor, Endpoints, Grant, Placement, PlainEndpoints, Principal, Problem, Provider,
        Reply, SettingSpec, Settings, SignIn, TokenEncoding,
    },
};

portico_provider::export!(Aws);

const SCOPE: &str = "sso:account:access";
const GRANT: &str = "accounts";
const ACCOUNTS: &str = "/assignment/accounts";
const ACCOUNT: Fields =
    Fields { id: "/accountId", name: "/accountName", state: None, tenant: None };
const WORDING: Wording = Wording {
    id: "aws",
    cloud: "AWS",
    entries: "accounts",
    principal: Principal::SignedInUser,
    address: "portal-url",
    forbidden: "Ask an administrator of the Identity Center to assign them to you.",
    empty: None,
};

/// AWS IAM Identity Center, of one region.
pub struct Aws {
    start: Url,
    oidc: Url,
    portal: Url,
}

impl Provider for Aws {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists the accounts that the person's access portal shows";
        let hosts = ["portal.sso.{region}.amazonaws.com", "{portal-url}"];
        let name = "AWS IAM Identity Center";
        Descriptor {
            settings: settings(),
            grants: vec![Grant {
                placement: Placement::Header("x-amz-sso_bearer_token".into()),
                ..reads(GRANT, why, &hosts, &[ACCOUNTS])
            }],
            ..describe::descriptor("aws", name, env!("CARGO_PKG_VERSION"), "account")
        }
    }

    fn create(settings: &Settings, _: Option<&TenantId>) -> Result<Self, Problem> {
        let region = settings.get("region").filter(|text| is_region(text)).ok_or_else(no_region)?;
        let of_region = |key, service: &str| match optional(settings, key)? {
            Some(url) => Ok(url),
            None => Url::parse(&format!("https://{service}.{region}.amazonaws.com"))
                .map_err(|_| no_region()),
        };
        Ok(Self {
            start: required(settings, "start-url")?,
            oidc: of_region("oidc-url", "oidc")?,
            portal: of_region("portal-url", "portal.sso")?,
        })
    }

    fn sign_in(&self) -> SignIn {
        let endpoints = PlainEndpoints {
            issuer: self.start.clone(),
            authorization: below(&self.oidc, "/authorize"),
            token: below(&self.oidc, "/token"),
            end_session: None,
            user_record: None,
        };
        SignIn {
            // AWS has a word of its own for `scope`.
            parameters: vec![("scopes".into(), SCOPE.into())],
            token_encoding: TokenEncoding::JsonCamelCase,
            ..describe::sign_in(Endpoints::Plain(endpoints), &[SCOPE])
        }
    }

    fn identify(&self, _: &Claims) -> Result<Identity, Problem> {
        Err(Problem::Unexpected("AWS IAM Identity Center does not say who signed in".into()))
    }

    fn discover(&self, _: &Identity) -> Result<Pages, Problem> {
        let first = Get::new(below(&self.portal, ACCOUNTS), GRANT);
        Ok(Pages::new(WORDING, first.parameter("max_result", "100"), page))
    }
}

fn settings() -> Vec<SettingSpec> {
    vec![
        describe::text(
            "region",
            "Region",
            "the region of the Identity Center, such as eu-central-1",
            Need::Required,
        ),
        describe::address(
            "start-url",
            "Start URL",
            "the AWS access portal, such as https://d-1234567890.awsapps.com/start",
            Need::Required,
        ),
        describe::address(
            "oidc-url",
            "OIDC endpoint",
            "where people sign in, where it is not https://oidc.REGION.amazonaws.com",
            Need::Optional,
        ),
        describe::address(
            "portal-url",
            "Portal endpoint",
            "where accounts are listed, where it is not https://portal.sso.REGION.amazonaws.com",
            Need::Optional,
        ),
    ]
}

/// `eu-central-1`: it becomes a part of a host's name, which is in lower case.
fn is_region(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn no_region() -> Problem {
    Problem::Setting { key: "region".into(), why: "must be a region such as eu-central-1".into() }
}

/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/accountList").ok_or(Unreadable)?, &ACCOUNT)?;
    Ok(page.then(Next::parameter("next_token", body.at("/nextToken"))))
}

#[cfg(test)]
mod tests;
