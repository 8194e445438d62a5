//! OAuth error responses (RFC 6749 section 5.2).

use oauth2::basic::BasicErrorResponse;
use portico_domain::{challenge::Challenge, login::OAuthError, ports::IdentityProviderError};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{document::object, transport::ErrorMembers};

/// The longest `suberror`, in characters; those that are documented have at most 23.
const MAX_SUBERROR_LEN: usize = 64;
/// The longest claims request, in bytes. It is stored in the session and sent in a URL.
const MAX_CLAIMS_LEN: usize = 4 << 10;

/// Maps an OAuth error response: temporary errors mean that the provider is away, all others are
/// refusals.
pub(crate) fn oauth_error(
    response: &BasicErrorResponse,
    members: &ErrorMembers,
    secrets: &[&str],
    at: &str,
) -> IdentityProviderError {
    let code = response.error().as_ref();
    let description = response.error_description().map(|text| clean(text, secrets, 500));
    let error = OAuthError {
        error: clean(code, secrets, 64),
        description,
        challenge: challenge(members, secrets),
    };
    match code {
        "temporarily_unavailable" | "server_error" => {
            IdentityProviderError::Unreachable(format!("{at} responded with {error}"))
        }
        _ => IdentityProviderError::Refused { error, endpoint: at.to_owned() },
    }
}

fn challenge(members: &ErrorMembers, secrets: &[&str]) -> Option<Box<Challenge>> {
    let suberror = members.suberror.as_deref().and_then(suberror);
    let claims = members.claims.as_deref().and_then(|text| claims(text, secrets));
    let challenge = Challenge { suberror, claims };
    (challenge != Challenge::default()).then(|| Box::new(challenge))
}

/// A `suberror` that is a word; others name no error that a sign-in page could distinguish.
fn suberror(text: &str) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let valid = (1..=MAX_SUBERROR_LEN).contains(&text.len()) && text.chars().all(is_word);
    valid.then(|| text.to_owned())
}

/// A claims request that is a short JSON object and contains none of the secrets.
fn claims(text: &str, secrets: &[&str]) -> Option<String> {
    if text.len() > MAX_CLAIMS_LEN {
        return None;
    }
    let members: Map<String, Value> = object(text.as_bytes())?;
    let json = Value::Object(members).to_string();
    let leaks = secrets.iter().any(|secret| !secret.is_empty() && json.contains(secret));
    (!leaks && json.len() <= MAX_CLAIMS_LEN).then_some(json)
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
