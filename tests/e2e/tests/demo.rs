//! `make demo` in a real browser: sign-in with every cloud.
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

/// `make demo` with this listen address.
fn make_demo(listen: SocketAddr) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut make = Command::new("make");
    make.arg("demo")
        .current_dir(root)
        // The defaults, except for the port, which another demo may use.
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

/// Starts `make demo` and waits for the line with its URL.
async fn start_demo(listen: SocketAddr) -> (Child, String) {
    let mut demo = make_demo(listen).spawn().unwrap();
    let mut lines = BufReader::new(demo.stderr.take().unwrap()).lines();
    let mut output = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        output.push(line.clone());
        if line.contains("Portico is ready") {
            // Reads on, since the demo would block on a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (demo, line);
        }
    }
    panic!("make demo ended:\n{}", output.join("\n"));
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn make_demo_reports_port_in_use_and_suggests_another() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let output = make_demo(taken).output().await.unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains(&format!("listens on {taken}")), "{stderr}");
    let suggested = stderr.split("PORTICO_LISTEN=").nth(1).unwrap().split(' ').next().unwrap();
    assert!(TcpListener::bind(suggested).is_ok(), "{suggested}: {stderr}");
}

/// The other clouds of the demo and the number of subscriptions that each lists. The plug-in of GitLab
/// is JavaScript, that of Heroku Python.
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

/// Connects each cloud to the session from the dashboard.
async fn connect_every_other_cloud(browser: &Chromium, base: &str) {
    let mut total = 7;
    for (cloud, count) in OTHERS {
        browser.client.goto(&format!("{base}/dashboard")).await.unwrap();
        let link = format!(".clouds a[href^='/api/login/{cloud}?']");
        browser.wait_for(&link).await.click().await.unwrap();
        choose_zofia(browser).await;
        total += count;
        assert_eq!(browser.texts(".subscription").await.len(), total, "{cloud}");
    }
    assert_eq!(browser.texts("section.card").await.len(), 1 + OTHERS.len());
    browser.screenshot("every-cloud").await;
}

/// Signs in with each cloud from the sign-in page, which does not offer AWS: it only connects.
async fn sign_in_with_every_other_cloud(browser: &Chromium, base: &str) {
    browser.screenshot("sign-in-with-any").await;
    for (cloud, count) in OTHERS {
        let button = format!("a[href='/api/login/{cloud}']");
        if cloud == "aws" {
            let buttons = browser.client.find_all(Locator::Css(&button)).await.unwrap();
            assert!(buttons.is_empty(), "AWS cannot sign anybody in");
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
    let (mut demo, line) = start_demo(listen).await;
    let base = format!("http://localhost:{}", listen.port());
    assert!(line.contains(&base), "{line}");
    let browser = Chromium::start().await;

    browser.client.goto(&base).await.unwrap();
    browser.screenshot("sign-in").await;
    let button = Locator::XPath("//a[contains(., 'Sign in with Microsoft Azure')]");
    browser.client.find(button).await.unwrap().click().await.unwrap();
    let persona = format!("button[value='{}']", personas::ZOFIA.user_name);
    let persona = browser.wait_for(&persona).await;
    browser.screenshot("persona").await;
    persona.click().await.unwrap();

    browser.wait_for(".subscription").await;
    browser.screenshot("dashboard").await;
    let address = browser.client.current_url().await.unwrap();
    assert_eq!(address.as_str(), format!("{base}/dashboard"));
    assert_eq!(browser.texts(".who strong").await, [personas::ZOFIA.name]);
    assert_eq!(browser.texts(".subscription").await.len(), 7);
    let cookies = browser.client.get_all_cookies().await.unwrap();
    let session = cookies.iter().find(|cookie| cookie.name() == "portico_session").unwrap();
    assert_eq!(session.http_only(), Some(true));
    assert!(!cookies.iter().any(|cookie| cookie.name().starts_with("portico_login_")));

    // An error is shown as a page with a link back.
    browser.client.goto(&format!("{base}/getAToken?code=x&state=y")).await.unwrap();
    let alert = browser.texts("[role=alert]").await.join(" ");
    assert!(alert.contains("not under way"), "{alert}");
    browser.screenshot("failure").await;
    browser.wait_for("a.button").await.click().await.unwrap();
    browser.wait_for("nav.providers").await;

    connect_every_other_cloud(&browser, &base).await;
    sign_out(&browser, &base).await;
    sign_in_with_every_other_cloud(&browser, &base).await;
    browser.client.goto(&format!("{base}/api/session")).await.unwrap();
    let source = browser.client.source().await.unwrap();
    assert!(source.contains("You are not signed in"), "{source}");

    browser.client.clone().close().await.unwrap();
    let group = format!("-{}", demo.id().unwrap());
    Command::new("kill").args(["-TERM", "--", &group]).status().await.unwrap();
    demo.wait().await.unwrap();
}
