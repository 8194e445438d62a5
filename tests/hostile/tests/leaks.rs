//! Marked secrets are sent by providers and clients; then all log lines (at the most verbose level),
//! responses and store files are searched for them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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
        // Not the nonce: it is spent, and a claim that its owner may read.
        secrets.extend(request.query("state").map(str::to_owned));
    }
    secrets.extend(browser.cookie(&world.portico.base, "portico_session"));
    secrets
}

/// Encodings in which a secret may appear.
fn spellings(secret: &str) -> [String; 4] {
    [
        secret.to_owned(),
        byte_serialize(secret.as_bytes()).collect(),
        BASE64_STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
    ]
}

fn holds(bytes: &[u8], text: &str) -> bool {
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

/// Requests with marked secrets in every place in which a client can put one.
async fn send_marked_requests(base: &str) -> Vec<Response> {
    let mut answers = vec![];
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
            answers.push(sent.await);
        }
    }
    answers
}

/// Logins that succeed and fail in many ways, with marked secrets in requests and responses.
async fn provoke(world: &World, browser: &mut Browser) -> Vec<Response> {
    let base = &world.portico.base;
    let zofia = hint(personas::ZOFIA.user_name);
    let mut answers = vec![browser.sign_in(base, personas::ZOFIA.user_name).await];
    answers.push(browser.session(base).await);
    answers.push(browser.get(format!("{base}/dashboard")).await);
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
        answers.push(other.get(&callback).await);
        answers.push(other.get(&callback).await);
        world.emulator.clear_faults();
    }
    // A cloud that says the token aloud, in every name that it lists.
    world.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::EchoToken));
    let mut echoed = Browser::default();
    answers.push(echoed.sign_in(base, personas::ZOFIA.user_name).await);
    answers.push(echoed.session(base).await);
    world.emulator.clear_faults();
    answers.extend(send_marked_requests(base).await);
    let logout = format!("{base}/api/logout");
    let mut client = Browser::default();
    let sent = client.send(Method::POST, &logout, |request| {
        request.header("origin", base).body(format!("{{\"{MARKED}\": true}}"))
    });
    answers.push(sent.await);
    answers
}

#[tokio::test]
async fn logs_responses_and_store_files_contain_no_secret() {
    let talkative = [("PORTICO_LOG", "trace")];
    let world = world_with_plugins(&["github"], &talkative).await;
    let mut browser = Browser::default();
    let answers = provoke(&world, &mut browser).await;
    let secrets = secrets(&world, &browser);
    assert!(secrets.len() >= 30, "only {} secrets were seen", secrets.len());

    let mut written = Vec::new();
    for answer in &answers {
        // What a browser is given to keep or to carry on stands in the cookies and the redirect.
        let said = answer
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "set-cookie" | "location"));
        let said: Vec<String> = said.map(|(name, value)| format!("{name}: {value:?}")).collect();
        let shown = format!("{}\n{}", said.join("\n"), answer.body);
        written.push((format!("the answer of {}", answer.url.path()), shown.into_bytes()));
    }
    files(&world.folder.path().join("sessions"), &mut written);
    let said = |portico: &Portico| {
        ["request failed", "plug-in loaded"].iter().all(|it| portico.log().contains(it))
    };
    world.portico.logged(said).await;
    let log = world.portico.log();
    written.extend(log.lines().map(|line| (line.to_owned(), line.as_bytes().to_vec())));
    assert!(written.len() > 60, "only {} things were searched", written.len());
    // The search finds what is there.
    assert!(written.iter().any(|(_, bytes)| holds(bytes, personas::ZOFIA.name)));

    for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
        for spelling in spellings(secret) {
            let leak = written.iter().find(|(_, bytes)| holds(bytes, &spelling));
            assert!(leak.is_none(), "{secret} stands in {}", leak.unwrap().0);
        }
    }
    println!("secrets: {} searched for in {} writings", secrets.len(), written.len());
}
