//! Portico's pages, headers and icons in a real browser.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dashboard;
mod disconnecting;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fantoccini::Locator;
use portico_e2e::{Browser, Chromium, World, hint, personas, world, world_with_plugins};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

/// Timeout for a page to load.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// A web server that answers every request with this page; returns its base URL.
async fn site(page: &'static str) -> String {
    counting_site(page).await.0
}

/// Like [`site`]; also returns the first line of each request.
async fn counting_site(page: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let log = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let mut head = [0; 4_096];
                let read = stream.read(&mut head).await.unwrap_or_default();
                if let Some(first) = String::from_utf8_lossy(&head[..read]).lines().next() {
                    log.lock().unwrap().push(first.to_owned());
                }
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
                let response = format!("{head}content-length: {}\r\n\r\n{page}", page.len());
                let _ = stream.write_all(response.as_bytes()).await;
            });
        }
    });
    (address, requests)
}

async fn sign_in(chromium: &Chromium, world: &World) {
    sign_in_as(chromium, world, personas::ZOFIA.user_name).await;
}

/// Ends on the dashboard.
async fn sign_in_as(chromium: &Chromium, world: &World, user_name: &str) {
    let query = format!("{}&return_to=/dashboard", hint(user_name));
    chromium.client.goto(&format!("{}/api/login/azure?{query}", world.portico.base)).await.unwrap();
    chromium.wait_for(".subscription").await;
}

/// Runs a script and returns the value that it passes to `done`.
async fn run_script(chromium: &Chromium, script: &str, arguments: Vec<Value>) -> Value {
    let script = format!("const [at, done] = arguments; {script}");
    let ran = chromium.client.execute_async(&script, arguments);
    timeout(PAGE_TIMEOUT, ran).await.unwrap().unwrap()
}

#[tokio::test]
async fn back_button_shows_no_dashboard_of_ended_session() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    let cookie = chromium.client.get_named_cookie("portico_session").await.unwrap();
    let elsewhere = site("<p>Elsewhere</p>").await;
    chromium.client.goto(&elsewhere).await.unwrap();

    let mut another = Browser::default();
    another.set_cookie(base, "portico_session", cookie.value());
    assert_eq!(another.post(&format!("{base}/api/logout"), base).await.status, 204);
    chromium.client.back().await.unwrap();
    timeout(PAGE_TIMEOUT, chromium.wait_for("nav.providers")).await.expect("no sign-in page");
    assert_eq!(chromium.texts(".subscription").await, Vec::<String>::new());

    // With a session the back button shows the dashboard.
    sign_in(&chromium, &world).await;
    chromium.client.goto(&elsewhere).await.unwrap();
    chromium.client.back().await.unwrap();
    timeout(PAGE_TIMEOUT, chromium.wait_for(".subscription")).await.expect("no dashboard");
    let hidden = chromium.client.execute("return document.documentElement.hidden", vec![]);
    assert_eq!(hidden.await.unwrap(), json!(false));
}

#[tokio::test]
async fn page_restored_from_bfcache_is_reloaded() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    // Dispatches the events of the back/forward cache, which headless Chromium may not have.
    let hide = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
                return getComputedStyle(document.documentElement).display";
    assert_eq!(chromium.client.execute(hide, vec![]).await.unwrap(), json!("none"));
    let cookie = chromium.client.get_named_cookie("portico_session").await.unwrap();
    let mut another = Browser::default();
    another.set_cookie(base, "portico_session", cookie.value());
    assert_eq!(another.post(&format!("{base}/api/logout"), base).await.status, 204);
    let show = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    chromium.client.execute(show, vec![]).await.unwrap();
    timeout(PAGE_TIMEOUT, chromium.wait_for("nav.providers")).await.expect("no sign-in page");
}

#[tokio::test]
async fn only_dashboard_origin_can_load_session_pages_and_icons() {
    let dashboard = site("<p>Dashboard</p>").await;
    let world =
        world_with_plugins(&["oidc"], &[("DASHBOARD_URL", &format!("{dashboard}/dashboard"))])
            .await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    let query = hint(personas::ZOFIA.user_name);
    chromium.client.goto(&format!("{base}/api/login/azure?{query}")).await.unwrap();
    timeout(PAGE_TIMEOUT, chromium.wait_for("p")).await.unwrap();
    let at = json!(format!("{base}/api/session"));
    let read = "fetch(at, { credentials: 'include' }).then((it) => it.json(), String)
                    .then((it) => done(it.user?.name ?? String(it)))";
    assert_eq!(run_script(&chromium, read, vec![at.clone()]).await, json!(personas::ZOFIA.name));

    // Another origin of the same site.
    let other = site("<p>Other</p>").await;
    chromium.client.goto(&other).await.unwrap();
    let refused = run_script(&chromium, read, vec![at.clone()]).await;
    assert!(refused.as_str().unwrap().contains("TypeError"), "{refused}");
    let load = "fetch(at, { mode: 'no-cors', credentials: 'include' })
                     .then(() => done('loaded'), () => done('refused'))";
    for path in ["/api/session", "/dashboard", "/assets/portico.css", "/assets/providers/oidc.svg"]
    {
        let at = json!(format!("{base}{path}"));
        assert_eq!(run_script(&chromium, load, vec![at]).await, json!("refused"), "{path}");
    }
}

#[tokio::test]
async fn injected_markup_neither_runs_nor_submits_forms() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    let (elsewhere, requests) = counting_site("<p>Elsewhere</p>").await;
    let elsewhere = json!(elsewhere);
    sign_in(&chromium, &world).await;
    for page in ["/dashboard", "/"] {
        let url = format!("{}{page}", world.portico.base);
        chromium.client.goto(&url).await.unwrap();
        // Injects markup as an unescaped name would. Images and `eval` are not tested: Chromium exempts
        // scripts of the driver from those directives.
        let inject = "window.ran = [];
            const broken = [];
            addEventListener('securitypolicyviolation', (it) => broken.push(it.effectiveDirective));
            const add = (tag, set) => {
              const it = document.createElement(tag);
              for (const [name, value] of Object.entries(set)) it.setAttribute(name, value);
              document.body.append(it);
              return it;
            };
            const script = document.createElement('script');
            script.textContent = 'ran.push(1)';
            document.body.append(script);
            add('script', { src: at + '/x.js' });
            add('script', { src: '/assets/portico.css' });
            add('img', { src: 'x', onerror: 'ran.push(2)' });
            add('iframe', { src: at });
            add('link', { rel: 'stylesheet', href: at + '/x.css' });
            add('a', { href: 'javascript:ran.push(3)' }).click();
            add('button', { onclick: 'ran.push(4)' }).click();
            add('base', { href: at });
            fetch(at).catch(() => {});
            const form = add('form', { action: at, method: 'post' });
            form.submit();
            setTimeout(() => done([ran, [...new Set(broken)].sort(), location.href]), 500);";
        let found = run_script(&chromium, inject, vec![elsewhere.clone()]).await;
        assert_eq!((&found[0], &found[2]), (&json!([]), &json!(url)), "{found}");
        let broken = found[1].as_array().unwrap();
        for directive in ["base-uri", "connect-src", "form-action", "frame-src", "style-src-elem"] {
            assert!(broken.contains(&json!(directive)), "{directive}: {found}");
        }
    }
    assert_eq!(*requests.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn provider_icon_is_rendered_but_cannot_be_opened_as_page() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    chromium.client.goto(base).await.unwrap();
    chromium.wait_for("img.mark").await;
    chromium.screenshot("icons").await;
    let rendered = "return [...document.querySelectorAll('img.mark')]
                     .map((it) => it.complete && it.naturalWidth > 0)";
    let rendered = chromium.client.execute(rendered, vec![]).await.unwrap();
    // The icons of Azure and of the plug-in.
    assert_eq!(rendered, json!([true, true]));
    let _ = chromium.client.goto(&format!("{base}/assets/providers/oidc.svg")).await;
    assert_eq!(
        chromium.client.current_url().await.unwrap().path(),
        "/",
        "the icon was opened as a page"
    );
    assert!(chromium.client.find(Locator::Css("svg")).await.is_err());
}
