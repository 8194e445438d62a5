//! The listing of every tenant, by the rules of the host.

use std::collections::BTreeMap;

use portico_provider::{
    identity::{Identity, Subject, TenantId},
    listing::{Listing, Mender, Repair, Tenant, TenantState},
    provider::{FetchError, Person, TokenRefusal},
    serde_json::{Value, json},
    testing::{Cloud, Listed, Outcome, ok, reply},
};
use rstest::rstest;

use super::*;
use crate::tenants::{MAX_LISTED, PATH};

const HOME: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const FABRIKAM: &str = "00000000-0000-4000-8000-00000000000f";
const TAILSPIN: &str = "00000000-0000-4000-8000-00000000000e";
const CLAIMS: &str = r#"{"access_token":{"capolids":{"essential":true,"values":["c1"]}}}"#;

/// The answers of Azure by tenant; a tenant without one has no subscription.
#[derive(Default)]
struct Azure {
    tenants: Vec<Value>,
    subscriptions: BTreeMap<String, Outcome>,
    directory: Option<Outcome>,
}

fn named(id: &str, name: &str) -> Value {
    json!({"id": format!("/tenants/{id}"), "tenantId": id, "displayName": name})
}

fn subscription(id: &str, home: &str) -> Value {
    json!({"subscriptionId": id, "displayName": id.to_uppercase(), "state": "Enabled",
        "tenantId": home, "managedByTenants": []})
}

fn page(entries: &[Value]) -> Outcome {
    ok(json!({"value": entries}))
}

impl Azure {
    fn of(tenants: &[(&str, &str)]) -> Self {
        let tenants = tenants.iter().map(|(id, name)| named(id, name)).collect();
        Self { tenants, ..Self::default() }
    }

    fn with(mut self, tenant: &str, outcome: Outcome) -> Self {
        self.subscriptions.insert(tenant.into(), outcome);
        self
    }

    fn list(&self) -> Listed {
        let cloud =
            Cloud::<AzureProvider>::with(&[("tenant-id", HOME), ("subscriptions-as", "user")]);
        let identity = Identity {
            subject: Subject::parse("oid").unwrap(),
            tenant: TenantId::parse(HOME).unwrap(),
            display_name: "Zofia".into(),
            username: None,
        };
        cloud.list(&Person { identity, token_reply: vec![] }, |request| {
            if request.url.path() == PATH {
                return self.directory.clone().unwrap_or_else(|| page(&self.tenants));
            }
            let tenant = request.credential.as_ref().unwrap().tenant.as_ref();
            let tenant = tenant.map_or(HOME, TenantId::as_str);
            self.subscriptions.get(tenant).cloned().unwrap_or_else(|| page(&[]))
        })
    }

    fn listing(&self) -> Listing {
        self.list().listing
    }
}

fn refused(error: &str, suberror: Option<&str>, claims: Option<&str>, number: u32) -> Outcome {
    Err(FetchError::TokenRefused(Box::new(TokenRefusal {
        error: error.into(),
        suberror: suberror.map(Into::into),
        claims: claims.map(Into::into),
        numbers: vec![number],
    })))
}

fn tenant<'l>(listing: &'l Listing, id: &str) -> &'l Tenant {
    listing.tenants.iter().find(|tenant| tenant.id == id).unwrap()
}

fn ids(listing: &Listing) -> Vec<(&str, &str)> {
    listing.subscriptions.iter().map(|it| (it.id.as_str(), it.tenant.as_deref().unwrap())).collect()
}

#[test]
fn every_tenant_is_listed_with_a_token_of_its_own() {
    let azure = Azure::of(&[(HOME, "Contoso"), (FABRIKAM, "Fabrikam"), (TAILSPIN, "Tailspin")])
        .with(HOME, page(&[subscription("one", HOME)]))
        .with(FABRIKAM, page(&[subscription("two", FABRIKAM)]));
    let listed = azure.list();
    assert_eq!(ids(&listed.listing), [("one", HOME), ("two", FABRIKAM)]);
    let states: Vec<_> =
        listed.listing.tenants.iter().map(|it| (it.display_name.as_str(), it.state)).collect();
    let expected = [
        ("Contoso", TenantState::Ok),
        ("Fabrikam", TenantState::Ok),
        ("Tailspin", TenantState::Empty),
    ];
    assert_eq!(states, expected);
    assert_eq!(listed.warnings(), [""; 0]);
    // The directory and the tenant signed in to in one step, the others in the next.
    assert_eq!(listed.asked.len(), 4);
}

#[rstest]
#[case::mfa(
    refused("interaction_required", Some("basic_action"), Some(CLAIMS), 50076),
    TenantState::WantsMfa, Some(Mender::Person), Some(Repair::Claims(CLAIMS.into()))
)]
#[case::consent(
    refused("invalid_grant", Some("consent_required"), None, 65001),
    TenantState::WantsConsent,
    Some(Mender::Person),
    Some(Repair::SignIn)
)]
#[case::policy(
    refused("invalid_grant", Some("message_only"), None, 53003),
    TenantState::Blocked,
    Some(Mender::Administrator),
    None
)]
#[case::slow(Err(FetchError::TimedOut), TenantState::Unreachable, None, None)]
#[case::forbidden(Ok(reply(403, "{}")), TenantState::Blocked, Some(Mender::Administrator), None)]
#[case::failing(Ok(reply(500, "{}")), TenantState::Unreachable, None, None)]
#[case::unreadable(Ok(reply(200, "<html>")), TenantState::Unreachable, None, None)]
fn tenant_that_refuses_says_why_and_hides_no_other(
    #[case] outcome: Outcome,
    #[case] state: TenantState,
    #[case] mender: Option<Mender>,
    #[case] repair: Option<Repair>,
) {
    let listing = Azure::of(&[(HOME, "Contoso"), (FABRIKAM, "Fabrikam"), (TAILSPIN, "Tailspin")])
        .with(HOME, page(&[subscription("one", HOME)]))
        .with(FABRIKAM, outcome)
        .with(TAILSPIN, page(&[subscription("two", TAILSPIN)]))
        .listing();
    assert_eq!(ids(&listing), [("one", HOME), ("two", TAILSPIN)]);
    let fabrikam = tenant(&listing, FABRIKAM);
    assert_eq!((fabrikam.state, fabrikam.mender), (state, mender));
    assert_eq!(fabrikam.repair, repair);
    assert!(fabrikam.reason.is_some());
}

#[test]
fn challenge_of_the_resource_manager_is_a_repair_with_its_claims() {
    // {"access_token":{}} in base64url without padding.
    let challenge = r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ""#;
    let mut unauthorized = reply(401, "{}");
    unauthorized.headers = vec![("www-authenticate".into(), challenge.into())];
    let listing = Azure::of(&[(FABRIKAM, "Fabrikam")]).with(FABRIKAM, Ok(unauthorized)).listing();
    let fabrikam = tenant(&listing, FABRIKAM);
    assert_eq!(fabrikam.state, TenantState::WantsMfa);
    assert_eq!(fabrikam.repair, Some(Repair::Claims(r#"{"access_token":{}}"#.into())));
}

#[rstest]
#[case::no_guest(50020, "invalid_grant")]
#[case::gone(90002, "invalid_request")]
fn tenant_without_the_person_is_hidden_without_a_warning(#[case] number: u32, #[case] error: &str) {
    let listing = Azure::of(&[(HOME, "Contoso"), (FABRIKAM, "Fabrikam")])
        .with(HOME, page(&[subscription("one", HOME)]))
        .with(FABRIKAM, refused(error, None, None, number))
        .listing();
    assert_eq!(listing.tenants.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [HOME]);
    assert_eq!(listing.warnings, [""; 0]);
}

#[rstest]
#[case::home_first(&[HOME, FABRIKAM])]
#[case::manager_first(&[FABRIKAM, HOME])]
fn subscription_of_two_tenants_stands_once_under_its_home_tenant(#[case] order: &[&str]) {
    let shared = json!({"subscriptionId": "one", "displayName": "Shop", "tenantId": TAILSPIN,
        "managedByTenants": [{"tenantId": FABRIKAM}, {"tenantId": "no guid"}]});
    let tenants: Vec<_> =
        order.iter().map(|id| (*id, *id)).chain([(TAILSPIN, "Tailspin")]).collect();
    let listing = Azure::of(&tenants)
        .with(FABRIKAM, page(std::slice::from_ref(&shared)))
        .with(TAILSPIN, page(std::slice::from_ref(&shared)))
        .listing();
    assert_eq!(ids(&listing), [("one", TAILSPIN)]);
    let extra = [("managedByTenants", FABRIKAM), ("homeTenantId", TAILSPIN)];
    let extra = extra.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(listing.subscriptions[0].extra, extra);
    assert_eq!(listing.warnings, [""; 0], "delegation is no fault");
    assert_eq!(tenant(&listing, FABRIKAM).state, TenantState::Ok);
}

#[test]
fn subscription_that_its_home_tenant_does_not_show_stands_under_the_first() {
    let delegated = subscription("one", TAILSPIN);
    let listing = Azure::of(&[(HOME, "Contoso"), (FABRIKAM, "Fabrikam")])
        .with(HOME, page(std::slice::from_ref(&delegated)))
        .with(FABRIKAM, page(&[delegated]))
        .listing();
    assert_eq!(ids(&listing), [("one", HOME)]);
    assert_eq!(listing.subscriptions[0].extra, [("homeTenantId".to_owned(), TAILSPIN.to_owned())]);
    let warning = "Subscriptions that several tenants show are listed once: ONE (under \
                   Contoso, also in Fabrikam).";
    assert_eq!(listing.warnings, [warning]);
}

#[test]
fn tenant_without_a_name_is_named_by_its_domain_or_id() {
    let azure = Azure {
        tenants: vec![
            json!({"tenantId": HOME}),
            json!({"tenantId": FABRIKAM, "defaultDomain": "fabrikam.example"}),
            json!({"tenantId": "no guid"}),
        ],
        ..Azure::default()
    };
    let listing = azure.listing();
    let names: Vec<_> = listing.tenants.iter().map(|it| it.display_name.as_str()).collect();
    assert_eq!(names, [HOME, "fabrikam.example"]);
    let domain = ("defaultDomain".to_owned(), "fabrikam.example".to_owned());
    assert_eq!(listing.tenants[1].extra, [domain]);
}

#[test]
fn tenant_signed_in_to_is_listed_if_the_directory_fails() {
    let azure = Azure { directory: Some(Ok(reply(500, "{}"))), ..Azure::default() }
        .with(HOME, page(&[subscription("one", HOME)]));
    let listing = azure.listing();
    assert_eq!(ids(&listing), [("one", HOME)]);
    assert!(listing.warnings[0].starts_with("Your Azure tenants could not be listed"));
}

#[test]
fn tenants_over_two_hundred_are_left_out_with_a_warning() {
    let ids: Vec<_> = (0..250).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect();
    let tenants: Vec<_> = ids.iter().map(|id| (id.as_str(), id.as_str())).collect();
    let listing = Azure::of(&tenants).listing();
    assert_eq!(listing.tenants.len(), MAX_LISTED);
    assert!(listing.warnings[0].contains("first 200"), "{:?}", listing.warnings);
}
