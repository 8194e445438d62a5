//! Test helpers: runs a provider with scripted replies under the rules of the host.

mod rules;

use std::{collections::BTreeSet, marker::PhantomData};

use portico_provider_model::{
    ConfiguredSignIn, Descriptor, Discovery, FetchError, Person, Provider, ProviderError, Reply,
    Request, Response, Settings, SignIn, SignInError, Step,
    identity::{Claims, Identity, Subject, TenantId},
    listing::Listing,
};

/// The result of a request.
pub type Outcome = Result<Reply, FetchError>;

/// A provider with an operator's settings.
pub struct Cloud<P> {
    descriptor: Descriptor,
    settings: Settings,
    sign_in: ConfiguredSignIn,
    provider: PhantomData<fn() -> P>,
}

/// A listing that has ended.
#[derive(Debug)]
pub struct Listed {
    /// The requests, in order.
    pub asked: Vec<Request>,
    /// The result.
    pub listing: Listing,
}

impl<P: Provider> Cloud<P> {
    /// The provider with these settings.
    ///
    /// # Errors
    /// The provider or the host refuses the settings.
    ///
    /// # Panics
    /// The declared sign-in is invalid with any settings.
    pub fn configured(settings: &[(&str, &str)]) -> Result<Self, ProviderError> {
        let descriptor = P::describe();
        let settings = Settings::from_iter(settings.iter().copied());
        let settings = settings.complete(&descriptor.settings)?;
        P::create(&settings)?;
        let (template, tenant) = (descriptor.sign_in.clone(), descriptor.tenant_pointer());
        let sign_in = ConfiguredSignIn::new(template, tenant, settings.clone());
        let sign_in = sign_in.map_err(refused_setting)?;
        let descriptor = descriptor.with_settings(&settings);
        Ok(Self { descriptor, settings, sign_in, provider: PhantomData })
    }

    /// As [`Cloud::configured`]. Panics if the settings are refused.
    #[track_caller]
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::configured(settings).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The descriptor with filled permissions.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The sign-in to the default tenant, as the host fills it.
    #[track_caller]
    pub fn sign_in(&self) -> SignIn {
        self.sign_in_at(None)
    }

    /// The sign-in to this tenant. Panics unless every user record is covered by its permission.
    #[track_caller]
    pub fn sign_in_at(&self, tenant: Option<&str>) -> SignIn {
        let tenant = tenant.map(|tenant| TenantId::parse(tenant).expect("a tenant's id"));
        let sign_in = self.sign_in.at(tenant.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        for record in &sign_in.user_records {
            rules::assert_user_record(self.descriptor(), record);
        }
        sign_in
    }

    /// The identity in these claims (or this user record), a JSON object. Claims without `iss` have the
    /// issuer of [`Cloud::sign_in`].
    #[track_caller]
    pub fn identify(&self, claims: impl ToString) -> Result<Identity, ProviderError> {
        let claims = Claims::parse(claims.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let people = self.descriptor().people.as_ref().expect("it signs people in");
        let members = claims.members();
        let issuer = members.get("iss").and_then(serde_json::Value::as_str);
        let issuer = issuer.map_or_else(|| self.sign_in().issuer().to_string(), Into::into);
        let identity = people
            .identify(&claims, &issuer)
            .map_err(|error| ProviderError::Unexpected(error.to_string()))?;
        let tenant = &identity.tenant;
        if self.sign_in.issuer_names_tenant() && !self.sign_in.speaks_for(&issuer, tenant) {
            let why = format!("{issuer} does not speak for the tenant {tenant}");
            return Err(ProviderError::Unexpected(why));
        }
        Ok(identity)
    }

    /// Runs a listing of [`person`] with these results in order. Panics at a further request.
    #[track_caller]
    pub fn listed(&self, replies: impl IntoIterator<Item = Outcome>) -> Listed {
        let mut replies = replies.into_iter();
        self.list(&person(), move |request| {
            let next = replies.next();
            next.unwrap_or_else(|| panic!("it asks for more: {}", request.url))
        })
    }

    /// Runs a listing with the results of `reply`. Panics if a permission does not cover a request.
    /// Headers that the host withholds are removed from the replies.
    #[track_caller]
    pub fn list(&self, person: &Person, mut reply: impl FnMut(&Request) -> Outcome) -> Listed {
        let run = P::create(&self.settings).and_then(|provider| provider.discover(person));
        let mut run = run.unwrap_or_else(|error| panic!("{error}"));
        let mut asked: Vec<Request> = Vec::new();
        let mut responses = Vec::new();
        loop {
            let requests = match run.next(std::mem::take(&mut responses)) {
                Ok(Step::Fetch { requests, .. }) => requests,
                Ok(Step::Done(listing)) => return Listed { asked, listing },
                Err(error) => panic!("{error}"),
            };
            let ids: BTreeSet<_> = requests.iter().map(|request| request.id).collect();
            assert_eq!(ids.len(), requests.len(), "two requests of one step have one id");
            for request in requests {
                let permission = rules::assert_request(self.descriptor(), &request);
                let outcome = reply(&request).map(|reply| rules::readable(reply, permission));
                responses.push(Response { id: request.id, outcome });
                asked.push(request);
            }
            assert!(asked.len() <= 500, "it asks for more than the host lets it");
        }
    }
}

impl Listed {
    /// The ids of the listed subscriptions.
    pub fn ids(&self) -> Vec<&str> {
        self.listing.subscriptions.iter().map(|subscription| subscription.id.as_str()).collect()
    }

    /// The URLs of the requests.
    pub fn urls(&self) -> Vec<&str> {
        self.asked.iter().map(|request| request.url.as_str()).collect()
    }

    /// The warnings.
    pub fn warnings(&self) -> &[String] {
        &self.listing.warnings
    }
}

/// The host refuses a setting of the sign-in with the error of a provider.
#[track_caller]
fn refused_setting(error: SignInError) -> ProviderError {
    match error {
        SignInError::Setting { key, why } => ProviderError::Setting { key, why },
        SignInError::Declaration(rule) => panic!("{rule}"),
    }
}

/// A reply without headers.
pub fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, headers: vec![], body: body.to_string() }
}

/// A reply with status 200.
pub fn ok(body: impl ToString) -> Outcome {
    Ok(reply(200, body))
}

/// The person of [`Cloud::listed`].
#[allow(clippy::unwrap_used, reason = "the identifiers are constants")]
pub fn person() -> Person {
    let identity = Identity {
        subject: Subject::parse("583231").unwrap(),
        tenant: TenantId::parse("contoso.example").unwrap(),
        display_name: "Zofia Nowak".into(),
        username: Some("zofia".into()),
    };
    Person { identity, token_reply: vec![] }
}

#[cfg(test)]
mod tests;
