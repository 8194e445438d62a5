//! Token responses: access tokens, ID tokens, refresh tokens and `client_info`.

use serde_json::{Map, Value, json};

use super::issuer;
use super::refresh::RefreshToken;
use super::scopes::Scopes;
use crate::base_url::BaseUrl;
use crate::bytes::{base64url, guid_from, random, sha256_base64url};
use crate::faults::{FaultKind, Occasion, Target};
use crate::id_token::UnsignedIdToken;
use crate::keys::Key;
use crate::personas::{Membership, Person, Tenant, WORLD};
use crate::state::EmulatorState;

/// Lifetime of ID tokens in seconds and, without a setting, of access tokens.
const TOKEN_LIFETIME: i64 = 3600;

/// Builds the response to one token request.
pub(crate) struct TokenResponseBuilder<'a> {
    pub(crate) state: &'a EmulatorState,
    pub(crate) base: &'a BaseUrl,
    /// The grant type, by which faults are selected.
    pub(crate) grant: &'static str,
    /// The tenant in the path, by which faults are selected.
    pub(crate) path_tenant: Option<&'static str>,
    /// Whether the request has `client_info=1`.
    pub(crate) client_info: bool,
}

impl TokenResponseBuilder<'_> {
    /// Tokens for a person in one tenant, descended from the sign-in of `token`.
    pub(crate) fn for_person(
        &self,
        token: &RefreshToken,
        membership: &'static Membership,
        scopes: &Scopes,
        nonce: Option<&str>,
    ) -> Value {
        let (now, person) = (self.state.now(), token.person);
        let keys = self.state.keys();
        let mut response = {
            let lifetime = access_token_lifetime(self.state);
            let mut claims = access_claims(self.base, membership.tenant, scopes, now, lifetime);
            claims["idtyp"] = "user".into();
            claims["oid"] = membership.oid.into();
            claims["sub"] = pairwise(scopes.audience(), membership.oid).into();
            claims["name"] = person.name.into();
            claims["upn"] = person.user_name.into();
            claims["scp"] = scopes.scp().into();
            // Read by the emulated Resource Manager alone.
            claims["sign_in"] = json!(token.sign_in);
            token_response(keys.signing(), &claims, scopes, lifetime)
        };
        if scopes.offline_access {
            response["refresh_token"] = token.seal(&self.state.seal(), now).into();
        }
        if scopes.openid {
            let mut claims = id_claims(self.base, person, membership, scopes, nonce, now);
            if let Some(session) = &token.sign_in.session {
                claims.insert("sid".to_owned(), session.as_str().into());
            }
            response["id_token"] = self.id_token(keys.signing(), claims, now).into();
        }
        if self.client_info {
            let home = person.home();
            let info = json!({ "uid": home.oid, "utid": home.tenant.id });
            response["client_info"] = base64url(info.to_string()).into();
        }
        response
    }

    fn id_token(&self, key: &Key, claims: Map<String, Value>, now: i64) -> String {
        let occasion = Occasion::at(Target::Token).grant(self.grant).tenant(self.path_tenant);
        let faults = self.state.content_faults(occasion, FaultKind::is_about_id_token);
        UnsignedIdToken::new(key, claims).with_faults(faults, now).sign(key)
    }
}

/// A token for the application in one tenant.
pub(crate) fn for_application(
    state: &EmulatorState,
    base: &BaseUrl,
    tenant: &Tenant,
    scopes: &Scopes,
) -> Value {
    let lifetime = access_token_lifetime(state);
    let mut claims = access_claims(base, tenant, scopes, state.now(), lifetime);
    // The object id of the service principal, which differs in each tenant.
    let oid = guid_from(&format!("{}{}", WORLD.application.client_id, tenant.id));
    claims["idtyp"] = "app".into();
    claims["oid"] = oid.as_str().into();
    claims["sub"] = oid.into();
    let mut response = token_response(state.keys().signing(), &claims, scopes, lifetime);
    if let Some(response) = response.as_object_mut() {
        response.remove("scope");
    }
    response
}

/// Seconds.
fn access_token_lifetime(state: &EmulatorState) -> i64 {
    state.token_settings().access_token_lifetime.map_or(TOKEN_LIFETIME, i64::from)
}

fn token_response(key: &Key, access_claims: &Value, scopes: &Scopes, lifetime: i64) -> Value {
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": key.kid, "kid": key.kid });
    json!({
        "token_type": "Bearer",
        "scope": scopes.granted(),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": key.sign(&header, &access_claims),
    })
}

fn access_claims(
    base: &BaseUrl,
    tenant: &Tenant,
    scopes: &Scopes,
    now: i64,
    lifetime: i64,
) -> Value {
    json!({
        "aud": scopes.audience(),
        "iss": format!("{base}/{}/", tenant.id),
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "appid": WORLD.application.client_id,
        "appidacr": "1",
        "tid": tenant.id,
        "uti": base64url(random::<16>()),
        "ver": "1.0",
    })
}

fn id_claims(
    base: &BaseUrl,
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
    set("exp", (now + TOKEN_LIFETIME).into());
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

/// A pairwise subject: differs for each audience.
fn pairwise(audience: &str, oid: &str) -> String {
    sha256_base64url(&format!("{audience}|{oid}"))
}
