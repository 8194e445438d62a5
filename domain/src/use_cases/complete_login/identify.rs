//! Identifies the person of a login by the verified claims and the user records.

use super::CompleteLoginError;
use crate::{
    check::Check,
    identity::{Claims, Identity, PersonKey, Subject, TenantId, VerifiedEmail},
    listing::checked,
    login::{SessionOwner, SignedIn},
    ports::IdentityProviderError,
    provider::{CallError, Registration, SignIn, SubjectNotFound, issuer_host, places},
    session::Session,
    use_cases::user_record::{self, UserRecordError},
    verified_claims::VerifiedClaims,
};

/// The identification of one login's person.
pub(super) struct Identification<'a> {
    pub(super) provider: &'a Registration,
    /// The requested tenant, if any.
    pub(super) tenant: Option<TenantId>,
}

impl Identification<'_> {
    pub(super) fn sign_in(&self) -> Result<SignIn, CompleteLoginError> {
        self.provider.sign_in.at(self.tenant.as_ref()).map_err(|error| self.failed(error.into()))
    }

    /// The person who signed in, by the verified claims and the declared user records.
    pub(super) async fn signed_in(
        &self,
        sign_in: &SignIn,
        signed_in: &SignedIn,
    ) -> Result<(SessionOwner, Identity), CompleteLoginError> {
        let (access, issuer) = (&signed_in.tokens.access, &signed_in.issuer);
        let claims = signed_in.claims.clone();
        let user = match user_record::claims(self.provider, sign_in, claims, access).await {
            Ok(user) => user,
            Err(UserRecordError::Provider(problem)) => return Err(self.failed(problem)),
            Err(UserRecordError::Cloud(error)) => return Err(self.identity_failed(error)),
        };
        let identity = self.identity(&user, issuer).await?;
        let id = self.provider.id();
        let person = PersonKey::of(id, issuer, &identity.tenant, &identity.subject);
        let people = self.provider.cloud.descriptor().people.as_ref();
        let email = people.and_then(|people| VerifiedEmail::beside(&people.subject, &user));
        let user = user.into_claims();
        Ok((SessionOwner { person, user, email, only_connects: false }, identity))
    }

    /// The identity in the claims, at the pointers that the operator agreed to.
    async fn identity(
        &self,
        verified: &VerifiedClaims,
        issuer: &str,
    ) -> Result<Identity, CompleteLoginError> {
        let user = verified.claims();
        let nobody = |detail: String| {
            self.identity_failed(IdentityProviderError::InvalidResponse {
                check: Check::Identity,
                detail,
            })
        };
        let people = self.provider.cloud.descriptor().people.as_ref();
        let people = people.ok_or_else(|| nobody("the provider is connect-only".into()))?;
        let named = people.identify(user, issuer);
        let mut identity = named.map_err(|error| match people.is_promised() {
            true => nobody(error.to_string()),
            false => self.failed(no_subject(&error, user)),
        })?;
        let sign_in = &self.provider.sign_in;
        if sign_in.issuer_names_tenant() {
            if people.tenant.is_none() {
                identity.tenant = self.requested_tenant()?;
            }
            if !sign_in.speaks_for(issuer, &identity.tenant) {
                let detail = format!("{issuer} does not speak for the tenant {}", identity.tenant);
                return Err(self.identity_failed(IdentityProviderError::InvalidResponse {
                    check: Check::IdentityTenant,
                    detail,
                }));
            }
        }
        let named = self.provider.cloud.identify(self.tenant.as_ref(), user).await;
        match named.map_err(|problem| self.failed(problem))? {
            None => Ok(identity),
            // Interface 1.0.0: only the names are the provider's.
            Some(named)
                if (&named.subject, &named.tenant) == (&identity.subject, &identity.tenant) =>
            {
                checked::identity(named).map_err(|problem| self.failed(problem))
            }
            Some(_) => Err(CompleteLoginError::IdentityMadeUp(self.provider.id().clone())),
        }
    }

    /// The requested tenant, or the default one: for claims without a tenant.
    fn requested_tenant(&self) -> Result<TenantId, CompleteLoginError> {
        let default = || self.provider.sign_in.default_tenant().ok().flatten();
        let tenant = self.tenant.clone().or_else(default);
        tenant.ok_or_else(|| self.failed(CallError::Broken("it names no tenant".into())))
    }

    /// The owner of the session, for a connect-only provider: the account is theirs because
    /// their browser returned with the code.
    pub(super) fn connected_by(
        &self,
        owner: Session,
        issuer: &str,
    ) -> Result<(SessionOwner, Identity), CompleteLoginError> {
        let nameless = || self.failed(CallError::Broken("its issuer has no host".into()));
        let tenant = issuer_host(issuer).and_then(|host| TenantId::parse(host).ok());
        let subject: String = owner.person.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
        let names = owner.accounts.first().map(|account| &account.identity);
        let display_name = names.map(|names| names.display_name.clone()).unwrap_or_default();
        let identity = Identity {
            subject: Subject::parse(subject).map_err(|_| nameless())?,
            tenant: tenant.ok_or_else(nameless)?,
            display_name,
            username: names.and_then(|names| names.username.clone()),
        };
        // The cloud's own address of the person is not known.
        let (person, user, email) = (owner.person, owner.user, None);
        Ok((SessionOwner { person, user, email, only_connects: true }, identity))
    }

    pub(super) fn failed(&self, problem: CallError) -> CompleteLoginError {
        CompleteLoginError::Provider(self.provider.id().clone(), problem)
    }

    pub(super) fn identity_failed(&self, error: IdentityProviderError) -> CompleteLoginError {
        CompleteLoginError::Identity(self.provider.id().clone(), error)
    }
}

/// The error for claims without a subject at the declared pointers. The pointers are the provider
/// author's, not a promise of the cloud, so the provider is at fault.
fn no_subject(error: &SubjectNotFound, user: &Claims) -> CallError {
    let there = places(user);
    CallError::Broken(format!(
        "its `people` points to nobody: {error}; there is something at {there}"
    ))
}
