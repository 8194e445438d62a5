//! The AWS IAM Identity Center plug-in: lists the accounts in a person's access portal. It is connected to
//! a session and signs nobody in, because its tokens do not identify their owner.

use portico_provider::{
    Fields, Get, Json, Next, Page, Pages, Unreadable, Url, Wording,
    address::{below, required},
    describe::{self, Need, pairs, plain, reads},
    provider::{
        Descriptor, Permission, Person, Placement, Principal, Provider, ProviderError, Reply,
        SettingSpec, Settings, SignInTemplate, TokenEncoding,
    },
};

portico_provider::export!(Aws);

const SCOPE: &str = "sso:account:access";
const PERMISSION: &str = "accounts";
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

/// AWS IAM Identity Center of one region.
pub struct Aws(Url);

impl Provider for Aws {
    type Discovery = Pages;

    fn describe() -> Descriptor {
        let why = "lists the accounts that the person's access portal shows";
        let (name, version) = ("AWS IAM Identity Center", env!("CARGO_PKG_VERSION"));
        Descriptor {
            icon: Some(include_str!("icon.svg").trim_end().into()),
            settings: settings(),
            permissions: vec![Permission {
                placement: Placement::Header("x-amz-sso_bearer_token".into()),
                ..reads(PERMISSION, why, &["{portal-url}"], &[ACCOUNTS])
            }],
            ..describe::descriptor("aws", name, version, "account", sign_in())
        }
    }

    fn create(settings: &Settings) -> Result<Self, ProviderError> {
        required(settings, "portal-url").map(Self)
    }

    fn discover(&self, _: &Person) -> Result<Pages, ProviderError> {
        let first = Get::new(below(&self.0, ACCOUNTS), PERMISSION);
        Ok(Pages::new(WORDING, first.parameter("max_result", "100"), page))
    }
}

fn sign_in() -> SignInTemplate {
    SignInTemplate {
        // AWS reads the scopes from `scopes`, not from `scope`.
        parameters: pairs(&[("scopes", SCOPE)]),
        token_encoding: TokenEncoding::JsonCamelCase,
        ..plain("{start-url}", "{oidc-url}/authorize", "{oidc-url}/token", &[SCOPE])
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
            "where people sign in",
            Need::Default("https://oidc.{region}.amazonaws.com"),
        ),
        describe::address(
            "portal-url",
            "Portal endpoint",
            "where accounts are listed",
            Need::Default("https://portal.sso.{region}.amazonaws.com"),
        ),
    ]
}

/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>
fn page(reply: &Reply) -> Result<Page, Unreadable> {
    let body = Json::parse(&reply.body)?;
    let page = Page::of(body.at("/accountList").ok_or(Unreadable)?, &ACCOUNT)?;
    Ok(page.then(Next::parameter("next_token", body.at("/nextToken"))))
}

#[cfg(test)]
mod tests;
