//! The parameters of OAuth requests: which are reserved for Portico, and which a provider may add.
//!
//! A request has each reserved parameter once. Servers differ in which of two they use, and in which
//! spellings they treat as one name, so an endpoint whose query has a reserved parameter is refused.

use url::{Url, form_urlencoded};

/// Every parameter of OAuth and OpenID Connect that Portico sets, or that would change its request. No
/// endpoint or provider may set one.
const RESERVED: [&str; 39] = [
    // RFC 6749 sections 4.1 and 6, RFC 7636
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "password",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "scope",
    "state",
    "username",
    // OpenID Connect Core section 3.1.2.1, response modes
    "acr_values",
    "claims",
    "claims_locales",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "response_mode",
    "ui_locales",
    // A request somewhere else: Core section 6, RFC 9101, RFC 9126
    "registration",
    "request",
    "request_uri",
    // RFC 7521, RFC 8693, RFC 8707, RFC 9396, RFC 9449
    "assertion",
    "authorization_details",
    "client_assertion",
    "client_assertion_type",
    "dpop_jkt",
    "resource",
    "subject_token",
    // RP-initiated logout
    "logout_hint",
    "post_logout_redirect_uri",
    // AWS and some others for "scope"; older Google for "prompt"
    "scopes",
    "approval_prompt",
];

/// The parameters that a provider may add to an authorization request. Each is about who signs in, the
/// sign-in page, or the use of the token; none is about the redirect, the client, or what Portico
/// checks the response by. A parameter that widens a token (`include_granted_scopes`) or brings a
/// request of its own (`claims`, `request`) is not here: an operator consents to scopes.
const MAY_BE_ADDED: [&str; 20] = [
    "access_type",       // Google: whether there is a refresh token
    "acr_values",        // OpenID Connect Core section 3.1.2.1: how to authenticate
    "allow_signup",      // GitHub
    "audience",          // Auth0, Atlassian: the API that a token is for
    "connection",        // Auth0: which identity provider
    "display",           // OpenID Connect Core section 3.1.2.1
    "domain",            // Salesforce and others: the customer's own
    "domain_hint",       // Entra ID
    "duration",          // some: whether there is a refresh token
    "hd",                // Google: the customer's domain
    "identity_provider", // Cognito
    "kc_idp_hint",       // Keycloak
    "login_hint",
    "max_age",
    "organization", // Auth0
    "prompt",
    "resource",          // RFC 8707: the API that a token is for
    "scopes",            // AWS: the same as "scope", and held to the same scopes
    "token_access_type", // Dropbox
    "ui_locales",
];

/// How many layers of percent-encoding are decoded.
const MAX_LAYERS: usize = 4;

/// Whether a provider may add a parameter of this name to an authorization request.
pub fn may_be_added(name: &str) -> bool {
    MAY_BE_ADDED.contains(&name)
}

/// Why a provider may not add these parameters to an authorization request with these scopes. Each
/// must be on the list, appear once, and not widen the scopes.
pub fn refused(parameters: &[(String, String)], scopes: &[String]) -> Option<String> {
    parameters.iter().enumerate().find_map(|(at, (name, value))| {
        let is_repeated = parameters[..at].iter().any(|(earlier, _)| earlier == name);
        let widens = name == "scopes"
            && value
                .split([' ', ','])
                .any(|scope| !scopes.iter().any(|requested| requested == scope));
        let name: String = name.chars().take(64).collect();
        if !may_be_added(&name) {
            Some(format!(
                "the parameter {name:?} is not one that a provider may add to the sign-in"
            ))
        } else if is_repeated {
            Some(format!("the parameter {name:?} is added to the sign-in twice"))
        } else {
            widens.then(|| format!("the parameter {name:?} asks for more than the scopes"))
        }
    })
}

/// The parameter in the query of an endpoint because of which it is refused: a reserved one, in any
/// spelling that some server accepts, or one that cannot be read.
pub fn reserved_in(endpoint: &Url) -> Option<String> {
    let mut query = endpoint.query().unwrap_or_default().to_owned();
    for _ in 0..MAX_LAYERS {
        let mut names = query.split(['&', ';']).map(name);
        if let Some(found) = names.find(|name| is_reserved(name)) {
            return Some(found.chars().take(64).collect());
        }
        // A proxy may decode twice: then a value may end, and a name begin.
        let decoded = decoded(&query);
        if decoded == query {
            return None;
        }
        query = decoded;
    }
    Some("a query that is encoded again and again".into())
}

/// The name of a parameter, decoded once.
fn name(pair: &str) -> String {
    decoded(pair.split('=').next().unwrap_or_default())
}

fn decoded(text: &str) -> String {
    // `parse` would split a name and a value at the first "=".
    let whole = text.replace('=', "%3D").replace('&', "%26");
    form_urlencoded::parse(whole.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// PHP reads `client.id`, `client id` and `client_id[]` as `client_id`; other servers ignore case. A
/// name with invisible or non-ASCII characters is refused too: no honest one has any.
fn is_reserved(name: &str) -> bool {
    let odd = name.chars().any(|c| !(c.is_ascii_graphic() || c == ' '));
    let until_bracket = name.split('[').next().unwrap_or_default();
    odd || RESERVED.iter().any(|reserved| plain(reserved).eq(plain(until_bracket)))
}

/// The letters and digits of a name, in lower case.
fn plain(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
