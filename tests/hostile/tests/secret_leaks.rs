//! Providers and clients send marked secrets; then all log lines (at the most verbose level), responses
//! and store files are searched for them.

use std::{collections::BTreeSet, fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use portico_e2e::{
    Browser, Fault, FaultKind, Portico, Response, Target, World, hint, personas, plugins,
    world_with_plugins,
};
use reqwest::Method;
use url::form_urlencoded::byte_serialize;

/// A secret in provider responses and client requests.
const MARKED: &str = "marked-canary-4711-secret";

/// The secrets to search for: those sent to the clouds and those of the browser.
fn secrets(world: &World, browser: &Browser) -> BTreeSet<String> {
    let mut secrets = BTreeSet::from([
        MARKED.to_owned(),
        personas::APPLICATION.client_secret.to_owned(),
        plugins::KEYS.to_owned(),
    ]);
    for request in world.emulator.requests() {
        let sent = request.header("authorization").and_then(|it| it.split(' ').nth(1));
        secrets.extend(sent.map(str::to_owned));
        for name in ["code", "code_verifier", "client_secret", "refresh_token"] {
            secrets.extend(request.form(name).map(str::to_owned));
        }
        // The nonce is no secret: it is a claim of the ID token, which its owner may read.
        secrets.extend(request.query("state").map(str::to_owned));
    }
    secrets.extend(browser.cookie(&world.portico.base, "portico_session"));
    secrets
}

/// The ID token that a logout hands to its browser, in a header of that response and nowhere else.
async fn id_token_hint(world: &World) -> String {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    let link = response.headers["link"].to_str().unwrap();
    let hint = link.split("id_token_hint=").nth(1).unwrap();
    hint.split(['&', '>']).next().unwrap().to_owned()
}

/// The secret in each encoding in which it may appear.
fn encodings(secret: &str) -> [String; 4] {
    [
        secret.to_owned(),
        byte_serialize(secret.as_bytes()).collect(),
        BASE64_STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
    ]
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Collects all files below a folder with their paths.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// Sends requests with marked secrets in every place in which a client can put one.
async fn send_marked_requests(base: &str) -> Vec<Response> {
    let mut responses = vec![];
    for path in [
        format!("/getAToken?code={MARKED}&state={MARKED}"),
        format!("/getAToken?error={MARKED}&error_description={MARKED}&state={MARKED}"),
        format!("/api/callback/github?code={MARKED}&state={MARKED}&iss={MARKED}"),
        format!("/api/login/azure?tenant={MARKED}%20&login_hint={MARKED}"),
        format!("/{MARKED}?{MARKED}={MARKED}&{MARKED}={MARKED}"),
        format!("/api/session?access_token={MARKED}"),
    ] {
        for accept in ["text/html", "application/json"] {
            let (mut client, url) = (Browser::default(), format!("{base}{path}"));
            let sent = client.send(Method::GET, &url, |request| {
                request
                    .header("accept", accept)
                    .header("authorization", format!("Bearer {MARKED}"))
                    .header("cookie", format!("portico_session={MARKED}; portico_login_1={MARKED}"))
                    .header("referer", format!("http://localhost/{MARKED}"))
                    .header("x-forwarded-for", MARKED)
            });
            responses.push(sent.await);
        }
    }
    responses
}

/// Performs logins that succeed and fail in many ways, with marked secrets in requests and responses.
async fn log_in_and_fail(world: &World, browser: &mut Browser) -> Vec<Response> {
    let base = &world.portico.base;
    let zofia = hint(personas::ZOFIA.user_name);
    let mut responses = vec![browser.sign_in(base, personas::ZOFIA.user_name).await];
    responses.push(browser.session(base).await);
    responses.push(browser.get(format!("{base}/dashboard")).await);
    for kind in [
        FaultKind::OauthError { error: "invalid_grant".into(), description: "no".into() },
        FaultKind::OauthError { error: "invalid_client".into(), description: "no".into() },
        FaultKind::Garbage,
        FaultKind::Truncated,
        FaultKind::BadSignature,
        FaultKind::WrongNonce,
        FaultKind::Status { code: 500, retry_after: None },
        FaultKind::Close,
    ] {
        let mut other = Browser::default();
        let callback = other.up_to_callback(base, &zofia).await;
        world.emulator.fault(Fault::always(Target::Token, kind).for_grant("authorization_code"));
        responses.push(other.get(&callback).await);
        responses.push(other.get(&callback).await);
        world.emulator.clear_faults();
    }
    // A cloud that echoes the token in every name that it lists.
    world.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::EchoToken));
    let mut other = Browser::default();
    responses.push(other.sign_in(base, personas::ZOFIA.user_name).await);
    responses.push(other.session(base).await);
    world.emulator.clear_faults();
    responses.extend(send_marked_requests(base).await);
    let logout = format!("{base}/api/logout");
    let mut client = Browser::default();
    let sent = client.send(Method::POST, &logout, |request| {
        request.header("origin", base).body(format!("{{\"{MARKED}\": true}}"))
    });
    responses.push(sent.await);
    responses
}

#[tokio::test]
async fn logs_responses_and_store_files_contain_no_secret() {
    let world = world_with_plugins(&["github"], &[("PORTICO_LOG", "trace")]).await;
    let mut browser = Browser::default();
    let responses = log_in_and_fail(&world, &mut browser).await;
    let mut secrets = secrets(&world, &browser);
    secrets.insert(id_token_hint(&world).await);
    assert!(secrets.len() >= 30, "only {} secrets", secrets.len());

    let mut texts = Vec::new();
    for response in &responses {
        // Cookies and redirects contain the secrets that are the browser's own.
        let headers = response
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "set-cookie" | "location"));
        let headers: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        let text = format!("{}\n{}", headers.join("\n"), response.body);
        texts.push((format!("the response of {}", response.url.path()), text.into_bytes()));
    }
    files(&world.folder.path().join("sessions"), &mut texts);
    let logged = |portico: &Portico| {
        ["request failed", "plug-in loaded"].iter().all(|it| portico.log().contains(it))
    };
    world.portico.logged(logged).await;
    let log = world.portico.log();
    texts.extend(log.lines().map(|line| (line.to_owned(), line.as_bytes().to_vec())));
    assert!(texts.len() > 60, "only {} texts to search", texts.len());
    // The search finds a value that is no secret.
    assert!(texts.iter().any(|(_, bytes)| contains(bytes, personas::ZOFIA.name)));

    for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
        for encoded in encodings(secret) {
            let leak = texts.iter().find(|(_, bytes)| contains(bytes, &encoded));
            assert!(leak.is_none(), "{secret} is in {}", leak.unwrap().0);
        }
    }
    println!("searched {} texts for {} secrets", texts.len(), secrets.len());
}
