//! Whose the response to a refresh is, and which errors are final.

use serde_json::Value;

use crate::{
    account::Account,
    check::Check,
    ports::{IdentityProviderError, RefreshedIdToken},
    provider::Registration,
    session::Session,
};

/// OAuth errors after which only the person can get a token: RFC 6749 section 5.2, OpenID Connect Core
/// section 3.1.2.6. All others may pass, or are the operator's to mend.
const FINAL: [&str; 4] =
    ["invalid_grant", "interaction_required", "consent_required", "login_required"];

/// Whether only a new sign-in can bring a token after this error.
pub(super) fn is_final(error: &IdentityProviderError) -> bool {
    matches!(error, IdentityProviderError::Refused { error, .. } if FINAL.contains(&error.error.as_str()))
}

/// Whose an ID token is.
#[derive(Debug)]
pub(super) enum Whose {
    /// It is of the person of the account, as far as it says.
    Theirs,
    /// It is of another person.
    Another,
    /// It is not one that this refresh could have.
    Invalid(IdentityProviderError),
}

/// Whose the ID token of a refresh is (OpenID Connect Core section 12.2). Its issuer was verified.
pub(super) fn whose(
    provider: &Registration,
    session: &Session,
    account: &Account,
    id_token: &RefreshedIdToken,
) -> Whose {
    let claims = id_token.claims.claims();
    let is_owner = session.accounts.first().is_some_and(|first| first.id == account.id);
    if is_owner {
        // The claims of the login are known for the account that the session began with.
        let (before, now) = (session.user.members(), claims.members());
        if differs(before.get("sub"), now.get("sub")) {
            return Whose::Another;
        }
        if differs(now.get("nonce"), before.get("nonce")) {
            return invalid(Check::IdTokenNonce, "its nonce is not that of the login");
        }
    }
    // A connect-only provider says nothing of people.
    let Some(people) = &provider.cloud.descriptor().people else { return Whose::Theirs };
    match people.identify(claims, &id_token.issuer) {
        Ok(named) => {
            let same_tenant = people.tenant.is_none() || named.tenant == account.identity.tenant;
            match named.subject == account.identity.subject && same_tenant {
                true => Whose::Theirs,
                false => Whose::Another,
            }
        }
        Err(error) if people.is_promised() => invalid(Check::Identity, &error.to_string()),
        // The subject is in a user record, which a refresh does not fetch.
        Err(_) => Whose::Theirs,
    }
}

/// Whether the first is there, and the second is something else.
fn differs(first: Option<&Value>, second: Option<&Value>) -> bool {
    first.is_some() && first != second
}

fn invalid(check: Check, detail: &str) -> Whose {
    Whose::Invalid(IdentityProviderError::InvalidResponse { check, detail: detail.into() })
}

#[cfg(test)]
mod tests;
