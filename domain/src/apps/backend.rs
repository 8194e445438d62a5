//! The backend of an app: how it authenticates, and which cloud tokens it may ask for.

use std::fmt;

use portico_provider_model::address::may_be_called;
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::Url;

use crate::{
    digest,
    identity::{ProviderId, TenantId},
    signing::SigningAlgorithm,
};

/// The most secrets and the most keys of one app: two, so that one can be replaced without a gap.
pub const MAX_CREDENTIALS: usize = 2;

/// Scopes about the person instead of an API (OpenID Connect Core sections 5.4 and 11). No rule has them: a
/// token for them alone would be for an API that nobody named.
pub const OPENID_SCOPES: [&str; 6] =
    ["openid", "profile", "email", "address", "phone", "offline_access"];

/// The backend of an app. Without credentials and rules, the app has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backend {
    /// The hashes of its secrets.
    pub secrets: Vec<SecretHash>,
    /// Its public keys, for `private_key_jwt` (OpenID Connect Core section 9).
    pub keys: Vec<ClientKey>,
    /// The cloud tokens that it may ask for.
    pub exchanges: Vec<ExchangeRule>,
}

/// The SHA-256 of a client secret. A fast hash is enough for a secret of 32 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

/// The text is no hash of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write sha256: and the 64 hexadecimal digits of the hash, not the secret itself")]
pub struct InvalidSecretHash;

impl SecretHash {
    /// Parses `sha256:` and 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidSecretHash> {
        let digits = text.strip_prefix("sha256:").ok_or(InvalidSecretHash)?;
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidSecretHash);
        }
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            let pair = digits.get(2 * at..2 * at + 2).ok_or(InvalidSecretHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidSecretHash)?;
        }
        // The hash of nothing would admit everybody who sends an empty secret.
        let is_of_nothing = hash == digest::of_bytes(b"");
        if is_of_nothing { Err(InvalidSecretHash) } else { Ok(Self(hash)) }
    }

    /// Whether it is the hash of this secret.
    pub fn is_of(&self, secret: &str) -> bool {
        self.0.ct_eq(&digest::of_bytes(secret.as_bytes())).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// A public key by which a backend authenticates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// The algorithm of its signatures.
    pub algorithm: SigningAlgorithm,
    /// The key as a PEM document, `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    pub pem: String,
}

/// A protected resource of a cloud, such as `https://management.azure.com`: an absolute `https` URI
/// without a fragment (RFC 8707 section 2). `http` is accepted for loopback addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource(Url);

/// The text is no resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "write the https address of an API without a fragment, such as https://management.azure.com"
)]
pub struct InvalidResource;

impl Resource {
    /// Parses a resource.
    pub fn parse(text: &str) -> Result<Self, InvalidResource> {
        // The URL parser drops line breaks and tabs, and reads a backslash as a slash.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(InvalidResource);
        }
        let url = Url::parse(text).map_err(|_| InvalidResource)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_web = matches!(url.scheme(), "http" | "https") && may_be_called(&url);
        let is_resource = is_plain && is_web && url.fragment().is_none() && url.query().is_none();
        if !is_resource {
            return Err(InvalidResource);
        }
        let mut url = url;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The resource as a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The scope of everything that the person consented to at this resource (Entra ID,
    /// <https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope>).
    pub fn default_scope(&self) -> String {
        format!("{self}/.default")
    }
}

impl fmt::Display for Resource {
    /// Without a slash at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Cloud tokens that a backend may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRule {
    /// The provider.
    pub provider: ProviderId,
    /// The API that takes them.
    pub resource: Resource,
    /// The tenants. Without any: that of the account alone.
    pub tenants: Vec<TenantId>,
    /// The scopes. Without any: those of the sign-in, or [`Resource::default_scope`].
    pub scopes: Vec<String>,
}

impl ExchangeRule {
    /// Whether tokens in this tenant may be asked for, of an account that is at home in `home`.
    pub fn allows(&self, tenant: &TenantId, home: &TenantId) -> bool {
        let is_same = |other: &TenantId| tenant.as_str().eq_ignore_ascii_case(other.as_str());
        if self.tenants.is_empty() { is_same(home) } else { self.tenants.iter().any(is_same) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The hash of `secret`.
    const HASH: &str = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    #[test]
    fn secret_hash_is_of_its_secret_alone() {
        let hash = SecretHash::parse(HASH).unwrap();
        assert!(hash.is_of("secret"));
        assert!(!hash.is_of("Secret") && !hash.is_of("") && !hash.is_of(HASH));
        assert!(SecretHash::parse(&HASH.to_uppercase().replace("SHA256", "sha256")).is_ok());
    }

    #[rstest]
    #[case::secret("a-secret-of-32-bytes")]
    #[case::no_algorithm(&HASH[7..])]
    #[case::other_algorithm(&HASH.replace("sha256", "md5"))]
    #[case::short(&HASH[..70])]
    #[case::long(&format!("{HASH}0"))]
    #[case::no_digit(&HASH.replace('2', "g"))]
    #[case::sign(&HASH.replace("2b", "+b"))]
    #[case::of_nothing("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    fn secret_hash_refuses(#[case] text: &str) {
        assert_eq!(SecretHash::parse(text), Err(InvalidSecretHash));
    }

    #[test]
    fn resource_is_the_same_with_and_without_a_slash_at_its_end() {
        let resource = |text| Resource::parse(text).unwrap();
        assert_eq!(resource("https://api.example"), resource("HTTPS://API.example:443/"));
        assert_eq!(resource("https://api.example/").to_string(), "https://api.example");
        assert_eq!(resource("https://api.example").default_scope(), "https://api.example/.default");
        assert_eq!(resource("https://api.example/beta"), resource("https://api.example/beta/"));
        assert_ne!(resource("https://api.example/a"), resource("https://api.example/b"));
    }

    #[rstest]
    #[case::empty("")]
    #[case::name("management")]
    #[case::urn("urn:example:api")]
    #[case::plain("http://api.example")]
    #[case::fragment("https://api.example/#a")]
    #[case::query("https://api.example/?a")]
    #[case::user("https://user@api.example")]
    #[case::backslash("https://api.example\\@other.example")]
    #[case::line_break("https://api.exa\nmple")]
    fn resource_refuses(#[case] text: &str) {
        assert_eq!(Resource::parse(text), Err(InvalidResource));
    }

    #[rstest]
    #[case::home(&[], "contoso", true)]
    #[case::home_in_another_case(&[], "Contoso", true)]
    #[case::other(&[], "fabrikam", false)]
    #[case::named(&["fabrikam"], "fabrikam", true)]
    #[case::home_that_is_not_named(&["fabrikam"], "contoso", false)]
    fn allows_the_tenants(#[case] named: &[&str], #[case] asked: &str, #[case] expected: bool) {
        let tenant = |text: &str| TenantId::parse(text).unwrap();
        let rule = ExchangeRule {
            provider: ProviderId::parse("azure").unwrap(),
            resource: Resource::parse("https://api.example").unwrap(),
            tenants: named.iter().map(|text| tenant(text)).collect(),
            scopes: Vec::new(),
        };
        assert_eq!(rule.allows(&tenant(asked), &tenant("contoso")), expected);
    }
}
