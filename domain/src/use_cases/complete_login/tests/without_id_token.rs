//! Logins at providers without ID tokens, which identify the person by a user record.

use rstest::rstest;

use super::*;

/// A sign-in without an ID token.
fn plain_sign_in() -> ConfiguredSignIn {
    let record = UserRecordTemplate {
        member: None,
        url: "https://cloud.example/list/me".into(),
        headers: vec![],
        permission: "as-user".into(),
    };
    let plain = |path: &str| format!("https://login.example/{path}");
    let template = SignInTemplate {
        endpoints: EndpointTemplates::Plain {
            issuer: plain("contoso/v2.0"),
            authorization: plain("authorize"),
            token: plain("token"),
            end_session: None,
        },
        user_records: vec![record],
        ..samples::sign_in_template()
    };
    ConfiguredSignIn::new(template, Some("/tid"), Settings::default()).unwrap()
}

/// A provider without ID tokens whose user record is this.
fn plain(record: &'static str) -> doubles::Provider {
    let mut doubles = doubles::Provider::silent();
    doubles.sign_in = plain_sign_in();
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: None,
            issuer: samples::issuer("contoso"),
            tokens: samples::tokens("plain"),
            token_reply: vec![],
        })
    });
    doubles.api.expect_fetch().returning(move |fetch| {
        assert_eq!(fetch.token.unwrap().0.expose(), "access-plain");
        Ok(Reply { status: 200, headers: vec![], body: record.into() })
    });
    doubles
        .cloud
        .expect_list()
        .returning(|_| Ok(Box::new(ScriptedRun(move |_| Ok(Step::Done(Listing::default()))))));
    doubles
}

#[tokio::test]
async fn run_identifies_the_person_by_the_user_record_without_an_id_token() {
    let record = r#"{"oid":"zofia","tid":"contoso"}"#;
    let world = World::new(plain(record));
    let login = world.log_in("right", None, code()).await.unwrap();
    assert_eq!(world.session(&login.session).await.unwrap().user.json(), record);
}

#[rstest]
#[case::empty("{}")]
#[case::invalid_subject(r#"{"oid":"a b","tid":"contoso"}"#)]
#[case::object_as_subject(r#"{"oid":{},"tid":"contoso"}"#)]
#[tokio::test]
async fn run_refuses_a_user_record_without_a_subject(#[case] record: &'static str) {
    let world = World::new(plain(record));
    let refused = world.log_in("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::Identity(..))));
    assert_eq!(world.sessions.count(), 0);
}

/// A sign-in whose claims name one tenant and whose issuer is that of another.
#[tokio::test]
async fn run_refuses_a_tenant_that_the_issuer_does_not_speak_for() {
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims("contoso", "zofia"))),
            issuer: samples::issuer("fabrikam"),
            tokens: samples::tokens("contoso"),
            token_reply: vec![],
        })
    });
    let world = World::new(doubles);
    let refused = world.log_in("right", None, code()).await;
    let Err(CompleteLoginError::Identity(_, IdentityProviderError::InvalidResponse { check, .. })) =
        refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((check.as_str(), world.sessions.count()), ("identity_tenant", 0));
}

/// A provider with one issuer per tenant, whose claims name no tenant.
#[rstest]
#[case::issuer_of_the_requested_tenant("contoso", true)]
#[case::issuer_of_another_tenant("fabrikam", false)]
#[tokio::test]
async fn run_takes_the_requested_tenant_when_the_claims_have_none(
    #[case] issuer: &'static str,
    #[case] accepted: bool,
) {
    let people = SubjectMapping { tenant: None, ..samples::people() };
    let descriptor = Descriptor { people: Some(people), ..samples::descriptor() };
    let mut doubles = doubles::Provider::described_as(descriptor);
    doubles.identity.expect_redeem().returning(move |_, _| {
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims("contoso", "zofia"))),
            issuer: samples::issuer(issuer),
            tokens: samples::tokens("contoso"),
            token_reply: vec![],
        })
    });
    doubles
        .cloud
        .expect_list()
        .returning(|_| Ok(Box::new(ScriptedRun(|_| Ok(Step::Done(Listing::default()))))));
    let world = World::new(doubles);
    let login = world.log_in("right", None, code()).await;
    assert_eq!(login.is_ok(), accepted);
}

/// A connect-only provider.
fn connect_only() -> doubles::Provider {
    let descriptor = Descriptor { people: None, ..samples::descriptor() };
    let mut doubles = doubles::Provider::described_as(descriptor);
    doubles.sign_in = plain_sign_in();
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: None,
            issuer: "https://d-1.awsapps.example/start".into(),
            tokens: samples::tokens("aws"),
            token_reply: vec![],
        })
    });
    doubles.cloud.expect_list().returning(|person: &Person| {
        assert_eq!(person.identity.tenant.as_str(), "d-1.awsapps.example");
        Ok(Box::new(ScriptedRun(move |_| Ok(Step::Done(Listing::default())))))
    });
    doubles
}

/// Zofia is signed in with `entra`; the other provider only connects accounts.
pub(super) async fn connecting() -> (World, SessionId) {
    let world = World::new(connect_only());
    let connects = Arc::clone(&world.use_case.providers.all()[0]);
    let entra = ProviderId::parse("entra").unwrap();
    let descriptor = Descriptor { id: entra.clone(), ..samples::descriptor() };
    let signs_in = Arc::new(doubles::Provider::described_as(descriptor).into_registration());
    world.use_case.providers.replace(vec![connects, signs_in], world.clock.now());
    let id = SessionId::new("zofias");
    let mut session = samples::session("contoso", "zofia", world.clock.now());
    (session.accounts[0].provider, session.provider) = (entra.clone(), entra);
    world.sessions.create(SessionKey::of(&id), &session, vec![]).await.unwrap();
    (world, id)
}

#[tokio::test]
async fn run_connects_a_connect_only_provider_to_the_browsers_session() {
    let (world, id) = connecting().await;
    let session = world.session(&id).await.unwrap();
    let login = world.log_in("right", Some(id.clone()), code()).await.unwrap();
    assert_eq!(world.session(&id).await, None);
    let joined = world.session(&login.session).await.unwrap();
    assert_eq!((joined.person, &joined.user), (session.person, &session.user));
    assert_eq!(joined.accounts.len(), 2);
    let connected = &joined.accounts[1];
    assert_eq!(connected.identity.display_name, "Zofia Nowak");
    assert!(connected.person.is_some_and(|person| person != session.person));
    assert_eq!(connected.email, None);
    assert_eq!(joined.own_account(), joined.accounts.first());
}

#[tokio::test]
async fn run_redeems_no_code_of_a_connect_only_provider_without_a_session() {
    let mut doubles = connect_only();
    doubles.identity.checkpoint();
    let world = World::new(doubles);
    for session in [None, Some(SessionId::new("long gone"))] {
        let refused = world.log_in("right", session, code()).await;
        assert!(matches!(refused, Err(CompleteLoginError::SignInFirst)), "{refused:?}");
    }
    assert_eq!(world.sessions.count(), 0);
}
