//! `make demo`, as a newcomer meets it: a real browser clicks through a whole login.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
};

use fantoccini::Locator;
use portico_e2e::{Chromium, personas};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// `make demo`, at this address.
fn make_demo(listen: SocketAddr) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut make = Command::new("make");
    make.arg("demo")
        .current_dir(root)
        // The demo is what a person gets who types nothing else, but that another demo may run.
        .env_remove("APP_BASE_URL")
        .env_remove("DASHBOARD_URL")
        .env("PORTICO_LISTEN", listen.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    make
}

/// Runs `make demo` and waits for the line that names its address.
async fn started(listen: SocketAddr) -> (Child, String) {
    let mut demo = make_demo(listen).spawn().unwrap();
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

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn make_demo_reports_port_in_use_and_suggests_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().map(|address| (taken, address)).unwrap();
    let ended = make_demo(taken.1).output().await.unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains(&format!("listens on {}", taken.1)), "{said}");
    let offer = said.split("PORTICO_LISTEN=").nth(1).unwrap().split(' ').next().unwrap();
    assert!(TcpListener::bind(offer).is_ok(), "{offer}: {said}");
}

/// Every other cloud of the demo, and how many things Zofia can reach there. GitLab's plug-in is
/// JavaScript, Heroku's Python.
const OTHERS: [(&str, usize); 7] = [
    ("aws", 4),
    ("digitalocean", 3),
    ("github", 6),
    ("gitlab", 5),
    ("google", 7),
    ("heroku", 3),
    ("oidc", 5),
];

async fn choose_zofia(browser: &Chromium) {
    let persona = format!("button[value='{}']", personas::ZOFIA.user_name);
    browser.wait_for(&persona).await.click().await.unwrap();
    browser.wait_for(".subscription").await;
}

/// From the dashboard, one after the other, into the one session.
async fn connect_every_other_cloud(browser: &Chromium, base: &str) {
    let mut reached = 7;
    for (cloud, count) in OTHERS {
        browser.client.goto(&format!("{base}/dashboard")).await.unwrap();
        let link = format!(".clouds a[href^='/api/login/{cloud}?']");
        browser.wait_for(&link).await.click().await.unwrap();
        choose_zofia(browser).await;
        reached += count;
        assert_eq!(browser.texts(".subscription").await.len(), reached, "{cloud}");
    }
    assert_eq!(browser.texts("section.card").await.len(), 1 + OTHERS.len());
    browser.picture("every-cloud").await;
}

/// From the sign-in page, each on its own; AWS, which signs nobody in, is not there.
async fn sign_in_with_every_other_cloud(browser: &Chromium, base: &str) {
    browser.picture("sign-in-with-any").await;
    for (cloud, count) in OTHERS {
        let button = format!("a[href='/api/login/{cloud}']");
        if cloud == "aws" {
            let there = browser.client.find_all(Locator::Css(&button)).await.unwrap();
            assert!(there.is_empty(), "a button that signs nobody in");
            continue;
        }
        browser.wait_for(&button).await.click().await.unwrap();
        choose_zofia(browser).await;
        assert_eq!(browser.texts(".subscription").await.len(), count, "{cloud}");
        sign_out(browser, base).await;
    }
}

async fn sign_out(browser: &Chromium, base: &str) {
    browser.client.goto(&format!("{base}/dashboard")).await.unwrap();
    browser.wait_for("form button").await.click().await.unwrap();
    browser.wait_for("nav.providers").await;
}

#[tokio::test]
async fn make_demo_signs_in_with_every_cloud_in_a_browser() {
    let listen = free_address();
    let (mut demo, line) = started(listen).await;
    let base = format!("http://localhost:{}", listen.port());
    assert!(line.contains(&base), "{line}");
    let browser = Chromium::start().await;

    browser.client.goto(&base).await.unwrap();
    browser.picture("sign-in").await;
    let button = Locator::XPath("//a[contains(., 'Sign in with Microsoft Azure')]");
    browser.client.find(button).await.unwrap().click().await.unwrap();
    let persona = format!("button[value='{}']", personas::ZOFIA.user_name);
    let persona = browser.wait_for(&persona).await;
    browser.picture("persona").await;
    persona.click().await.unwrap();

    browser.wait_for(".subscription").await;
    browser.picture("dashboard").await;
    let address = browser.client.current_url().await.unwrap();
    assert_eq!(address.as_str(), format!("{base}/dashboard"));
    assert_eq!(browser.texts(".who strong").await, [personas::ZOFIA.name]);
    assert_eq!(browser.texts(".subscription").await.len(), 7);
    let cookies = browser.client.get_all_cookies().await.unwrap();
    let session = cookies.iter().find(|cookie| cookie.name() == "portico_session").unwrap();
    assert_eq!(session.http_only(), Some(true));
    assert!(!cookies.iter().any(|cookie| cookie.name().starts_with("portico_login_")));

    // A refusal is a page in words, and the way back from it works.
    browser.client.goto(&format!("{base}/getAToken?code=x&state=y")).await.unwrap();
    let told = browser.texts("[role=alert]").await.join(" ");
    assert!(told.contains("not under way"), "{told}");
    browser.picture("failure").await;
    browser.wait_for("a.button").await.click().await.unwrap();
    browser.wait_for("nav.providers").await;

    connect_every_other_cloud(&browser, &base).await;
    sign_out(&browser, &base).await;
    sign_in_with_every_other_cloud(&browser, &base).await;
    browser.client.goto(&format!("{base}/api/session")).await.unwrap();
    let gone = browser.client.source().await.unwrap();
    assert!(gone.contains("You are not signed in"), "{gone}");

    browser.client.clone().close().await.unwrap();
    let group = format!("-{}", demo.id().unwrap());
    Command::new("kill").args(["-TERM", "--", &group]).status().await.unwrap();
    demo.wait().await.unwrap();
}
