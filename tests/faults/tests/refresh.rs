//! A token endpoint that takes nine seconds, over the real store and the real client: a hundred callers
//! of an expired token cause one refresh.

use std::sync::Arc;

use portico_background::Background;
use portico_domain::{
    account::Account,
    identity::{Claims, PersonKey},
    login::{LoginSecrets, Redemption},
    ports::{AuthorizationRequest, Clock, EndRefresh, RefreshLog, RefreshedAccount},
    provider::{
        AllowedTenants, ConfiguredSignIn, Descriptor, EndpointTemplates, Providers, Registration,
        Settings, SignInTemplate,
    },
    secret::{AuthorizationCode, ClientSecret},
    session::{Session, SessionKey, TokenSet},
    testing::{SessionsExt as _, TokensExt as _, doubles, samples},
    use_cases::{DEFAULT_MIN_VALIDITY, FreshToken, RefreshPorts, TokenError},
};
use portico_e2e::{Browser, Emulator, Fault, FaultKind, Options, Target, personas};
use portico_hostile::tried;
use portico_memory::MemoryLeases;
use portico_oauth::{HttpClient, OpenIdProvider};
use portico_seal::{KeyRing, Seal, SealedSessions};
use portico_sled::SledRecords;
use portico_system::{SystemClock, SystemEntropy};
use tempfile::TempDir;
use tokio::task::JoinSet;
use url::Url;

const KEY: SessionKey = SessionKey::from_bytes([1; 32]);

struct Silent;

impl RefreshLog for Silent {
    fn begin(&self, _: &RefreshedAccount) -> EndRefresh {
        Box::new(|_| {})
    }
}

/// Zofia's session in a sled store, with an expired token of the emulator's.
struct World {
    emulator: Emulator,
    fresh: FreshToken,
    store: Arc<SealedSessions>,
    account: Account,
    _folder: TempDir,
}

/// Azure at the emulator.
fn registration(emulator: &Emulator) -> Registration {
    let base = emulator.http_url().as_str().trim_end_matches('/').to_owned();
    let sign_in = SignInTemplate {
        endpoints: EndpointTemplates::OpenId(format!("{base}/{{tenant}}/v2.0")),
        default_tenant: Some(personas::CONTOSO.id.into()),
        scopes: ["openid", "profile", "offline_access", &format!("{base}/.default")]
            .map(str::to_owned)
            .into(),
        ..samples::sign_in_template()
    };
    let descriptor = Descriptor { sign_in: sign_in.clone(), ..samples::descriptor() };
    let mut doubles = doubles::Provider::described_as(descriptor);
    doubles.sign_in = ConfiguredSignIn::new(sign_in, Some("/tid"), Settings::default()).unwrap();
    let http = HttpClient::guarded(["127.0.0.1".to_owned()]).unwrap();
    let secret = ClientSecret::new(personas::APPLICATION.client_secret);
    let client_id = personas::APPLICATION.client_id;
    let identity = OpenIdProvider::new(http, Arc::new(SystemClock), client_id, Some(secret));
    Registration {
        identity: Arc::new(identity),
        tenants: AllowedTenants::Everybody,
        ..doubles.into_registration()
    }
}

/// Signs in at the emulator. Returns the tokens and claims.
async fn sign_in(provider: &Registration) -> (TokenSet, Claims) {
    let sign_in = provider.sign_in.at(None).unwrap();
    let secrets = LoginSecrets::draw(&SystemEntropy);
    let redirect_uri = Url::parse("http://localhost:5000/getAToken").unwrap();
    let request = AuthorizationRequest {
        secrets: &secrets,
        redirect_uri: &redirect_uri,
        login_hint: Some(personas::ZOFIA.user_name),
        claims: None,
        prompt: None,
    };
    let authorization = provider.identity.authorization(&sign_in, request).await.unwrap();
    let callback = Browser::default().get(authorization.url).await.location();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let redemption = Redemption {
        code: AuthorizationCode::new(code),
        verifier: secrets.verifier,
        nonce: secrets.nonce,
        redirect_uri,
    };
    let signed_in = provider.identity.redeem(&sign_in, redemption).await.unwrap();
    (signed_in.tokens, signed_in.claims.unwrap().into_claims())
}

impl World {
    async fn new() -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let records = SledRecords::open(folder.path(), portico_sled::Options::default()).unwrap();
        let keys = KeyRing::draw(&SystemEntropy).unwrap();
        let seal = Arc::new(Seal::new(Arc::new(keys), Arc::new(SystemEntropy)));
        let store = Arc::new(SealedSessions::new(Arc::new(records), seal, samples::POLICY));
        let provider = registration(&emulator);
        let (tokens, user) = sign_in(&provider).await;
        let now = SystemClock.now();
        let tokens = TokenSet { expires_at: now, ..tokens };
        let person = personas::ZOFIA.home();
        let mut account = samples::account(person.tenant.id, person.oid, now);
        account.token = Some(tokens.described(now));
        let identity = &account.identity;
        let key = PersonKey::of(&account.provider, "issuer", &identity.tenant, &identity.subject);
        let session = Session::begin(key, user, account.clone(), now);
        store.create(KEY, &session, vec![(account.id.clone(), tokens)]).await.unwrap();
        let fresh = FreshToken::new(RefreshPorts {
            providers: Providers::new([provider]),
            sessions: store.clone(),
            tokens: store.clone(),
            leases: Arc::new(MemoryLeases::default()),
            tasks: Arc::new(Background::start("refreshes", 1, || {}).unwrap()),
            log: Arc::new(Silent),
            clock: Arc::new(SystemClock),
        });
        emulator.clear_requests();
        Self { emulator, fresh, store, account, _folder: folder }
    }

    fn fault(&self, kind: FaultKind) {
        self.emulator.fault(Fault::always(Target::Token, kind).for_grant("refresh_token"));
    }

    /// A hundred callers at once; the access token of each, or its error.
    async fn callers(&self) -> Vec<Result<String, TokenError>> {
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            let (fresh, account) = (self.fresh.clone(), self.account.id.clone());
            callers.spawn(async move {
                let token = fresh.run(&KEY, &account, DEFAULT_MIN_VALIDITY).await?;
                Ok(token.access.expose().to_owned())
            });
        }
        callers.join_all().await
    }

    async fn stored(&self) -> TokenSet {
        self.store.tokens_of(&KEY, &self.account.id).await.unwrap().unwrap()
    }

    fn refreshes(&self) -> usize {
        let requests = self.emulator.requests();
        requests.iter().filter(|it| it.body.contains("grant_type=refresh_token")).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundred_callers_of_a_provider_that_takes_nine_seconds_cause_one_refresh() {
    let world = World::new().await;
    let former = world.stored().await;
    world.fault(FaultKind::Slow { millis: 9_000 });
    let tokens = world.callers().await;
    let stored = world.stored().await;
    for token in tokens {
        assert_eq!(token.unwrap(), stored.access.expose());
    }
    assert_ne!(stored.refresh, former.refresh);
    assert_eq!(world.refreshes(), 1);
    tried(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hundred_callers_of_a_provider_that_is_away_fail_and_recover() {
    let world = World::new().await;
    world.fault(FaultKind::Status { code: 503, retry_after: None });
    let failed = world.callers().await;
    assert!(failed.iter().all(|it| matches!(it, Err(TokenError::Failed(_)))), "{failed:?}");
    assert!(world.stored().await.refresh.is_some());
    world.emulator.clear_faults();
    let recovered = world.callers().await;
    assert!(recovered.iter().all(Result::is_ok), "{recovered:?}");
    tried(1);
}
