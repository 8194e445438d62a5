//! Sign-in without a client secret.

use portico_e2e::{Portico, plugins, world_with_plugins};
use rstest::rstest;

use super::*;

#[tokio::test]
async fn people_sign_in_with_a_federated_token_file() {
    let (emulator, folder, mut settings) = emulator().await;
    let workload = workload();
    emulator.register(None, vec![workload.registration()]);
    let token = workload.token(3_600);
    let variable = "AZURE_FEDERATED_TOKEN_FILE";
    set_file(&mut settings, folder.path(), variable, &format!("{token}\n"));
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico.base).await;
    assert_never_sent(&emulator, "client_secret");
    let log = portico.log();
    assert!(!log.contains(&token), "{log}");
}

#[tokio::test]
async fn people_sign_in_with_a_certificate() {
    let (emulator, folder, mut settings) = emulator().await;
    let key = certificate();
    emulator.register(None, vec![key.registration.clone()]);
    let variable = "AZURE_CLIENT_CERTIFICATE_PATH";
    set_file(&mut settings, folder.path(), variable, &key.pem);
    let portico = Portico::start(&settings).await;
    for _ in 0..3 {
        assert_signs_in(&portico.base).await;
    }
    assert_never_sent(&emulator, "client_secret");
}

#[tokio::test]
async fn certificate_that_is_not_registered_is_refused() {
    let (emulator, folder, mut settings) = emulator().await;
    emulator.register(None, vec![certificate().registration]);
    let variable = "AZURE_CLIENT_CERTIFICATE_PATH";
    set_file(&mut settings, folder.path(), variable, &certificate().pem);
    let portico = Portico::start(&settings).await;
    assert_eq!(failure(&portico.base, "azure").await.as_deref(), Some("registration_refused"));
    portico.logged(|it| it.log().contains("AADSTS700027")).await;
}

#[tokio::test]
async fn credential_file_may_be_named_in_portico_toml() {
    let (emulator, folder, mut settings) = emulator().await;
    let key = certificate();
    emulator.register(None, vec![key.registration.clone()]);
    settings.unset("AZURE_CLIENT_SECRET");
    fs::write(folder.path().join("key.pem"), &key.pem).unwrap();
    let file = "[azure]\nclient_certificate_path = \"key.pem\"\n";
    fs::write(folder.path().join("portico.toml"), file).unwrap();
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico.base).await;
    // A file that portico.toml names is read again too.
    let newer = certificate();
    emulator.register(None, vec![newer.registration.clone()]);
    replace(&folder.path().join("key.pem"), &newer.pem);
    portico.logged(|it| it.log().contains("the settings of Azure have changed")).await;
    assert_signs_in(&portico.base).await;
}

/// A folder with the granted `oidc` plug-in, which has this key and no secret.
async fn with_key(emulator: &Emulator, folder: &Path, settings: &mut Settings, key: &ClientKey) {
    emulator.register(Some(OIDC), vec![key.registration.clone()]);
    plugins::grant(folder, &["oidc"]);
    settings.set("PORTICO_KEYS", plugins::KEYS).set_plugin(OIDC, emulator);
    settings.unset("OIDC_CLIENT_SECRET");
    fs::write(folder.join("oidc.pem"), &key.pem).unwrap();
    settings.set("OIDC_CLIENT_KEY_FILE", "oidc.pem");
}

#[rstest]
#[case::rsa(ClientKey::rsa().unwrap())]
#[case::p256(ClientKey::p256().unwrap())]
#[tokio::test]
async fn people_sign_in_with_private_key_jwt_of_an_openid_provider(#[case] key: ClientKey) {
    let (emulator, folder, mut settings) = emulator().await;
    with_key(&emulator, folder.path(), &mut settings, &key).await;
    let portico = Portico::start(&settings).await;
    assert_eq!(failure(&portico.base, "oidc").await, None);
    assert_never_sent(&emulator, "client_secret");
    let requests = emulator.requests();
    let mut tokens = requests.iter().filter(|it| it.path.ends_with("/token"));
    assert!(tokens.all(|it| !it.authorization && it.form("client_assertion").is_some()));
}

#[tokio::test]
async fn plug_in_with_a_secret_and_a_key_is_not_offered() {
    let (emulator, folder, mut settings) = emulator().await;
    with_key(&emulator, folder.path(), &mut settings, &ClientKey::p256().unwrap()).await;
    settings.set("OIDC_CLIENT_SECRET", "hush");
    let portico = Portico::start(&settings).await;
    let fault = "OIDC_CLIENT_SECRET and OIDC_CLIENT_KEY_FILE are both set: keep one of them.";
    portico.logged(|it| it.log().contains(fault)).await;
    assert_eq!(failure(&portico.base, "oidc").await.as_deref(), Some("unknown_provider"));
}

#[rstest]
#[case::required(true, 1)]
#[case::supported(false, 0)]
#[tokio::test]
async fn authorization_request_is_pushed_only_if_the_provider_requires_it(
    #[case] required: bool,
    #[case] pushes: usize,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    world.emulator.require_pushed_requests(required);
    assert_eq!(failure(&world.portico.base, "oidc").await, None);
    let requests = world.emulator.requests();
    assert_eq!(requests.iter().filter(|it| it.path.ends_with("/par")).count(), pushes);
    let begun = requests.iter().find(|it| it.path.ends_with("/authorize")).unwrap();
    assert_eq!(begun.query("code_challenge").is_some(), !required);
}
