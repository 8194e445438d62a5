//! `make demo`, as a newcomer meets it: a real browser clicks through a whole login.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Stdio};

use fantoccini::Locator;
use portico_e2e::{Chromium, personas};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Runs `make demo` and waits for the line that names its address.
async fn make_demo() -> (Child, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut demo = Command::new("make")
        .arg("demo")
        .current_dir(root)
        // The demo is what a person gets who types nothing else: no variable of this test's.
        .env_remove("APP_BASE_URL")
        .env_remove("PORTICO_LISTEN")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        said.push(line.clone());
        if line.contains("Portico is ready") {
            // The demo goes on to write: somebody must read, or it would stop at a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (demo, line);
        }
    }
    panic!("make demo ended:\n{}", said.join("\n"));
}

#[tokio::test]
async fn make_demo_lets_a_person_sign_in_choose_who_they_are_and_see_seven_subscriptions() {
    let (mut demo, line) = make_demo().await;
    assert!(line.contains("http://localhost:5000"), "{line}");
    let browser = Chromium::start().await;

    browser.client.goto("http://localhost:5000").await.unwrap();
    browser.picture("sign-in").await;
    let button = Locator::LinkText("Sign in with Microsoft Azure");
    browser.client.find(button).await.unwrap().click().await.unwrap();
    let persona = format!("button[value='{}']", personas::ZOFIA.user_name);
    let persona = browser.wait_for(&persona).await;
    browser.picture("persona").await;
    persona.click().await.unwrap();

    browser.wait_for(".subscription").await;
    browser.picture("dashboard").await;
    let address = browser.client.current_url().await.unwrap();
    assert_eq!(address.as_str(), "http://localhost:5000/dashboard");
    assert_eq!(browser.texts(".who strong").await, [personas::ZOFIA.name]);
    assert_eq!(browser.texts(".subscription").await.len(), 7);
    let cookies = browser.client.get_all_cookies().await.unwrap();
    let session = cookies.iter().find(|cookie| cookie.name() == "portico_session").unwrap();
    assert_eq!(session.http_only(), Some(true));
    assert!(!cookies.iter().any(|cookie| cookie.name().starts_with("portico_login_")));

    // A refusal is a page in words, and the way back from it works.
    browser.client.goto("http://localhost:5000/getAToken?code=x&state=y").await.unwrap();
    let told = browser.texts("[role=alert]").await.join(" ");
    assert!(told.contains("not under way"), "{told}");
    browser.picture("failure").await;
    browser.wait_for("a.button").await.click().await.unwrap();
    browser.wait_for("nav.providers").await;

    browser.client.goto("http://localhost:5000/dashboard").await.unwrap();
    browser.wait_for("form button").await.click().await.unwrap();
    browser.wait_for("nav.providers").await;
    browser.client.goto("http://localhost:5000/api/session").await.unwrap();
    let gone = browser.client.source().await.unwrap();
    assert!(gone.contains("You are not signed in"), "{gone}");

    browser.client.clone().close().await.unwrap();
    let group = format!("-{}", demo.id().unwrap());
    Command::new("kill").args(["-TERM", "--", &group]).status().await.unwrap();
    demo.wait().await.unwrap();
}
