//! What a provider demands of the sign-in after a refusal.

/// What a provider demands of a new sign-in when it refuses a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `suberror` of Entra ID, `error_subtype` of Google, such as `basic_action`: a word of at most 64
    /// characters.
    pub suberror: Option<String>,
    /// The claims request, a JSON object of at most 4 KiB (Entra ID,
    /// <https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge>).
    pub claims: Option<String>,
}
