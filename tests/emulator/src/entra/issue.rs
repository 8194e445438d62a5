//! Writes token answers: access tokens, ID tokens and what comes with them.

use serde_json::{Map, Value, json};

use super::issuer;
use super::refresh::RefreshToken;
use super::scopes::Scopes;
use crate::base::Base;
use crate::bytes::{base64url, guid_from, random, sha256_base64url};
use crate::faults::{FaultKind, Target};
use crate::id_token::Draft;
use crate::keys::Key;
use crate::personas::{Membership, Person, Tenant, WORLD};
use crate::state::Running;

/// Seconds that an access or ID token lives.
const LIFE: i64 = 3600;

/// One answer to be written.
pub(crate) struct Issue<'a> {
    pub(crate) state: &'a Running,
    pub(crate) base: &'a Base,
    /// The grant type, which faults can pick.
    pub(crate) grant: &'static str,
    /// Whether the client asked for `client_info`.
    pub(crate) client_info: bool,
}

impl Issue<'_> {
    /// Tokens for a person in one tenant.
    pub(crate) fn to_person(
        &self,
        person: &'static Person,
        membership: &'static Membership,
        scopes: &Scopes,
        nonce: Option<&str>,
        refresh: Option<RefreshToken>,
    ) -> Value {
        let now = self.state.now();
        let keys = self.state.keys();
        let mut claims = access_claims(self.base, membership.tenant, scopes, now);
        claims["idtyp"] = "user".into();
        claims["oid"] = membership.oid.into();
        claims["sub"] = pairwise(scopes.audience(), membership.oid).into();
        claims["name"] = person.name.into();
        claims["upn"] = person.user_name.into();
        claims["scp"] = scopes.scp().into();
        let mut answer = answer(keys.signing(), &claims, scopes);
        if let Some(refresh) = refresh {
            answer["refresh_token"] = refresh.seal(&self.state.seal(), now).into();
        }
        if scopes.openid {
            let claims = id_claims(self.base, person, membership, scopes, nonce, now);
            answer["id_token"] = self.id_token(keys.signing(), claims, now).into();
        }
        if self.client_info {
            let home = person.home();
            let info = json!({ "uid": home.oid, "utid": home.tenant.id });
            answer["client_info"] = base64url(info.to_string()).into();
        }
        answer
    }

    fn id_token(&self, key: &Key, claims: Map<String, Value>, now: i64) -> String {
        let lies = self.state.lies(Target::Token, Some(self.grant), FaultKind::is_about_id_token);
        Draft::new(key, claims).with_lies(lies, now).sign(key)
    }
}

/// A token for the application itself in one tenant.
pub(crate) fn to_application(
    state: &Running,
    base: &Base,
    tenant: &Tenant,
    scopes: &Scopes,
) -> Value {
    let mut claims = access_claims(base, tenant, scopes, state.now());
    // The service principal: the application's own object in the tenant.
    let oid = guid_from(&format!("{}{}", WORLD.application.client_id, tenant.id));
    claims["idtyp"] = "app".into();
    claims["oid"] = oid.as_str().into();
    claims["sub"] = oid.into();
    let mut answer = answer(state.keys().signing(), &claims, scopes);
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("scope");
    }
    answer
}

fn answer(key: &Key, access_claims: &Value, scopes: &Scopes) -> Value {
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": key.kid, "kid": key.kid });
    json!({
        "token_type": "Bearer",
        "scope": scopes.granted(),
        "expires_in": LIFE,
        "ext_expires_in": LIFE,
        "access_token": key.sign(&header, &access_claims),
    })
}

fn access_claims(base: &Base, tenant: &Tenant, scopes: &Scopes, now: i64) -> Value {
    json!({
        "aud": scopes.audience(),
        "iss": format!("{base}/{}/", tenant.id),
        "iat": now,
        "nbf": now,
        "exp": now + LIFE,
        "appid": WORLD.application.client_id,
        "appidacr": "1",
        "tid": tenant.id,
        "uti": base64url(random::<16>()),
        "ver": "1.0",
    })
}

fn id_claims(
    base: &Base,
    person: &Person,
    membership: &Membership,
    scopes: &Scopes,
    nonce: Option<&str>,
    now: i64,
) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("aud", WORLD.application.client_id.into());
    set("iss", issuer(base, membership.tenant.id).into());
    set("iat", now.into());
    set("nbf", now.into());
    set("exp", (now + LIFE).into());
    set("sub", pairwise(WORLD.application.client_id, membership.oid).into());
    set("tid", membership.tenant.id.into());
    set("uti", base64url(random::<16>()).into());
    set("ver", "2.0".into());
    if let Some(nonce) = nonce {
        set("nonce", nonce.into());
    }
    if scopes.profile {
        set("oid", membership.oid.into());
        set("name", person.name.into());
        set("preferred_username", person.user_name.into());
    }
    if let Some(email) = person.email.filter(|_| scopes.email) {
        set("email", email.into());
    }
    claims
}

/// A subject that only one audience knows a person by.
fn pairwise(audience: &str, oid: &str) -> String {
    sha256_base64url(&format!("{audience}|{oid}"))
}
