//! What a check works with: a configured provider, somebody who signed in, and one plain listing.

use std::sync::Arc;

use portico_domain::{
    identity::{Identity, Subject, TenantId},
    ports::CloudProvider,
    provider::{Descriptor, Problem, Request, SignIn},
};

use crate::{
    drive::{Answer, Deliver, Driven, End, Outcome, drive, guarded},
    factory::Factory,
    fixtures::Fixtures,
};

/// A configured provider on the bench.
pub(super) struct Bench<'f> {
    pub(super) factory: &'f dyn Factory,
    pub(super) fixtures: &'f Fixtures,
    /// Why there is no provider to look at; everything below is then empty.
    pub(super) unusable: Option<String>,
    pub(super) configured: Result<Arc<dyn CloudProvider>, Problem>,
    pub(super) sign_in: Result<SignIn, Problem>,
    pub(super) identified: Option<Result<Identity, Problem>>,
    pub(super) person: Identity,
    /// The listing with the fixtures' replies, as they are.
    pub(super) plain: Driven,
}

/// Hands responses over as they are.
pub(super) const AS_THEY_ARE: Deliver = |responses| responses;

impl<'f> Bench<'f> {
    pub(super) async fn set_up(factory: &'f dyn Factory, fixtures: &'f Fixtures) -> Self {
        let configured = guarded(factory.configure(&fixtures.settings)).await;
        let refused = configured.as_ref().err();
        let unusable = refused.map(|problem| format!("it could not be configured: {problem}"));
        let nothing = || Problem::Unexpected("it was not configured".into());
        let mut bench = Self {
            factory,
            fixtures,
            unusable,
            sign_in: Err(nothing()),
            identified: None,
            person: somebody(),
            plain: Driven { steps: vec![], end: End::Failed(nothing()) },
            configured,
        };
        if let Ok(provider) = bench.configured.clone() {
            bench.sign_in = guarded(provider.sign_in(fixtures.tenant.as_ref())).await;
            if let (Some(claims), Some(_)) = (&fixtures.claims, &provider.descriptor().people) {
                let identify = provider.identify(fixtures.tenant.as_ref(), claims);
                bench.identified = Some(guarded(identify).await);
            }
            let identified = bench.identified.clone().and_then(Result::ok);
            bench.person = fixtures.person().or(identified).unwrap_or(bench.person);
            let answer = |_, request: &Request| fixtures.reply(request);
            bench.plain = drive(&*provider, &bench.person, &answer, AS_THEY_ARE).await;
        }
        bench
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
            Err(problem) => Driven { steps: vec![], end: End::Failed(problem.clone()) },
        }
    }

    /// What the plain listing was answered, by the number of the request.
    pub(super) fn bodies(&self) -> Vec<String> {
        let outcomes = self.plain.steps.iter().flatten().map(|(_, outcome)| outcome);
        outcomes.map(|it| it.as_ref().map(|it| it.body.clone()).unwrap_or_default()).collect()
    }
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
