//! What a check works with: a configured provider, a signed-in person, and one listing with the
//! fixtures' replies.

use std::sync::Arc;

use portico_domain::{
    identity::{Claims, Identity, Subject, TenantId},
    ports::CloudProvider,
    provider::{
        CallError, ConfiguredSignIn, Descriptor, EndpointTemplates, Person, ProviderError, Request,
    },
};
use serde_json::Value;

use crate::{
    factory::Factory,
    fixtures::Fixtures,
    host::{Deliver, FetchResult, HostedListing, UNCHANGED, catch_panic, run_listing},
};

/// Changes the reply to a request, whose index in the listing is given.
pub(super) type ChangeReply<'a> =
    &'a (dyn Fn(usize, &Request, FetchResult) -> FetchResult + Send + Sync);

/// A provider configured with one set of fixtures.
pub(super) struct CheckContext<'f> {
    pub(super) factory: &'f dyn Factory,
    pub(super) fixtures: &'f Fixtures,
    /// Why the provider could not be configured. Everything below is then empty.
    pub(super) unusable: Option<String>,
    pub(super) configured: Result<Arc<dyn CloudProvider>, CallError>,
    pub(super) sign_in: SignInDeclaration,
    /// The identity in the fixtures' claims, or why there is none.
    pub(super) identified: Option<Result<Identity, String>>,
    pub(super) person: Person,
    /// The listing with the fixtures' replies unchanged.
    pub(super) baseline: HostedListing,
}

/// The sign-in that a provider declares.
pub(super) enum SignInDeclaration {
    Declared(Box<ConfiguredSignIn>),
    /// Interface 1.0.0 declares no sign-in.
    Undeclared,
    /// The settings do not fit the declaration.
    Refused(CallError),
}

impl<'f> CheckContext<'f> {
    pub(super) async fn new(factory: &'f dyn Factory, fixtures: &'f Fixtures) -> Self {
        let configured = catch_panic(factory.configure(&fixtures.settings)).await;
        let refused = configured.as_ref().err();
        let unusable = refused.map(|error| format!("it could not be configured: {error}"));
        let not_configured = ProviderError::Unexpected("it was not configured".into());
        let mut context = Self {
            factory,
            fixtures,
            unusable,
            sign_in: SignInDeclaration::Undeclared,
            identified: None,
            person: Person { identity: placeholder(), token_reply: fixtures.token_reply.clone() },
            baseline: HostedListing::failed(not_configured.into()),
            configured,
        };
        if context.configured.is_ok() {
            context.sign_in = context.sign_in();
            context.identified =
                fixtures.claims.as_ref().and_then(|claims| context.identify(claims));
            if let Some(person) = &fixtures.person {
                context.person = person.clone();
            } else if let Some(Ok(identity)) = &context.identified {
                context.person.identity = identity.clone();
            }
            context.baseline = context.list(&|_, _, reply| reply, UNCHANGED).await;
        }
        context
    }

    fn sign_in(&self) -> SignInDeclaration {
        let descriptor = self.descriptor();
        if descriptor.sign_in.endpoints.issuer().is_empty() {
            return SignInDeclaration::Undeclared;
        }
        let settings = self.fixtures.settings.clone().complete(&descriptor.settings);
        let (template, tenant) = (descriptor.sign_in.clone(), descriptor.tenant_pointer());
        let sign_in = settings.map_err(CallError::from).and_then(|settings| {
            ConfiguredSignIn::new(template, tenant, settings).map_err(CallError::from)
        });
        match sign_in {
            Ok(sign_in) => SignInDeclaration::Declared(Box::new(sign_in)),
            Err(error) => SignInDeclaration::Refused(error),
        }
    }

    /// The identity in `claims`, by the host's rules.
    fn identify(&self, claims: &Claims) -> Option<Result<Identity, String>> {
        let people = self.descriptor().people.as_ref()?;
        let SignInDeclaration::Declared(sign_in) = &self.sign_in else { return None };
        let issuer = issuer(sign_in, claims)?;
        let identity = match people.identify(claims, &issuer) {
            Ok(identity) => identity,
            Err(why) => return Some(Err(why.to_string())),
        };
        let tenant = &identity.tenant;
        if sign_in.issuer_names_tenant() && !sign_in.speaks_for(&issuer, tenant) {
            return Some(Err(format!("{issuer} does not speak for the tenant {tenant}")));
        }
        Some(Ok(identity))
    }

    /// The descriptor, filled with the settings if the provider could be configured.
    pub(super) fn descriptor(&self) -> &Descriptor {
        match &self.configured {
            Ok(provider) => provider.descriptor(),
            Err(_) => self.factory.descriptor(),
        }
    }

    /// Runs a listing in which `change` changes the fixtures' replies.
    pub(super) async fn list(&self, change: ChangeReply<'_>, deliver: Deliver) -> HostedListing {
        let replies =
            |index, request: &Request| change(index, request, self.fixtures.reply(request));
        match &self.configured {
            Ok(provider) => run_listing(&**provider, &self.person, &replies, deliver).await,
            Err(error) => HostedListing::failed(error.clone()),
        }
    }

    /// The reply bodies of the baseline, by the index of the request; empty if there was no reply.
    pub(super) fn bodies(&self) -> Vec<String> {
        let results = self.baseline.exchanges().map(|(_, result)| result);
        results.map(|it| it.as_ref().map(|it| it.body.clone()).unwrap_or_default()).collect()
    }
}

/// The issuer of the claims: their `iss` if they come from an ID token, else the declared one.
fn issuer(sign_in: &ConfiguredSignIn, claims: &Claims) -> Option<String> {
    let claimed = claims.members().get("iss").and_then(Value::as_str).map(str::to_owned);
    let openid = matches!(sign_in.template().endpoints, EndpointTemplates::OpenId(_));
    claimed.filter(|_| openid).or_else(|| Some(sign_in.at(None).ok()?.issuer().to_string()))
}

/// The person of a listing if the fixtures name none.
#[allow(clippy::expect_used, reason = "the identifiers are constants")]
fn placeholder() -> Identity {
    Identity {
        subject: Subject::parse("somebody").expect("a subject"),
        tenant: TenantId::parse("cloud.example").expect("a tenant"),
        display_name: "Somebody".into(),
        username: None,
    }
}
