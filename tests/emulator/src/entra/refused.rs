//! The errors of a tenant that refuses.

use serde_json::{Value, json};

use super::error::EntraError;
use super::not_a_guest;
use crate::directory::{Refusal, RefusalKind, policy_id};
use crate::personas::{Person, Tenant, WORLD};

/// The token endpoint's error; `None` if the token is issued, and refused by Resource Manager.
pub(crate) fn at_token(refusal: Refusal, tenant: &Tenant, person: &Person) -> Option<EntraError> {
    if refusal.kind == RefusalKind::ResourceManagerMfa {
        return None;
    }
    let error = error(refusal.kind, tenant, person);
    Some(match refusal.error {
        Some(own) => error.with_error(own),
        None => error,
    })
}

/// The authorization endpoint's error; `None` if the sign-in may mend the refusal. `silent` sign-ins mend nothing.
pub(crate) fn at_sign_in(
    refusal: &Refusal,
    tenant: &Tenant,
    person: &Person,
    silent: bool,
) -> Option<EntraError> {
    use RefusalKind::*;
    let error = error(refusal.kind, tenant, person);
    match refusal.kind {
        Blocked | NotAGuest | UnknownUser => Some(error.with_error("access_denied")),
        Gone | NotInstalled => Some(error),
        ResourceManagerMfa => None,
        Consent if silent => Some(error.with_error("consent_required")),
        _ if silent => Some(error.with_error("interaction_required")),
        _ => None,
    }
}

fn error(kind: RefusalKind, tenant: &Tenant, person: &Person) -> EntraError {
    use RefusalKind::*;
    let (number, suberror, text) = match kind {
        NotAGuest => return not_a_guest(tenant, person).with_error("invalid_grant"),
        Gone => return super::no_tenant(tenant.id).with_error("invalid_request"),
        Mfa | ResourceManagerMfa => (50076, "basic_action", MFA),
        MfaEnrollment => (50079, "basic_action", ENROLLMENT),
        ExternalChallenge => (50158, "basic_action", "External security challenge not satisfied."),
        Consent => (65001, "consent_required", CONSENT),
        Blocked => (53003, "message_only", BLOCKED),
        Expired => (70008, "bad_token", EXPIRED),
        Inactive => (700082, "bad_token", "The refresh token has expired due to inactivity."),
        Revoked => (50173, "bad_token", REVOKED),
        UnknownUser => (90072, "", UNKNOWN_USER),
        NotInstalled => (500011, "", NOT_INSTALLED),
    };
    let text = text
        .replace("{client}", WORLD.application.client_id)
        .replace("{tenant}", tenant.name)
        .replace("{person}", person.user_name);
    let error = EntraError::new("invalid_grant", number, text);
    match (kind, suberror) {
        (NotInstalled, _) => error.with_error("invalid_resource"),
        (_, "") => error,
        (_, "basic_action") => error.with_suberror("basic_action").with_claims(&claims(tenant)),
        (_, other) => error.with_suberror(other),
    }
}

/// Revoked refresh tokens of a person, wherever they are redeemed.
pub(crate) fn revoked() -> EntraError {
    EntraError::new("invalid_grant", 50173, REVOKED).with_suberror("bad_token")
}

/// The claims request that names the tenant's policy.
fn claims(tenant: &Tenant) -> Value {
    let policy = policy_id(tenant);
    json!({ "access_token": { "capolids": { "essential": true, "values": [policy] } } })
}

const MFA: &str = "Due to a configuration change made by your administrator, or because you moved to a new location, \
    you must use multi-factor authentication to access '{client}'.";
const ENROLLMENT: &str = "Due to a configuration change made by your administrator, or because you moved to a new \
    location, you must enroll in multi-factor authentication to access '{client}'.";
const CONSENT: &str = "The user or administrator has not consented to use the application with ID '{client}'. Send an \
    interactive authorization request for this user and resource.";
const BLOCKED: &str = "Access has been blocked by Conditional Access policies. The access policy does not allow token \
    issuance.";
const EXPIRED: &str = "The provided authorization code or refresh token has expired due to inactivity. Send a new \
    interactive authorization request for this user and resource.";
const REVOKED: &str = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user \
    might have changed or reset their password.";
const UNKNOWN_USER: &str = "User account '{person}' from identity provider does not exist in tenant '{tenant}' and \
    cannot access the application '{client}' in that tenant. Sign out and sign in again with a different account.";
const NOT_INSTALLED: &str = "The resource principal named Azure Resource Manager was not found in the tenant named \
    {tenant}. This can happen if the application has not been installed by the administrator of the tenant.";
