//! The claims that an app is told in its session JWT.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{ClaimName, InvalidClaimName};

/// The claims that session JWTs have, or that mean something in them (RFC 7519 section 4.1, RFC 8693
/// section 4, RFC 9068 section 2.2): no provider decides about them.
const RESERVED: [&str; 22] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "scope",
    "cnf",
    "act",
    "may_act",
    "provider",
    "tenant",
    "name",
    "preferred_username",
    LEFT_OUT,
    "typ",
];

/// The claim that names those which do not fit, or which the provider left out.
const LEFT_OUT: &str = "claims_left_out";

/// The longest claims of a session JWT, as JSON in bytes. Encoded and signed they are 2 KB, and proxies
/// take 4 KB of headers by default (nginx, `proxy_buffer_size`).
const MAX_CLAIMS_LEN: usize = 1_300;

/// The text names no claim that an app can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidToldClaim {
    /// It is no name of a claim.
    #[error(transparent)]
    Name(#[from] InvalidClaimName),
    /// Session JWTs have a claim of this name themselves.
    #[error("session JWTs have a claim of this name themselves")]
    Reserved,
}

/// A claim of the person's ID token that an app is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldClaim(ClaimName);

impl ToldClaim {
    /// Parses the name of a claim.
    pub fn parse(text: &str) -> Result<Self, InvalidToldClaim> {
        let name = ClaimName::parse(text)?;
        match RESERVED.contains(&name.as_str()) {
            true => Err(InvalidToldClaim::Reserved),
            false => Ok(Self(name)),
        }
    }
}

/// Adds the claims `told` of `user` to those of a session JWT, as long as they fit. An app that decides by
/// one of those left out must not take it for empty, so they are named.
pub(crate) fn tell(jwt: &mut Map<String, Value>, told: &[ToldClaim], user: &Map<String, Value>) {
    let mut left_out: Vec<Value> = Vec::new();
    for ToldClaim(name) in told {
        let value = user.get(name.as_str());
        let is_left_out = name.is_omitted(user);
        if let Some(value) = value.filter(|_| !is_left_out) {
            jwt.insert(name.as_str().to_owned(), value.clone());
            if Value::from(jwt.clone()).to_string().len() <= MAX_CLAIMS_LEN {
                continue;
            }
            jwt.remove(name.as_str());
        }
        if value.is_some() || is_left_out {
            left_out.push(name.as_str().into());
        }
    }
    if !left_out.is_empty() {
        jwt.insert(LEFT_OUT.to_owned(), left_out.into());
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn told(user: &Value, names: &[&str]) -> Value {
        let names: Vec<_> = names.iter().map(|name| ToldClaim::parse(name).unwrap()).collect();
        let mut jwt = json!({ "sub": "zofia" }).as_object().unwrap().clone();
        tell(&mut jwt, &names, user.as_object().unwrap());
        jwt.into()
    }

    #[rstest]
    #[case::text(&json!({"department": "R&D"}), &["department"], json!({"sub": "zofia", "department": "R&D"}))]
    #[case::list(&json!({"roles": ["a", "b"], "x": 1}), &["roles"], json!({"sub": "zofia", "roles": ["a", "b"]}))]
    #[case::missing(&json!({}), &["roles"], json!({"sub": "zofia"}))]
    #[case::left_out_by_the_provider(
        &json!({"_claim_names": {"groups": "src1"}}), &["groups"],
        json!({"sub": "zofia", "claims_left_out": ["groups"]})
    )]
    #[case::left_out_beside_a_value(
        &json!({"hasgroups": true, "groups": ["a"]}), &["groups"],
        json!({"sub": "zofia", "claims_left_out": ["groups"]})
    )]
    fn tell_adds_what_is_there_and_names_what_was_left_out(
        #[case] user: &Value,
        #[case] names: &[&str],
        #[case] expected: Value,
    ) {
        assert_eq!(told(user, names), expected);
    }

    #[test]
    fn tell_leaves_out_what_does_not_fit_and_tells_the_rest() {
        let groups: Vec<_> = (0..100).map(|n| format!("00000000-0000-0000-0000-{n:012}")).collect();
        let user = json!({ "groups": groups, "roles": ["Reader"] });
        let told = told(&user, &["groups", "roles"]);
        assert_eq!(told["claims_left_out"], json!(["groups"]));
        assert_eq!((told.get("groups"), &told["roles"]), (None, &json!(["Reader"])));
    }

    #[rstest]
    #[case::subject("sub")]
    #[case::actor("act")]
    #[case::left_out("claims_left_out")]
    #[case::no_name("a b")]
    fn told_claim_refuses(#[case] text: &str) {
        assert!(ToldClaim::parse(text).is_err());
    }
}
