//! Settings of the tokens that the emulator issues.

use serde::{Deserialize, Serialize};

/// How tokens are issued. In JSON an object; an absent member has its default.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSettings {
    /// Lifetime of access tokens in seconds, at every cloud; `None` is each cloud's own, an hour at Entra ID. ID tokens
    /// and refresh tokens keep theirs.
    pub access_token_lifetime: Option<u32>,
    /// Entra ID: whether a refresh token is revoked when it is used. Using it again revokes every refresh token of its
    /// sign-in (RFC 9700 section 4.14.2). Entra ID itself revokes none of them.
    pub single_use_refresh_tokens: bool,
    /// Entra ID: whether ID tokens have the optional claim `sid`. The sign-in then begins a session of the browser
    /// by a cookie, and the logout page loads the front-channel logout URLs.
    pub session_ids: bool,
}
