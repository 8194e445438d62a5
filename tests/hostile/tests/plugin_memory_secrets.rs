//! The memory of a plug-in contains no secret and no token: after a login with a plug-in in the sandbox and
//! a cloud that echoes tokens, the memory of every instance is searched.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use portico_domain::{
    identity::ProviderId,
    login::{AttemptKey, AuthorizationResponse, Callback},
    ports::{Clock, LoginAttempts, Sessions},
    provider::{AllowedTenants, ConfiguredSignIn, Providers, Registration, Revision, Settings},
    secret::{AuthorizationCode, SessionId, State},
    session::{PersonShare, Session, SessionKey},
    testing::{
        FakeDecisions, FakeLoginAttempts, FakeSessions, FakeTasks, TokensExt as _, Unlogged,
        background_listings, samples,
    },
    use_cases::{BeginLogin, CallbackRequest, CompleteLogin, LandLogin, LoginEnd, LoginRequest},
};
use portico_e2e::{Emulator, Fault, FaultKind, Options, Target, personas, plugins};
use portico_oauth::{CloudFetcher, HttpClient, OpenIdProvider};
use portico_system::{SystemClock, SystemEntropy};
use portico_wasm::{Limits, Plugin, Sandbox, testing::observe_memories};
use url::Url;

/// The use cases with the Azure component in the sandbox, without the HTTP server.
struct World {
    emulator: Emulator,
    begin: BeginLogin,
    complete: CompleteLogin,
    sessions: Arc<FakeSessions>,
}

/// The plug-in for Azure, configured for the emulated cloud.
async fn azure_plugin(clouds: &Url, clock: Arc<SystemClock>) -> Registration {
    let sandbox = Sandbox::new().unwrap();
    let component = std::fs::read(plugins::built("azure")).unwrap();
    let compiled = sandbox.compile(&component).unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    let settings = Settings::from_iter([
        ("tenant-id", personas::CONTOSO.id),
        ("authority-host", clouds.as_str()),
        ("resource-manager-url", clouds.as_str()),
    ]);
    let http = HttpClient::guarded(clouds.host_str().map(String::from)).unwrap();
    let application = &personas::APPLICATION;
    let secret = Some(portico_domain::secret::ClientSecret::new(application.client_secret));
    let identity = OpenIdProvider::new(http.clone(), clock, application.client_id, secret);
    let descriptor = plugin.descriptor();
    let complete = settings.clone().complete(&descriptor.settings).unwrap();
    let tenant = descriptor.tenant_pointer();
    let sign_in = ConfiguredSignIn::new(descriptor.sign_in.clone(), tenant, complete).unwrap();
    Registration {
        cloud: Arc::new(plugin.configure(settings).await.unwrap()),
        sign_in,
        secrets: BTreeMap::new(),
        revision: Revision::new("component"),
        identity: Arc::new(identity),
        api: Arc::new(CloudFetcher::new(http)),
        redirect_uri: Url::parse("http://localhost:5000/getAToken").unwrap(),
        tenants: AllowedTenants::Everybody,
    }
}

async fn world() -> World {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let providers = Providers::new([azure_plugin(emulator.http_url(), clock.clone()).await]);
    let attempts: Arc<dyn LoginAttempts> = Arc::new(FakeLoginAttempts::default());
    let sessions = Arc::new(FakeSessions::new(samples::POLICY));
    let (tasks, shared_clock) = (Arc::new(FakeTasks::default()), clock.clone() as Arc<dyn Clock>);
    let listings = background_listings(&providers, &sessions, &tasks, &shared_clock, Unlogged);
    World {
        begin: BeginLogin {
            providers: providers.clone(),
            attempts: attempts.clone(),
            sessions: sessions.clone(),
            destinations: samples::destinations(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        },
        complete: CompleteLogin {
            land: LandLogin {
                providers: providers.clone(),
                sessions: sessions.clone(),
                share: PersonShare { sessions: 20, bytes: usize::MAX },
                clock: clock.clone(),
                entropy: entropy.clone(),
            },
            providers,
            attempts,
            decisions: Arc::new(FakeDecisions::default()),
            listings,
            policy: samples::POLICY,
            clock,
            entropy,
        },
        sessions,
        emulator,
    }
}

impl World {
    /// Signs Zofia in and returns her session.
    async fn log_in(&self) -> (SessionId, Session) {
        let provider = ProviderId::parse("azure").unwrap();
        let begun = self.begin.run(LoginRequest {
            provider: provider.clone(),
            tenant: None,
            login_hint: Some(personas::ZOFIA.user_name.into()),
            prompt: None,
            claims: None,
            return_to: None,
            session: None,
            own_page: true,
            refresh: false,
        });
        let begun = begun.await.unwrap();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let response = client.get(begun.url).send().await.unwrap();
        let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        let parameter = |name: &str| {
            location.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        let state = State::new(parameter("state"));
        assert_eq!(AttemptKey::of(&state), begun.attempt);
        let code = AuthorizationCode::new(parameter("code"));
        let login = self.complete.run(CallbackRequest {
            provider,
            attempt: self.complete.open(&state, &begun.sealed).unwrap(),
            callback: Callback { iss: None, response: AuthorizationResponse::Code(code) },
            session: None,
            browser_id: None,
            client: None,
            decision: None,
        });
        let LoginEnd::LoggedIn(id) = login.await.unwrap().end else {
            panic!("the login waits for a decision")
        };
        let found = self.sessions.find(&SessionKey::of(&id), now()).await.unwrap();
        (id, found.unwrap().value)
    }

    /// All secrets and tokens of this login.
    async fn secrets(&self, id: &SessionId, session: &Session) -> Vec<String> {
        let mut secrets = vec![personas::APPLICATION.client_secret.to_owned()];
        for request in self.emulator.requests() {
            let sent = request.header("authorization").and_then(|it| it.split(' ').nth(1));
            secrets.extend(sent.map(str::to_owned));
            for name in ["code", "code_verifier", "client_secret"] {
                secrets.extend(request.form(name).map(str::to_owned));
            }
            for name in ["state", "nonce"] {
                secrets.extend(request.query(name).map(str::to_owned));
            }
        }
        let key = SessionKey::of(id);
        let tokens = self.sessions.tokens_of(&key, &session.accounts[0].id).await.unwrap();
        let tokens = tokens.unwrap();
        secrets.push(tokens.access.expose().to_owned());
        secrets.extend(tokens.refresh.map(|token| token.expose().to_owned()));
        secrets.push(id.expose().to_owned());
        secrets
    }
}

/// The system time.
fn now() -> portico_domain::time::Timestamp {
    use portico_domain::ports::Clock;
    SystemClock.now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plug_in_memory_contains_no_secret_and_no_token() {
    let memories = Arc::new(Mutex::new(Vec::<Vec<u8>>::new()));
    let observed = memories.clone();
    observe_memories(move |memory| observed.lock().unwrap().push(memory.to_vec()));
    let world = world().await;
    // The cloud echoes the token in texts that the plug-in reads. The host withholds the response.
    world.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::EchoToken));
    let (id, session) = world.log_in().await;

    let secrets = world.secrets(&id, &session).await;
    assert!(secrets.len() >= 10, "{secrets:?}");
    // Instances that describe, configure and list; the last one ends on a thread of its own.
    while memories.lock().unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
    let memories = memories.lock().unwrap();
    let contain = |text: &str| {
        let text = text.as_bytes();
        memories.iter().any(|memory| memory.windows(text.len()).any(|window| window == text))
    };
    // The search finds a value that plug-ins may know: a setting.
    assert!(contain(world.emulator.http_url().as_str().trim_end_matches('/')));
    for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
        assert!(!contain(secret), "{secret} was in the memory of a plug-in");
    }
}
