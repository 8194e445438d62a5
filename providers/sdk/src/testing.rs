//! Runs a provider as the host does, on scripted replies, for its tests.

mod rules;

use std::{collections::BTreeSet, marker::PhantomData};

use portico_provider_model::{
    ConfiguredSignIn, Descriptor, Discovery, FetchError, Person, Provider, ProviderError, Reply,
    Request, Response, Settings, SignIn, SignInError, Step,
    identity::{Claims, Identity, Subject, TenantId},
    listing::Listing,
};

/// What became of a request.
pub type Outcome = Result<Reply, FetchError>;

/// A provider with an operator's settings.
pub struct Cloud<P> {
    descriptor: Descriptor,
    settings: Settings,
    sign_in: ConfiguredSignIn,
    provider: PhantomData<fn() -> P>,
}

/// What a listing asked for, and what it gave.
#[derive(Debug)]
pub struct Listed {
    /// In the order it was asked.
    pub asked: Vec<Request>,
    /// What it gave.
    pub listing: Listing,
}

impl<P: Provider> Cloud<P> {
    /// The provider with these settings, or why it or the host refuses them.
    ///
    /// # Panics
    /// Where no settings make addresses of the declared sign-in: its author has to mend it.
    pub fn configured(settings: &[(&str, &str)]) -> Result<Self, ProviderError> {
        let descriptor = P::describe();
        let settings = Settings::from_iter(settings.iter().copied());
        let settings = settings.complete(&descriptor.settings)?;
        P::create(&settings)?;
        let (template, tenant) = (descriptor.sign_in.clone(), descriptor.tenant_pointer());
        let sign_in = ConfiguredSignIn::new(template, tenant, settings.clone());
        let sign_in = sign_in.map_err(refused)?;
        let descriptor = descriptor.with_settings(&settings);
        Ok(Self { descriptor, settings, sign_in, provider: PhantomData })
    }

    /// The provider with these settings, which it takes.
    #[track_caller]
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::configured(settings).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Who it is, its permissions filled.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// How people sign in where nobody asks for a tenant, as the host carries out what the provider
    /// declares.
    #[track_caller]
    pub fn sign_in(&self) -> SignIn {
        self.sign_in_at(None)
    }

    /// As [`Cloud::sign_in`], where this tenant is asked for. Every user record that it names is
    /// covered by its permission.
    #[track_caller]
    pub fn sign_in_at(&self, tenant: Option<&str>) -> SignIn {
        let tenant = tenant.map(|tenant| TenantId::parse(tenant).expect("a tenant's id"));
        let sign_in =
            self.sign_in.at(tenant.as_ref()).unwrap_or_else(|problem| panic!("{problem}"));
        for record in &sign_in.user_records {
            rules::assert_user_record(self.descriptor(), record);
        }
        sign_in
    }

    /// Whom these claims (or this user record), a JSON object, name at the declared places. Claims
    /// without `iss` are of the issuer of [`Cloud::sign_in`].
    #[track_caller]
    pub fn identify(&self, claims: impl ToString) -> Result<Identity, ProviderError> {
        let claims = Claims::parse(claims.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let people = self.descriptor().people.as_ref().expect("it signs people in");
        let members = claims.members();
        let issuer = members.get("iss").and_then(serde_json::Value::as_str);
        let issuer = issuer.map_or_else(|| self.sign_in().issuer().to_string(), Into::into);
        let unclear = |why: String| ProviderError::Unexpected(why);
        let identity =
            people.identify(&claims, &issuer).map_err(|error| unclear(error.to_string()))?;
        let tenant = &identity.tenant;
        if self.sign_in.issuer_names_tenant() && !self.sign_in.speaks_for(&issuer, tenant) {
            return Err(unclear(format!("{issuer} does not speak for the tenant {tenant}")));
        }
        Ok(identity)
    }

    /// What is listed where these come in turn, and then nothing.
    #[track_caller]
    pub fn listed(&self, replies: impl IntoIterator<Item = Outcome>) -> Listed {
        let mut replies = replies.into_iter();
        self.list(&person(), move |request| {
            let next = replies.next();
            next.unwrap_or_else(|| panic!("it asks for more: {}", request.url))
        })
    }

    /// What is listed for `person` where `answer` answers. Every request is held against the
    /// provider's own permissions, and of every reply it is handed what the host hands over.
    #[track_caller]
    pub fn list(&self, person: &Person, mut answer: impl FnMut(&Request) -> Outcome) -> Listed {
        let run = P::create(&self.settings).and_then(|provider| provider.discover(person));
        let mut run = run.unwrap_or_else(|error| panic!("{error}"));
        let mut asked: Vec<Request> = Vec::new();
        let mut responses = Vec::new();
        loop {
            let requests = match run.next(std::mem::take(&mut responses)) {
                Ok(Step::Fetch { requests, .. }) => requests,
                Ok(Step::Done(listing)) => return Listed { asked, listing },
                Err(problem) => panic!("{problem}"),
            };
            let ids: BTreeSet<_> = requests.iter().map(|request| request.id).collect();
            assert_eq!(ids.len(), requests.len(), "two requests of one step have one id");
            for request in requests {
                let permission = rules::assert_request(self.descriptor(), &request);
                let outcome = answer(&request).map(|reply| rules::handed_over(reply, permission));
                responses.push(Response { id: request.id, outcome });
                asked.push(request);
            }
            assert!(asked.len() <= 500, "it asks for more than the host lets it");
        }
    }
}

impl Listed {
    /// The ids of what was listed.
    pub fn ids(&self) -> Vec<&str> {
        self.listing.subscriptions.iter().map(|subscription| subscription.id.as_str()).collect()
    }

    /// The addresses that were asked for.
    pub fn urls(&self) -> Vec<&str> {
        self.asked.iter().map(|request| request.url.as_str()).collect()
    }

    /// The warnings, where there is more than none.
    pub fn warnings(&self) -> &[String] {
        &self.listing.warnings
    }
}

/// A setting that makes no address is refused as the provider refuses one.
#[track_caller]
fn refused(error: SignInError) -> ProviderError {
    match error {
        SignInError::Setting { key, why } => ProviderError::Setting { key, why },
        SignInError::Declaration(rule) => panic!("{rule}"),
    }
}

/// A cloud's answer.
pub fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, headers: vec![], body: body.to_string() }
}

/// An answer with status 200.
pub fn ok(body: impl ToString) -> Outcome {
    Ok(reply(200, body))
}

/// Somebody whose resources are listed.
#[allow(clippy::unwrap_used, reason = "they are written here, for tests alone")]
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
