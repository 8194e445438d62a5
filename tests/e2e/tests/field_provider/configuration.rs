//! A fault of configuration is called so, and the log says what to write.

use portico_e2e::{
    Browser, Cloud, FaultKind, Target, World, assert_refused, personas, world, world_of,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{assert_misconfigured, assert_signs_in, detail, member, restarted, sign_in, tell};

/// A web server that answers as it is told.
pub(crate) struct Pages {
    /// Its scheme, host and port.
    pub(crate) base: String,
}

impl Pages {
    /// `page` says what kind of text is at a path, and which; 404 for what it does not know.
    pub(crate) async fn start(
        page: impl Fn(&str, &str) -> Option<(&'static str, String)> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let own = base.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let (mut asked, mut line) = (String::new(), String::new());
                stream.read_line(&mut asked).await.unwrap();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).await.unwrap();
                }
                let path = asked.split(' ').nth(1).unwrap_or_default();
                let (status, (kind, body)) = match page(&own, path) {
                    Some(page) => (200, page),
                    None => (404, ("text/html", "<p>Not found".to_owned())),
                };
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
                     connection: close\r\n\r\n"
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
        Self { base }
    }
}

/// An OpenID provider's plug-in with this issuer.
async fn with_issuer(issuer: impl Fn(&str) -> String) -> (World, String) {
    let world = world_of(&["oidc"], &[]).await;
    let root = world.emulator.http_url().to_string();
    let issuer = issuer(&root);
    (restarted(world, "OIDC_ISSUER", &issuer).await, issuer)
}

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn login_with_wrong_issuer_logs_requested_url_and_suggestion() {
    for (wrong, answered) in [
        // With the document's own path behind it, it is refused before anything is asked.
        ("oidc/v2", "answered 404"),
        ("oidc/realms/portico", "answered 404"),
        ("oidc/authorize", "answered 404"),
    ] {
        let (world, issuer) = with_issuer(|root| format!("{root}{wrong}")).await;
        let asked = format!("{issuer}{DOCUMENT}");
        let likely = format!("OIDC_ISSUER={}oidc", world.emulator.http_url());
        let said = ["discovery_absent", &asked, answered, &likely];
        assert_misconfigured(&world.portico, "oidc", &said).await;
    }
    let (world, issuer) = with_issuer(|root| format!("{root}nothing/here")).await;
    let said = ["discovery_absent", &format!("{issuer}{DOCUMENT}"), "set OIDC_ISSUER to"];
    assert_misconfigured(&world.portico, "oidc", &said).await;
}

#[tokio::test]
async fn html_instead_of_discovery_document_is_logged_as_web_page() {
    let pages = Pages::start(|base, path| match path {
        "/realm/.well-known/openid-configuration" => {
            let issuer = serde_json::json!({ "issuer": format!("{base}/realm") });
            Some(("application/json", issuer.to_string()))
        }
        _ => Some(("text/html; charset=utf-8", "<!doctype html><p>Welcome".to_owned())),
    });
    let pages = pages.await;
    for wrong in ["/realm/account", "/realm/account/login", "/welcome"] {
        let (world, issuer) = with_issuer(|_| format!("{}{wrong}", pages.base)).await;
        let likely = match wrong {
            "/welcome" => "set OIDC_ISSUER to the issuer".to_owned(),
            _ => format!("set OIDC_ISSUER={}/realm", pages.base),
        };
        let said = ["is a web page", &format!("{issuer}{DOCUMENT}"), &likely];
        assert_misconfigured(&world.portico, "oidc", &said).await;
    }
}

#[tokio::test]
async fn issuer_of_alias_host_is_logged_with_setting_to_change() {
    let china = "https://login.partner.microsoftonline.cn";
    let tenant = personas::CONTOSO.id;
    let ciam = format!("https://{tenant}.ciamlogin.com");
    for (configured, issuer, likely) in [
        ("organizations", format!("{china}/{{tenantid}}/v2.0"), china),
        (tenant, format!("{china}/{tenant}/v2.0"), china),
        (tenant, format!("{ciam}/{tenant}/v2.0"), &ciam),
    ] {
        let world = world(&[("AZURE_TENANT_ID", configured)]).await;
        tell(&world, Target::Discovery, member("issuer", issuer.as_str()));
        let asked = format!("{}{configured}/v2.0{DOCUMENT}", world.emulator.http_url());
        let said = ["discovery_issuer", &asked, &issuer, &format!("AZURE_AUTHORITY_HOST={likely}")];
        assert_misconfigured(&world.portico, "azure", &said).await;
        world.emulator.clear_faults();
        assert_signs_in(&world, "azure").await;
    }
    let world = world_of(&["oidc"], &[]).await;
    let issuer = "https://id.example.com/realms/portico";
    tell(&world, Target::CloudDiscovery(Cloud::Oidc), member("issuer", issuer));
    assert_misconfigured(&world.portico, "oidc", &[&format!("OIDC_ISSUER={issuer}")]).await;
}

#[tokio::test]
async fn unknown_tenant_is_logged_with_its_settings() {
    let unknown = "00000000-1111-4222-8333-444444444444";
    let world = world(&[("AZURE_TENANT_ID", unknown)]).await;
    let asked = format!("{}{unknown}/v2.0{DOCUMENT}", world.emulator.http_url());
    let said = ["answered 400", &asked, "AZURE_AUTHORITY_HOST, AZURE_TENANT_ID"];
    assert_misconfigured(&world.portico, "azure", &said).await;
}

#[tokio::test]
async fn clock_difference_is_refused_and_logged_in_seconds() {
    for (provider, seconds) in [("azure", 600), ("oidc", 300), ("azure", 90_000)] {
        let world = world_of(&["oidc"], &[]).await;
        tell(&world, Target::Token, FaultKind::Clock { seconds });
        let response = sign_in(&world, provider).await;
        assert_refused(&response, 502, "clock_differs");
        assert!(response.json()["error"].as_str().unwrap().contains("clock"), "{response:?}");
        let detail = detail(&world.portico, &response).await;
        let (_, told) = detail.split_once("the provider's clock is ").unwrap();
        let told: i64 = told.split(' ').next().unwrap().parse().unwrap();
        // The two look at their clocks one after the other.
        assert!((seconds - 5..=seconds + 5).contains(&told), "{detail}");
        assert!(detail.contains("id_token_issued_at") && detail.contains("Date"), "{detail}");
    }
}

#[tokio::test]
async fn every_provider_failure_logs_the_requested_url() {
    let away = || FaultKind::Status { code: 500, retry_after: None };
    let cloud = Cloud::Oidc;
    for (target, kind, path) in [
        (Target::CloudDiscovery(cloud), away(), "oidc/.well-known/openid-configuration"),
        (Target::CloudDiscovery(cloud), FaultKind::Close, "oidc/.well-known/openid-configuration"),
        (
            Target::CloudDiscovery(cloud),
            FaultKind::Garbage,
            "oidc/.well-known/openid-configuration",
        ),
        (Target::CloudKeys(cloud), away(), "oidc/keys"),
        (Target::CloudKeys(cloud), FaultKind::Garbage, "oidc/keys"),
        (Target::CloudToken(cloud), away(), "oidc/token"),
        (Target::CloudToken(cloud), FaultKind::Garbage, "oidc/token"),
        (Target::CloudToken(cloud), FaultKind::Truncated, "oidc/token"),
        (
            Target::CloudToken(cloud),
            FaultKind::OauthError { error: "invalid_client".into(), description: String::new() },
            "oidc/token",
        ),
    ] {
        let world = world_of(&["oidc"], &[]).await;
        let shown = format!("{target:?} {kind:?}");
        tell(&world, target, kind);
        let response = match target {
            Target::CloudDiscovery(_) => {
                Browser::default().begin(&world.portico.base, "oidc", "").await
            }
            _ => sign_in(&world, "oidc").await,
        };
        assert!(response.status.as_u16() >= 400, "{shown}: {response:?}");
        let detail = detail(&world.portico, &response).await;
        let address = format!("{}{path}", world.emulator.http_url());
        assert!(detail.contains(&address) && !detail.contains("code="), "{shown}: {detail}");
    }
}
