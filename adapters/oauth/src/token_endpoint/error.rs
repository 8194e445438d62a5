//! OAuth error responses (RFC 6749 section 5.2).

use oauth2::basic::BasicErrorResponse;
use portico_domain::{login::OAuthError, ports::IdentityProviderError};
use url::form_urlencoded;

/// Maps an OAuth error response: temporary errors mean that the provider is away, all others are
/// refusals.
pub(crate) fn oauth_error(
    response: &BasicErrorResponse,
    secrets: &[&str],
    at: &str,
) -> IdentityProviderError {
    let code = response.error().as_ref();
    let description = response.error_description().map(|text| clean(text, secrets, 500));
    let error = OAuthError { error: clean(code, secrets, 64), description };
    match code {
        "temporarily_unavailable" | "server_error" => {
            IdentityProviderError::Unreachable(format!("{at} responded with {error}"))
        }
        _ => IdentityProviderError::Refused { error, endpoint: at.to_owned() },
    }
}

/// The provider's text on one line, truncated to `max_len` characters, without the secrets that were
/// sent to it, plain or form-encoded.
fn clean(text: &str, secrets: &[&str], max_len: usize) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text = text.replace(secret, "(removed)").replace(&encoded, "(removed)");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max_len).collect()
}
