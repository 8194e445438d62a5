//! Who signed in, read from the places that the descriptor declares.

use portico_domain::{
    identity::{Claims, Identity, Subject, TenantId},
    provider::{People, Problem, issuer_host},
    text::clean,
};
use url::Url;

use crate::{Json, LONGEST_NAME};

/// Where a person stands in the claims of an ID token, or in the user record where there is none
/// (JSON Pointers, RFC 6901). Said once, for the descriptor and for reading: the host holds one
/// against the other.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Stable within the tenant; never an e-mail address.
    pub subject: &'a str,
    /// `None`, or nothing there: the issuer's host is the tenant.
    pub tenant: Option<&'a str>,
    /// What a person is shown by.
    pub name: &'a str,
    /// What they type to sign in.
    pub username: &'a str,
}

impl Person<'_> {
    /// For the descriptor.
    pub fn people(&self) -> People {
        People::At { subject: self.subject.into(), tenant: self.tenant.map(Into::into) }
    }

    /// Whom `claims` of this issuer name.
    pub fn identify(&self, claims: &Claims, issuer: &Url) -> Result<Identity, Problem> {
        let claims = Json::parse(claims.json()).map_err(|_| unclear("", "are not readable"))?;
        let word = |at: &str| claims.at(at).and_then(Json::word);
        let name = |at: &str| {
            let cleaned = clean(&claims.at(at)?.text()?, LONGEST_NAME);
            Some(cleaned).filter(|name| !name.is_empty())
        };
        let subject = word(self.subject).and_then(|subject| Subject::parse(subject).ok());
        let subject = subject.ok_or_else(|| unclear(self.subject, "do not say who signed in"))?;
        let tenant = self.tenant.and_then(word).or_else(|| issuer_host(issuer.as_str()));
        let tenant = tenant.and_then(|tenant| TenantId::parse(tenant).ok()).ok_or_else(|| {
            unclear(self.tenant.unwrap_or_default(), "do not say in which tenant")
        })?;
        let username = name(self.username);
        let display_name = name(self.name).or_else(|| username.clone());
        let display_name = display_name.unwrap_or_else(|| subject.as_str().into());
        Ok(Identity { subject, tenant, display_name, username })
    }
}

fn unclear(at: &str, what: &str) -> Problem {
    Problem::Unexpected(format!("the claims {what} (at {at:?})"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PERSON: Person =
        Person { subject: "/account/id", tenant: Some("/team"), name: "/name", username: "/login" };
    const ISSUER: &str = "https://login.example/x";

    fn identified(claims: &Value) -> Result<Identity, Problem> {
        let claims = Claims::parse(claims.to_string()).unwrap();
        let issuer = Url::parse(ISSUER).unwrap();
        let identity = PERSON.identify(&claims, &issuer)?;
        assert!(PERSON.people().vouch(&claims, ISSUER, &identity), "the host would not believe it");
        Ok(identity)
    }

    #[test]
    fn a_person_is_who_stands_at_the_declared_places_and_the_host_believes_it() {
        for (claims, subject, tenant) in [
            (json!({"account": {"id": "z-1"}, "team": "contoso"}), "z-1", "contoso"),
            (json!({"account": {"id": 583231}, "team": 7}), "583231", "7"),
            (json!({"account": {"id": "z-1"}}), "z-1", "login.example"),
            (json!({"account": {"id": "z-1"}, "team": null}), "z-1", "login.example"),
        ] {
            let identity = identified(&claims).unwrap();
            assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), (subject, tenant));
        }
    }

    #[test]
    fn a_person_without_a_name_is_shown_by_what_they_sign_in_with_or_their_id() {
        let shown = |name: Value, login: Value| {
            let claims = json!({"account": {"id": "z-1"}, "name": name, "login": login});
            let identity = identified(&claims).unwrap();
            (identity.display_name, identity.username.unwrap_or_default())
        };
        let both = |name: &str, username: &str| (name.to_owned(), username.to_owned());
        assert_eq!(shown(json!("Zofia"), json!("zofia")), both("Zofia", "zofia"));
        assert_eq!(shown(json!("\u{202e}\r\n"), json!("zofia")), both("zofia", "zofia"));
        assert_eq!(shown(json!(7), json!([])), both("z-1", ""));
        assert_eq!(shown(json!("x".repeat(1 << 20)), json!("")), both(&"x".repeat(256), ""));
    }

    #[test]
    fn who_is_not_named_is_nobody() {
        for id in
            [json!(null), json!(""), json!("a b"), json!(1.5), json!(true), json!({}), json!("ż")]
        {
            assert!(identified(&json!({"account": {"id": id}})).is_err(), "{id}");
        }
        assert!(identified(&json!({"account": "z-1"})).is_err());
        assert!(identified(&json!({})).is_err());
        for team in [json!(""), json!("a b"), json!("x".repeat(129))] {
            let claims = json!({"account": {"id": "z-1"}, "team": team});
            assert!(identified(&claims).is_err(), "{team}");
        }
    }
}
