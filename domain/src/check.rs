//! The checks of an identity provider's responses, each with its name.
//!
//! The log has the name in the field `check`, and operators search for it; docs/checks.md lists all.

use std::fmt;

macro_rules! checks {
    ($($name:ident = $word:literal, $failed:literal, $source:literal;)*) => {
        /// A check that failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Check {
            $(
                #[doc = concat!($failed, " (", $source, ").")]
                $name,
            )*
        }

        impl Check {
            /// Every check, in the order of its execution within each document.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable name in the log, such as `id_token_audience`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What a failure means.
            pub const fn failed(self) -> &'static str {
                match self { $(Self::$name => $failed,)* }
            }

            /// What requires it: a section of a specification, or the vendor's rule.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }
    };
}

checks! {
    IdTokenMissing = "id_token_missing", "the token endpoint gave no ID token", "OpenID Connect Core 3.1.3.3";
    IdTokenUnreadable = "id_token_unreadable", "it is no signed JWT with a JSON object in it", "RFC 7519 7.2";
    IdTokenTooLarge = "id_token_too_large", "its header or its claims are longer than Portico reads", "RFC 8725 3.2";
    IdTokenCritical = "id_token_critical", "its header asks for an extension", "RFC 7515 4.1.11";
    IdTokenType = "id_token_type", "it is a token of another kind", "RFC 8725 3.11";
    IdTokenAlgorithm = "id_token_algorithm", "it is signed by an algorithm that is not accepted", "RFC 8725 3.1";
    IdTokenKey = "id_token_key", "no key of the provider fits it", "RFC 7515 4.1.4";
    IdTokenSignature = "id_token_signature", "its signature is not the key's", "OpenID Connect Core 3.1.3.7 (6)";
    IdTokenIssuer = "id_token_issuer", "its issuer is not the provider", "OpenID Connect Core 3.1.3.7 (2)";
    IdTokenKeyIssuer = "id_token_key_issuer", "its key signs for another issuer", "Entra ID: signing keys per issuer";
    IdTokenTenant = "id_token_tenant", "it names no tenant that could be one", "Entra ID: `tid`";
    IdTokenAudience = "id_token_audience", "it is not meant for this application", "OpenID Connect Core 3.1.3.7 (3)";
    IdTokenAuthorizedParty = "id_token_authorized_party", "it was issued to another application", "OpenID Connect Core 3.1.3.7 (4, 5)";
    IdTokenSubject = "id_token_subject", "it has no subject", "OpenID Connect Core 2";
    IdTokenExpired = "id_token_expired", "it has expired, or does not say when it does", "OpenID Connect Core 3.1.3.7 (9)";
    IdTokenIssuedAt = "id_token_issued_at", "it was issued in the future, or does not say when", "OpenID Connect Core 3.1.3.7 (10)";
    IdTokenNotYetValid = "id_token_not_yet_valid", "it is not valid yet", "RFC 7519 4.1.5";
    IdTokenNonce = "id_token_nonce", "its nonce is not that of this login", "OpenID Connect Core 3.1.3.7 (11)";
    IdTokenAccessToken = "id_token_access_token", "it was issued with another access token (`at_hash`)", "OpenID Connect Core 3.1.3.8";
    LogoutTokenMissing = "logout_token_missing", "the request has no logout token", "OpenID Connect Back-Channel Logout 2.5";
    LogoutTokenProvider = "logout_token_provider", "the provider issues no logout tokens", "OpenID Connect Back-Channel Logout 2.6";
    LogoutTokenType = "logout_token_type", "it is a token of another kind", "OpenID Connect Back-Channel Logout 2.4";
    LogoutTokenTooOld = "logout_token_too_old", "it was issued longer ago than Portico remembers logout tokens", "OpenID Connect Back-Channel Logout 4";
    LogoutTokenEvent = "logout_token_event", "its `events` do not say that it is a logout token", "OpenID Connect Back-Channel Logout 2.6 (6)";
    LogoutTokenNonce = "logout_token_nonce", "it has a `nonce`, as an ID token does", "OpenID Connect Back-Channel Logout 2.6 (7)";
    LogoutTokenId = "logout_token_id", "it has no id (`jti`) of at most 255 bytes", "OpenID Connect Back-Channel Logout 2.4";
    LogoutTokenSubject = "logout_token_subject", "it names neither a session nor a person", "OpenID Connect Back-Channel Logout 2.6 (5)";
    LogoutTokenReplayed = "logout_token_replayed", "it came before", "OpenID Connect Back-Channel Logout 2.6 (8)";
    RefreshSubject = "refresh_subject", "the ID token of a refresh names another person", "OpenID Connect Core 12.2";
    DiscoveryRedirects = "discovery_redirects", "the discovery document is answered with a redirect", "OpenID Connect Discovery 4.2";
    DiscoveryTooLarge = "discovery_too_large", "the discovery document is longer than Portico reads", "OpenID Connect Discovery 4.2";
    DiscoveryUnreadable = "discovery_unreadable", "the discovery document is no JSON object, or a member of it has no use", "OpenID Connect Discovery 3";
    DiscoveryEndpoint = "discovery_endpoint", "an endpoint that it names takes no secret: not https, or this machine", "OpenID Connect Discovery 3";
    KeyEndpointRedirects = "key_endpoint_redirects", "the key endpoint answers with a redirect", "RFC 7517 5";
    KeysTooLarge = "keys_too_large", "the keys are longer than Portico reads", "RFC 7517 5";
    KeysUnreadable = "keys_unreadable", "the keys are no JWK set", "RFC 7517 5";
    KeysNone = "keys_none", "none of the keys can verify an ID token", "RFC 7517 4";
    TokenEndpointRedirects = "token_endpoint_redirects", "the token endpoint answers with a redirect", "RFC 6749 3.2";
    TokenReplyTooLarge = "token_reply_too_large", "the token response is longer than Portico reads", "RFC 6749 5.1";
    TokenReplyUnreadable = "token_reply_unreadable", "the token response is no JSON object with a token in it", "RFC 6749 5.1";
    TokenType = "token_type", "the token endpoint gave no bearer token", "RFC 6750 4";
    TokenTooLong = "token_too_long", "a token is longer than a request could carry", "RFC 6749 1.4";
    PushedRequestRedirects = "pushed_request_redirects", "the pushed authorization request endpoint answers with a redirect", "RFC 9126 2.1";
    PushedRequestReplyTooLarge = "pushed_request_reply_too_large", "the answer to a pushed authorization request is longer than Portico reads", "RFC 9126 2.2";
    PushedRequestReplyUnreadable = "pushed_request_reply_unreadable", "the answer to a pushed authorization request has no `request_uri` of use", "RFC 9126 2.2";
    PlainEndpoint = "plain_endpoint", "an endpoint that a plug-in names takes no secret", "RFC 6749 3.1, 3.2";
    EndpointParameter = "endpoint_parameter", "an endpoint has a parameter that is Portico's to set", "RFC 6749 3.1";
    SignInParameter = "sign_in_parameter", "a plug-in sets a parameter that is Portico's to set", "RFC 6749 4.1.1";
    UserRecord = "user_record", "the user record could not be read, or its address is not permitted", "OpenID Connect Core 5.3.2";
    EchoedToken = "echoed_token", "the user record contains the token or a secret of its request", "RFC 6750 5.3";
    Identity = "identity", "the claims name nobody", "OpenID Connect Core 5.1";
    IdentityTenant = "identity_tenant", "the issuer does not speak for the tenant that the claims name", "OpenID Connect Core 3.1.3.7 (2)";
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
