//! What a check works with: a configured provider, somebody who signed in, and one plain listing.

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
    drive::{Answer, Deliver, Driven, Outcome, drive, guarded},
    factory::Factory,
    fixtures::Fixtures,
};

/// A configured provider on the bench.
pub(super) struct Bench<'f> {
    pub(super) factory: &'f dyn Factory,
    pub(super) fixtures: &'f Fixtures,
    /// Why there is no provider to look at; everything below is then empty.
    pub(super) unusable: Option<String>,
    pub(super) configured: Result<Arc<dyn CloudProvider>, CallError>,
    pub(super) sign_in: SignInOf,
    /// Whom the fixtures' claims name, or why nobody.
    pub(super) identified: Option<Result<Identity, String>>,
    pub(super) person: Person,
    /// The listing with the fixtures' replies, as they are.
    pub(super) plain: Driven,
}

/// How people sign in.
pub(super) enum SignInOf {
    Declared(Box<ConfiguredSignIn>),
    /// Of interface 1, which declares none.
    Undeclared,
    /// The settings make none of what is declared.
    Refused(CallError),
}

/// Hands responses over as they are.
pub(super) const AS_THEY_ARE: Deliver = |responses| responses;

impl<'f> Bench<'f> {
    pub(super) async fn set_up(factory: &'f dyn Factory, fixtures: &'f Fixtures) -> Self {
        let configured = guarded(factory.configure(&fixtures.settings)).await;
        let refused = configured.as_ref().err();
        let unusable = refused.map(|problem| format!("it could not be configured: {problem}"));
        let nothing = || ProviderError::Unexpected("it was not configured".into()).into();
        let mut bench = Self {
            factory,
            fixtures,
            unusable,
            sign_in: SignInOf::Undeclared,
            identified: None,
            person: Person { identity: somebody(), token_reply: fixtures.token_reply.clone() },
            plain: Driven::not(nothing()),
            configured,
        };
        if let Ok(provider) = bench.configured.clone() {
            bench.sign_in = bench.sign_in();
            bench.identified = fixtures.claims.as_ref().and_then(|claims| bench.identified(claims));
            if let Some(person) = &fixtures.person {
                bench.person = person.clone();
            } else if let Some(Ok(identity)) = &bench.identified {
                bench.person.identity = identity.clone();
            }
            let answer = |_, request: &Request| fixtures.reply(request);
            bench.plain = drive(&*provider, &bench.person, &answer, AS_THEY_ARE).await;
        }
        bench
    }

    fn sign_in(&self) -> SignInOf {
        let descriptor = self.descriptor();
        if descriptor.sign_in.endpoints.issuer().is_empty() {
            return SignInOf::Undeclared;
        }
        let settings = self.fixtures.settings.clone().complete(&descriptor.settings);
        let (template, tenant) = (descriptor.sign_in.clone(), descriptor.tenant_pointer());
        let sign_in = settings.map_err(CallError::from).and_then(|settings| {
            ConfiguredSignIn::new(template, tenant, settings).map_err(CallError::from)
        });
        sign_in.map_or_else(SignInOf::Refused, |it| SignInOf::Declared(Box::new(it)))
    }

    /// Whom the claims name, as the host finds it.
    fn identified(&self, claims: &Claims) -> Option<Result<Identity, String>> {
        let people = self.descriptor().people.as_ref()?;
        let SignInOf::Declared(sign_in) = &self.sign_in else { return None };
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

    /// The provider as it was configured, the settings filled in where it was.
    pub(super) fn descriptor(&self) -> &Descriptor {
        match &self.configured {
            Ok(provider) => provider.descriptor(),
            Err(_) => self.factory.descriptor(),
        }
    }

    /// Lists with the fixtures' replies changed by `change`, which is given the request's number.
    pub(super) async fn list(
        &self,
        change: &(dyn Fn(usize, &Request, Outcome) -> Outcome + Send + Sync),
        deliver: Deliver,
    ) -> Driven {
        let answer =
            |number, request: &Request| change(number, request, self.fixtures.reply(request));
        self.list_with(&answer, deliver).await
    }

    async fn list_with(&self, answer: Answer<'_>, deliver: Deliver) -> Driven {
        match &self.configured {
            Ok(provider) => drive(&**provider, &self.person, answer, deliver).await,
            Err(problem) => Driven::not(problem.clone()),
        }
    }

    /// What the plain listing was answered, by the number of the request.
    pub(super) fn bodies(&self) -> Vec<String> {
        let outcomes = self.plain.exchanges().map(|(_, outcome)| outcome);
        outcomes.map(|it| it.as_ref().map(|it| it.body.clone()).unwrap_or_default()).collect()
    }
}

/// Who vouches: the claims' own issuer where there is an ID token, else the provider's.
fn issuer(sign_in: &ConfiguredSignIn, claims: &Claims) -> Option<String> {
    let said = claims.members().get("iss").and_then(Value::as_str).map(str::to_owned);
    let openid = matches!(sign_in.template().endpoints, EndpointTemplates::OpenId(_));
    said.filter(|_| openid).or_else(|| Some(sign_in.at(None).ok()?.issuer().to_string()))
}

/// A person whom no fixture names.
#[allow(clippy::expect_used, reason = "the names are written here, and every check reads them")]
fn somebody() -> Identity {
    Identity {
        subject: Subject::parse("somebody").expect("a subject"),
        tenant: TenantId::parse("cloud.example").expect("a tenant"),
        display_name: "Somebody".into(),
        username: None,
    }
}
