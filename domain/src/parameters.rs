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
mod tests {
    use rstest::rstest;

    use super::*;

    fn found(query: &str) -> Option<String> {
        reserved_in(&Url::parse(&format!("https://login.example/authorize?{query}")).unwrap())
    }

    #[test]
    fn reserved_in_finds_each_reserved_name() {
        for name in RESERVED {
            assert_eq!(found(&format!("a=b&{name}=x")).as_deref(), Some(name));
        }
    }

    #[rstest]
    #[case::bare("client_id")]
    #[case::empty_value("client_id=")]
    #[case::repeated("a=b&client_id=x&client_id=y")]
    #[case::semicolon("a=b;client_id=x")]
    #[case::title_case("Client_Id=x")]
    #[case::upper_case("CLIENT_ID=x")]
    #[case::camel_case("clientId=x")]
    #[case::encoded_underscore("client%5Fid=x")]
    #[case::encoded_letters("%63%6c%69%65%6e%74_id=x")]
    #[case::encoded_twice("%2563lient_id=x")]
    #[case::encoded_three_times("%252563lient_id=x")]
    #[case::dot("client.id=x")]
    #[case::plus("client+id=x")]
    #[case::encoded_space("client%20id=x")]
    #[case::leading_space("+client_id=x")]
    #[case::trailing_space("client_id+=x")]
    #[case::brackets("client_id[]=x")]
    #[case::encoded_brackets("client_id%5B0%5D=x")]
    #[case::nested_brackets("client_id[a][b]=x")]
    #[case::nul("client_id%00=x")]
    #[case::nul_and_extension("client_id%00.a=x")]
    #[case::byte_order_mark("%EF%BB%BFclient_id=x")]
    #[case::dotless_i("cl%C4%B1ent_id=x")]
    #[case::overlong_utf8("client%C1%9Fid=x")]
    #[case::ampersand_in_value("p=x%26client_id%3Dy")]
    #[case::ampersand_encoded_twice("p=x%2526client_id%253Dy")]
    #[case::semicolon_in_value("p=x%3Bclient_id%3Dy")]
    #[case::encoded_equals("client_id%3Dx")]
    #[case::empty_pairs("&&client_id=x")]
    #[case::question_mark("?client_id=x")]
    fn reserved_in_finds_every_spelling_that_a_server_accepts(#[case] query: &str) {
        assert!(found(query).is_some());
    }

    #[test]
    fn reserved_in_refuses_a_query_encoded_too_often() {
        assert!(found(&format!("a=%{}41", "25".repeat(10))).is_some());
        assert_eq!(found("a=%252541"), None);
    }

    #[test]
    fn reserved_in_ignores_other_parameters() {
        for query in ["", "p=b2c_1_signin", "api-version=2022-12-01&foo[]=1", "flight=1&a=b;c=%20"]
        {
            assert_eq!(found(query), None, "{query}");
        }
        let url = Url::parse("https://login.example/oauth/authorize").unwrap();
        assert_eq!(reserved_in(&url), None);
    }

    #[test]
    fn may_be_added_compares_the_exact_name() {
        for name in ["access_type", "prompt", "hd", "scopes"] {
            assert!(may_be_added(name), "{name}");
        }
        for name in
            ["state", "nonce", "request_uri", "claims", "include_granted_scopes", "Prompt", ""]
        {
            assert!(!may_be_added(name), "{name}");
        }
    }

    #[test]
    fn refused_names_unlisted_repeated_and_widening_parameters() {
        let refused = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
            super::refused(&pairs, &["read".to_owned(), "list".to_owned()])
        };
        assert_eq!(refused(&[("prompt", "consent"), ("scopes", "list read")]), None);
        for (pairs, words) in [
            (&[("include_granted_scopes", "true")][..], "include_granted_scopes"),
            (&[("nonce", "1")], "nonce"),
            (&[("hd", "a"), ("hd", "b")], "twice"),
            (&[("scopes", "read write")], "more than the scopes"),
        ] {
            assert!(refused(pairs).unwrap().contains(words), "{pairs:?}");
        }
    }
}
