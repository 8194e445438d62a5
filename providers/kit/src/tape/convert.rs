//! Conversions between the domain's values and those on a tape.

use portico_domain::{
    account::{Listing, Mender, Repair, Subscription, Tenant, TenantState},
    identity::{Identity, Subject, TenantId},
    provider::{
        CallError, Credential, Descriptor, FetchError, Method, Person, ProviderError, Reply,
        Request,
    },
};

use super::{
    Body, TapedCredential, TapedListing, TapedPerson, TapedProblem, TapedProvider, TapedRepair,
    TapedRequest, TapedResponse, TapedSubscription, TapedTenant,
};

impl From<&Descriptor> for TapedProvider {
    fn from(descriptor: &Descriptor) -> Self {
        Self { id: descriptor.id.to_string(), version: descriptor.version.clone() }
    }
}

impl TapedProblem {
    /// The problem of a failed call. `None` if the host was overloaded: the provider did not fail then.
    pub(crate) fn of(error: CallError) -> Option<Self> {
        Some(match error {
            CallError::Provider(ProviderError::Setting { key, why }) => Self::Setting { key, why },
            CallError::Provider(ProviderError::Unexpected(what)) => Self::Unexpected(what),
            CallError::Provider(ProviderError::Refused { code, help }) => {
                Self::Refused { code, help }
            }
            CallError::Provider(ProviderError::Challenge(claims)) => Self::Challenge(claims),
            CallError::Provider(ProviderError::Other { code, message }) => {
                Self::Other { code, message }
            }
            CallError::Broken(rule) => Self::Broken(rule),
            CallError::Overloaded => return None,
        })
    }
}

impl From<&Person> for TapedPerson {
    fn from(person: &Person) -> Self {
        let Person { identity, token_reply } = person;
        Self {
            subject: identity.subject.to_string(),
            tenant: identity.tenant.to_string(),
            display_name: identity.display_name.clone(),
            username: identity.username.clone(),
            token_reply: token_reply.clone(),
        }
    }
}

impl TapedPerson {
    /// The person. `None` if subject or tenant is invalid.
    pub(crate) fn person(&self) -> Option<Person> {
        let identity = Identity {
            subject: Subject::parse(self.subject.clone()).ok()?,
            tenant: TenantId::parse(self.tenant.clone()).ok()?,
            display_name: self.display_name.clone(),
            username: self.username.clone(),
        };
        Some(Person { identity, token_reply: self.token_reply.clone() })
    }
}

impl From<&Request> for TapedRequest {
    fn from(request: &Request) -> Self {
        Self {
            method: method_name(request.method).into(),
            url: request.url.to_string(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            credential: request.credential.clone().map(Into::into),
        }
    }
}

/// The name of a method in HTTP.
pub(crate) fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}

impl From<Credential> for TapedCredential {
    fn from(credential: Credential) -> Self {
        let tenant = credential.tenant.map(|tenant| tenant.to_string());
        Self { permission: credential.permission, tenant }
    }
}

const FETCH_ERRORS: [(FetchError, &str); 7] = [
    (FetchError::NotGranted, "not-permitted"),
    (FetchError::NoToken, "no-token"),
    (FetchError::TimedOut, "timed-out"),
    (FetchError::TooLarge, "too-large"),
    (FetchError::Unreachable, "unreachable"),
    (FetchError::BudgetSpent, "budget-spent"),
    (FetchError::Refused, "refused"),
];

impl From<&Result<Reply, FetchError>> for TapedResponse {
    fn from(outcome: &Result<Reply, FetchError>) -> Self {
        match outcome {
            Ok(reply) => Self::Reply {
                status: reply.status,
                headers: reply.headers.clone(),
                body: Body(reply.body.clone()),
            },
            Err(FetchError::TokenRefused(refusal)) => Self::TokenRefused(refusal.clone()),
            Err(error) => {
                let named = FETCH_ERRORS.iter().find(|(known, _)| known == error);
                Self::Error(named.map_or("unreachable", |(_, name)| name).into())
            }
        }
    }
}

impl TapedResponse {
    /// The result that the provider gets. An unknown error name becomes `unreachable`.
    pub(crate) fn outcome(&self) -> Result<Reply, FetchError> {
        match self {
            Self::Reply { status, headers, body } => {
                let lower_case =
                    |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
                let headers = headers.iter().map(lower_case).collect();
                Ok(Reply { status: *status, headers, body: body.0.clone() })
            }
            Self::Error(name) => {
                let known = FETCH_ERRORS.iter().find(|(_, known)| known == name);
                Err(known.map_or(FetchError::Unreachable, |(error, _)| error.clone()))
            }
            Self::TokenRefused(refusal) => {
                Err(FetchError::TokenRefused(Box::new((**refusal).clone().bounded())))
            }
        }
    }
}

impl From<Listing> for TapedListing {
    fn from(listing: Listing) -> Self {
        Self {
            subscriptions: listing.subscriptions.into_iter().map(Into::into).collect(),
            tenants: listing.tenants.into_iter().map(Into::into).collect(),
            warnings: listing.warnings,
        }
    }
}

impl From<Subscription> for TapedSubscription {
    fn from(one: Subscription) -> Self {
        let Subscription { id, display_name, state, tenant, extra } = one;
        Self { id, display_name, state, tenant, extra }
    }
}

impl From<Tenant> for TapedTenant {
    fn from(one: Tenant) -> Self {
        let Tenant { id, display_name, state, reason, mender, repair, extra } = one;
        let state = match state {
            TenantState::Ok => "ok",
            TenantState::Empty => "empty",
            TenantState::WantsMfa => "wants-mfa",
            TenantState::WantsConsent => "wants-consent",
            TenantState::Blocked => "blocked",
            TenantState::Unreachable => "unreachable",
        };
        let mender = mender.map(|mender| match mender {
            Mender::Person => "person".into(),
            Mender::Administrator => "administrator".into(),
            Mender::Operator => "operator".into(),
        });
        let repair = repair.map(|repair| match repair {
            Repair::SignIn => TapedRepair::SignIn,
            Repair::Claims(claims) => TapedRepair::Claims(claims),
            Repair::Link(link) => TapedRepair::Link(link),
        });
        Self { id, display_name, state: state.into(), reason, mender, repair, extra }
    }
}
