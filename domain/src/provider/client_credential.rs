//! How Portico authenticates as a client.

use crate::secret::ClientSecret;

/// Portico's credential at a provider's token endpoint, as the operator configured it.
///
/// A file with a private key is in PEM (RFC 7468); the adapter of `IdentityProvider` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCredential {
    /// None: a public client (RFC 6749 section 2.1).
    Public,
    /// A client secret (RFC 6749 section 2.3.1).
    Secret(ClientSecret),
    /// A private key whose public key the provider knows: it signs an assertion for each request
    /// (`private_key_jwt`, OpenID Connect Core section 9).
    PrivateKey(ClientSecret),
    /// A certificate that the provider knows, with its private key. The assertion names the certificate
    /// (<https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials>).
    Certificate(ClientSecret),
    /// A token of another issuer that the provider trusts for this client, sent as it is: workload
    /// identity federation
    /// (<https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation>).
    FederatedToken(ClientSecret),
}

impl ClientCredential {
    /// The secret text, of whatever kind; `None` for a public client.
    pub fn text(&self) -> Option<&ClientSecret> {
        match self {
            Self::Public => None,
            Self::Secret(text)
            | Self::PrivateKey(text)
            | Self::Certificate(text)
            | Self::FederatedToken(text) => Some(text),
        }
    }
}
