//! The session JWT: tells a protected app who asks (RFC 9068).

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::KeepSigningKeys;
use crate::{
    apps::{ProtectedApp, tell},
    ports::{Clock, Entropy, SigningError},
    session::{Session, SessionKey},
};

/// How long a session JWT is valid. An app that checks it alone learns of a sign-out this late at most.
pub const SESSION_JWT_LIFETIME: Duration = Duration::from_mins(5);

/// The longest text of a claim, in bytes: proxies take 4 KiB of headers by default (nginx,
/// `proxy_buffer_size`).
const MAX_TEXT: usize = 200;

/// Issues session JWTs.
pub struct SessionJwt {
    /// The keys that sign them.
    pub keys: KeepSigningKeys,
    /// The issuer: Portico's base URL, without a slash at its end (RFC 8414 section 2).
    pub issuer: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of tokens.
    pub entropy: Arc<dyn Entropy>,
}

impl SessionJwt {
    /// A JWT about this session, for this app and nobody else: `aud` is the app's first origin.
    pub fn run(
        &self,
        key: &SessionKey,
        session: &Session,
        app: &ProtectedApp,
    ) -> Result<String, SigningError> {
        let signer = self.keys.signer(app.algorithm)?;
        signer.sign(&self.claims(key, session, app))
    }

    /// The claims: those that RFC 9068 section 2.2 requires, and who the person is.
    fn claims(
        &self,
        key: &SessionKey,
        session: &Session,
        app: &ProtectedApp,
    ) -> Map<String, Value> {
        let now = self.clock.now();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", self.issuer.as_str().into());
        put("sub", session.person.id().into());
        put("aud", app.audience().into());
        put("client_id", app.id.as_str().into());
        put("iat", now.unix_seconds().into());
        put("exp", now.plus(SESSION_JWT_LIFETIME).unix_seconds().into());
        put("jti", self.draw_id().into());
        put("auth_time", session.created_at.unix_seconds().into());
        put("sid", BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes()).into());
        let own = session.leading_account();
        if let Some(identity) = own.map(|account| &account.identity) {
            put("provider", session.provider.as_str().into());
            put("tenant", identity.tenant.as_str().into());
            put("name", shortened(&identity.display_name).into());
            if let Some(username) = &identity.username {
                put("preferred_username", shortened(username).into());
            }
        }
        // The claims are stored as text: it is parsed only for an app that is told some.
        if !app.claims.is_empty() {
            tell(&mut claims, &app.claims, &session.user.members());
        }
        claims
    }

    fn draw_id(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// At most [`MAX_TEXT`] bytes of whole characters.
fn shortened(text: &str) -> &str {
    let end = text.floor_char_boundary(MAX_TEXT.min(text.len()));
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        apps::{AppId, WebOrigin},
        signing::SigningAlgorithm,
        testing::{CountingEntropy, FakeClock, FakeSigner, FakeSigningKeys, samples},
        use_cases::SigningPorts,
    };

    const NOW: u64 = 1_000_000;

    async fn use_case() -> SessionJwt {
        let (clock, entropy) = (Arc::new(FakeClock::at(NOW)), Arc::new(CountingEntropy::default()));
        let keys = KeepSigningKeys::new(SigningPorts {
            store: Arc::new(FakeSigningKeys::default()),
            signer: Arc::new(FakeSigner::default()),
            clock: clock.clone(),
            entropy: entropy.clone(),
        });
        keys.look(&[SigningAlgorithm::Es256]).await.unwrap();
        SessionJwt { keys, issuer: "https://auth.example".into(), clock, entropy }
    }

    fn app() -> ProtectedApp {
        let origin = |text| WebOrigin::parse(text).unwrap();
        let origins = vec![origin("https://app.example"), origin("https://old.example")];
        ProtectedApp::new(AppId::parse("app").unwrap(), origins)
    }

    fn claims(token: &str) -> Value {
        serde_json::from_str::<Value>(token).unwrap()["claims"].clone()
    }

    #[tokio::test]
    async fn claims_are_those_of_rfc_9068_with_the_person() {
        let use_case = use_case().await;
        let key = SessionKey::from_bytes([7; 32]);
        let session = samples::session("contoso", "zofia", use_case.clock.now());
        let claims = claims(&use_case.run(&key, &session, &app()).unwrap());
        assert_eq!(claims["iss"], "https://auth.example");
        assert_eq!(claims["sub"], session.person.id());
        assert_eq!(
            (&claims["aud"], &claims["client_id"]),
            (&"https://app.example".into(), &"app".into())
        );
        assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(NOW), Some(NOW + 300)));
        assert_eq!(claims["auth_time"], NOW);
        assert_eq!(claims["sid"], BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
        assert_eq!((&claims["provider"], &claims["tenant"]), (&"azure".into(), &"contoso".into()));
        assert!(claims["name"].is_string());
    }

    #[tokio::test]
    async fn every_token_has_an_id_of_its_own() {
        let use_case = use_case().await;
        let key = SessionKey::from_bytes([7; 32]);
        let session = samples::session("contoso", "zofia", use_case.clock.now());
        let ids =
            [(); 2].map(|()| claims(&use_case.run(&key, &session, &app()).unwrap())["jti"].clone());
        assert_ne!(ids[0], ids[1]);
    }

    #[tokio::test]
    async fn long_names_are_shortened_at_a_character() {
        assert_eq!(shortened("Zofia"), "Zofia");
        assert_eq!(shortened(&"ż".repeat(300)), "ż".repeat(100));
        assert_eq!(shortened(&format!("a{}", "ż".repeat(300))).len(), 199);
    }
}
