//! Between the domain's values and what stands on a tape.

use portico_domain::{
    account::{Listing, Subscription},
    identity::{Identity, Subject, TenantId},
    provider::{
        ClientAuthentication, Credential, Descriptor, Endpoints, FetchError, Method, Problem,
        Reply, Request, SignIn, TokenEncoding, UserRecord,
    },
};

use super::{
    Answered, Body, TapedCredential, TapedEndpoints, TapedIdentity, TapedListing, TapedProblem,
    TapedProvider, TapedRequest, TapedResponse, TapedSignIn, TapedSubscription, TapedUserRecord,
};

impl<T> Answered<T> {
    /// What was answered, as a tape has it.
    pub(crate) fn of<A: Into<T>>(answered: Result<A, Problem>) -> Self {
        match answered {
            Ok(answer) => Self::Ok(answer.into()),
            Err(problem) => Self::Problem(problem.into()),
        }
    }
}

impl From<&Descriptor> for TapedProvider {
    fn from(descriptor: &Descriptor) -> Self {
        Self { id: descriptor.id.to_string(), version: descriptor.version.clone() }
    }
}

impl From<Problem> for TapedProblem {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Setting { key, why } => Self::Setting { key, why },
            Problem::Unexpected(what) => Self::Unexpected(what),
            Problem::Refused { code, help } => Self::Refused { code, help },
            Problem::Challenge(claims) => Self::Challenge(claims),
            Problem::Other { code, message } => Self::Other { code, message },
            Problem::Broken(why) => Self::Broken(why),
            overloaded @ Problem::Overloaded => Self::Broken(overloaded.to_string()),
        }
    }
}

impl From<SignIn> for TapedSignIn {
    fn from(sign_in: SignIn) -> Self {
        let token_encoding = match sign_in.token_encoding {
            TokenEncoding::Form => "form",
            TokenEncoding::JsonCamelCase => "json-camel-case",
        };
        let client_authentication = match sign_in.client_authentication {
            ClientAuthentication::Basic => "basic",
            ClientAuthentication::Post => "post",
            ClientAuthentication::None => "none",
        };
        Self {
            endpoints: sign_in.endpoints.into(),
            tenant_claim: sign_in.tenant_claim,
            scopes: sign_in.scopes,
            parameters: sign_in.parameters,
            token_encoding: token_encoding.into(),
            client_authentication: client_authentication.into(),
        }
    }
}

impl From<Endpoints> for TapedEndpoints {
    fn from(endpoints: Endpoints) -> Self {
        match endpoints {
            Endpoints::OpenId(issuer) => Self::OpenId(issuer.into()),
            Endpoints::Plain(plain) => Self::Plain {
                issuer: plain.issuer.into(),
                authorization: plain.authorization.into(),
                token: plain.token.into(),
                end_session: plain.end_session.map(Into::into),
                user_record: plain.user_record.map(Into::into),
            },
        }
    }
}

impl From<UserRecord> for TapedUserRecord {
    fn from(record: UserRecord) -> Self {
        Self { url: record.url.into(), headers: record.headers, grant: record.grant }
    }
}

impl From<Identity> for TapedIdentity {
    fn from(identity: Identity) -> Self {
        Self {
            subject: identity.subject.to_string(),
            tenant: identity.tenant.to_string(),
            display_name: identity.display_name,
            username: identity.username,
        }
    }
}

impl TapedIdentity {
    /// The identity; `None` where its subject or tenant is none.
    pub(crate) fn identity(&self) -> Option<Identity> {
        Some(Identity {
            subject: Subject::parse(self.subject.clone()).ok()?,
            tenant: TenantId::parse(self.tenant.clone()).ok()?,
            display_name: self.display_name.clone(),
            username: self.username.clone(),
        })
    }
}

impl From<&Request> for TapedRequest {
    fn from(request: &Request) -> Self {
        Self {
            method: verb(request.method).into(),
            url: request.url.to_string(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            credential: request.credential.clone().map(Into::into),
        }
    }
}

/// The verb as HTTP writes it.
pub(crate) fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
    }
}

impl From<Credential> for TapedCredential {
    fn from(credential: Credential) -> Self {
        let tenant = credential.tenant.map(|tenant| tenant.to_string());
        Self { grant: credential.grant, tenant }
    }
}

const FETCH_ERRORS: [(FetchError, &str); 6] = [
    (FetchError::NotGranted, "not-granted"),
    (FetchError::NoToken, "no-token"),
    (FetchError::TimedOut, "timed-out"),
    (FetchError::TooLarge, "too-large"),
    (FetchError::Unreachable, "unreachable"),
    (FetchError::BudgetSpent, "budget-spent"),
];

impl From<&Result<Reply, FetchError>> for TapedResponse {
    fn from(outcome: &Result<Reply, FetchError>) -> Self {
        match outcome {
            Ok(reply) => Self::Reply {
                status: reply.status,
                headers: reply.headers.clone(),
                body: Body(reply.body.clone()),
            },
            Err(error) => {
                let named = FETCH_ERRORS.iter().find(|(known, _)| known == error);
                Self::Error(named.map_or("unreachable", |(_, name)| name).into())
            }
        }
    }
}

impl TapedResponse {
    /// What the provider is handed. A name that stands for no error is an unreachable cloud.
    pub(crate) fn outcome(&self) -> Result<Reply, FetchError> {
        match self {
            Self::Reply { status, headers, body } => {
                let lower =
                    |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
                let headers = headers.iter().map(lower).collect();
                Ok(Reply { status: *status, headers, body: body.0.clone() })
            }
            Self::Error(name) => {
                let known = FETCH_ERRORS.iter().find(|(_, known)| known == name);
                Err(known.map_or(FetchError::Unreachable, |(error, _)| *error))
            }
        }
    }
}

impl From<Listing> for TapedListing {
    fn from(listing: Listing) -> Self {
        Self {
            subscriptions: listing.subscriptions.into_iter().map(Into::into).collect(),
            warnings: listing.warnings,
        }
    }
}

impl From<Subscription> for TapedSubscription {
    fn from(one: Subscription) -> Self {
        let Subscription { id, display_name, state, tenant } = one;
        Self { id, display_name, state, tenant }
    }
}
