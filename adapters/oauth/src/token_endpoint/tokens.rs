//! The tokens of a reply, and the members of it that a listing may read.

use std::collections::BTreeMap;

use portico_domain::{echo::TokenEcho, secret, session::TokenSet, time::Timestamp};
use serde_json::Value;

/// The longest member value of a token reply that a listing may read, in bytes.
const MAX_MEMBER_VALUE_LEN: usize = 1 << 10;

/// A token reply, with the ID token if there is one. The ID token is not verified.
pub(crate) struct Tokens {
    pub(crate) set: TokenSet,
    pub(crate) id_token: Option<String>,
    /// The `Date` header of the response.
    pub(crate) provider_time: Option<Timestamp>,
    /// The other members of the reply.
    pub(super) others: BTreeMap<String, Value>,
}

impl Tokens {
    /// The members of the reply with these `names`, for the listing. A member that contains a token or
    /// the client secret, or a long part of one, in any usual encoding, is left out.
    pub(crate) fn listing_members(
        &self,
        names: &[String],
        client_secret: Option<&secret::ClientSecret>,
    ) -> Vec<(String, String)> {
        if names.is_empty() {
            return Vec::new();
        }
        let refresh = self.set.refresh.as_ref().map(secret::RefreshToken::expose);
        let client_secret = client_secret.map(secret::ClientSecret::expose);
        let secrets =
            [Some(self.set.access.expose()), refresh, self.id_token.as_deref(), client_secret];
        let mut echo = TokenEcho::default();
        for secret in secrets.into_iter().flatten() {
            echo.watch(&secret::AccessToken::new(secret));
        }
        let member = |name: &String| {
            let text = match self.others.get(name)? {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            (text.len() <= MAX_MEMBER_VALUE_LEN && !echo.is_in_text(&text))
                .then(|| (name.clone(), text))
        };
        names.iter().filter_map(member).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCESS: &str = "eyJh-access-token-4f1c9d7b2a60";
    const CLIENT_SECRET: &str = "client-secret-83b1f0c7d5e94a26";

    #[test]
    fn listing_members_omit_tokens_and_client_secret_in_any_encoding() {
        let backwards: String = ACCESS.chars().rev().collect();
        let encoded = "ZXlKaC1hY2Nlc3MtdG9rZW4tNGYxYzlkN2IyYTYw";
        let others = [
            ("instance_url", "https://eu7.cloud.example"),
            ("same", ACCESS),
            ("encoded", encoded),
            ("backwards", &backwards),
            ("secret", CLIENT_SECRET),
            ("refresh", "the-refresh-token-0a9b8c7d"),
        ];
        let names: Vec<String> = others.iter().map(|(name, _)| (*name).to_owned()).collect();
        let tokens = Tokens {
            set: TokenSet {
                access: secret::AccessToken::new(ACCESS),
                expires_at: Timestamp::default(),
                refresh: Some(secret::RefreshToken::new("the-refresh-token-0a9b8c7d")),
                scopes: vec![],
                id_token: None,
                token_reply: vec![],
            },
            id_token: None,
            provider_time: None,
            others: others.map(|(name, text)| (name.to_owned(), text.into())).into(),
        };
        let secret = secret::ClientSecret::new(CLIENT_SECRET);
        let members = tokens.listing_members(&names, Some(&secret));
        assert_eq!(members, [("instance_url".into(), "https://eu7.cloud.example".into())]);
    }
}
