//! The request of a refresh.

use super::{
    held::Held,
    response::{Whose, whose},
};
use crate::{
    account::Account,
    ports::{IdentityProviderError, Refreshed, Stored},
    provider::{Registration, SignIn},
    session::TokenSet,
};

/// Sends the refresh token to the provider, once.
pub(super) async fn send(
    provider: &Registration,
    held: &Held,
) -> Result<Refreshed, IdentityProviderError> {
    let Held { account, tokens: Stored { value: tokens, .. }, .. } = held;
    let sign_in = sign_in(provider, account)?;
    let Some(refresh) = &tokens.refresh else {
        return Err(IdentityProviderError::Misconfigured("there is no refresh token".into()));
    };
    let scopes = scopes(&sign_in.scopes, &tokens.scopes);
    let mut refreshed = provider.identity.refresh(&sign_in, refresh, scopes).await?;
    if refreshed.tokens.scopes.is_empty() {
        refreshed.tokens.scopes.clone_from(&tokens.scopes);
    }
    // For the logout at the provider, which knows the session by any ID token of it.
    if refreshed.tokens.id_token.is_none() {
        refreshed.tokens.id_token.clone_from(&tokens.id_token);
    }
    refreshed.tokens.token_reply.clone_from(&tokens.token_reply);
    Ok(refreshed)
}

/// The sign-in of the tenant of the account.
fn sign_in(provider: &Registration, account: &Account) -> Result<SignIn, IdentityProviderError> {
    // The tenant of a connect-only account is its issuer's host, which no template takes.
    let signs_in = provider.cloud.descriptor().people.is_some();
    let names_tenant = signs_in && provider.sign_in.issuer_names_tenant();
    let sign_in = provider.sign_in.at(names_tenant.then_some(&account.identity.tenant));
    sign_in.map_err(|error| IdentityProviderError::Misconfigured(error.to_string()))
}

/// The scopes to request: those of the sign-in, since Entra ID issues a token for the resource among
/// them; or those that were granted, if they are a part of these (RFC 6749 section 6: none that was not
/// granted).
fn scopes<'a>(requested: &'a [String], granted: &'a [String]) -> &'a [String] {
    let is_part = granted.iter().all(|scope| requested.contains(scope));
    if is_part && !granted.is_empty() { granted } else { requested }
}

/// The tokens of a response to this refresh; `None` if they are another person's.
pub(super) fn checked(
    provider: &Registration,
    held: &Held,
    refreshed: Refreshed,
) -> Result<Option<TokenSet>, IdentityProviderError> {
    let whose =
        refreshed.id_token.as_ref().map(|it| whose(provider, &held.session, &held.account, it));
    match whose {
        None | Some(Whose::Theirs) => Ok(Some(refreshed.tokens)),
        Some(Whose::Another) => Ok(None),
        Some(Whose::Invalid(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::granted_under_the_same_names(&["openid", "list"], &["openid"], &["openid"])]
    #[case::granted_under_other_names(&["openid", "list/.default"], &["list/read"], &["openid", "list/.default"])]
    #[case::not_named(&["openid"], &[], &["openid"])]
    fn scopes_are_those_that_were(
        #[case] requested: &[&str],
        #[case] granted: &[&str],
        #[case] expected: &[&str],
    ) {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        assert_eq!(scopes(&owned(requested), &owned(granted)), owned(expected));
    }
}
