//! Settings that do not fit the provider are reported as such, with the setting to change.

use portico_e2e::{
    Browser, Cloud, FaultKind, Target, World, assert_refused, personas, world, world_with_plugins,
};
use rstest::rstest;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{assert_misconfigured, assert_signs_in, detail, inject, member, restarted, sign_in};

/// A web server with given pages.
pub(crate) struct Pages {
    /// The base URL.
    pub(crate) base: String,
}

impl Pages {
    /// `page` returns content type and body for the base URL and a path, or `None` for 404.
    pub(crate) async fn start(
        page: impl Fn(&str, &str) -> Option<(&'static str, String)> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let own = base.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let (mut request_line, mut line) = (String::new(), String::new());
                stream.read_line(&mut request_line).await.unwrap();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).await.unwrap();
                }
                let path = request_line.split(' ').nth(1).unwrap_or_default();
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

/// The `oidc` plug-in with this issuer, made from the emulator's URL.
async fn with_issuer(issuer: impl Fn(&str) -> String) -> (World, String) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let root = world.emulator.http_url().to_string();
    let issuer = issuer(&root);
    (restarted(world, "OIDC_ISSUER", &issuer).await, issuer)
}

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[rstest]
// An issuer that includes the path of the document is refused when the plug-in is loaded.
#[case::version("oidc/v2")]
#[case::realm("oidc/realms/portico")]
#[case::endpoint("oidc/authorize")]
#[tokio::test]
async fn login_with_wrong_issuer_logs_requested_url_and_suggestion(#[case] wrong: &str) {
    let (world, issuer) = with_issuer(|root| format!("{root}{wrong}")).await;
    let requested = format!("{issuer}{DOCUMENT}");
    let suggestion = format!("OIDC_ISSUER={}oidc", world.emulator.http_url());
    let texts = ["discovery_absent", &requested, "answered 404", &suggestion];
    assert_misconfigured(&world.portico, "oidc", &texts).await;
}

#[tokio::test]
async fn login_with_wrong_issuer_and_no_suggestion_logs_the_setting() {
    let (world, issuer) = with_issuer(|root| format!("{root}nothing/here")).await;
    let texts = ["discovery_absent", &format!("{issuer}{DOCUMENT}"), "set OIDC_ISSUER to"];
    assert_misconfigured(&world.portico, "oidc", &texts).await;
}

#[rstest]
#[case::page_below_issuer("/realm/account", Some("/realm"))]
#[case::page_two_segments_below_issuer("/realm/account/login", Some("/realm"))]
#[case::page_of_no_issuer("/welcome", None)]
#[tokio::test]
async fn html_instead_of_discovery_document_is_logged_as_web_page(
    #[case] wrong: &str,
    #[case] right: Option<&str>,
) {
    let pages = Pages::start(|base, path| match path {
        "/realm/.well-known/openid-configuration" => {
            let issuer = serde_json::json!({ "issuer": format!("{base}/realm") });
            Some(("application/json", issuer.to_string()))
        }
        _ => Some(("text/html; charset=utf-8", "<!doctype html><p>Welcome".to_owned())),
    });
    let pages = pages.await;
    let (world, issuer) = with_issuer(|_| format!("{}{wrong}", pages.base)).await;
    let suggestion = match right {
        Some(path) => format!("set OIDC_ISSUER={}{path}", pages.base),
        None => "set OIDC_ISSUER to the issuer".to_owned(),
    };
    let texts = ["is a web page", &format!("{issuer}{DOCUMENT}"), &suggestion];
    assert_misconfigured(&world.portico, "oidc", &texts).await;
}

const CHINA: &str = "https://login.partner.microsoftonline.cn";

#[rstest]
#[case::many_tenants_in_china("organizations", CHINA, "{tenantid}")]
#[case::one_tenant_in_china(personas::CONTOSO.id, CHINA, personas::CONTOSO.id)]
#[case::external_tenant(
    personas::CONTOSO.id,
    &format!("https://{}.ciamlogin.com", personas::CONTOSO.id),
    personas::CONTOSO.id
)]
#[tokio::test]
async fn issuer_of_alias_host_is_logged_with_setting_to_change(
    #[case] tenant_id: &str,
    #[case] authority: &str,
    #[case] tenant_of_issuer: &str,
) {
    let issuer = format!("{authority}/{tenant_of_issuer}/v2.0");
    let world = world(&[("AZURE_TENANT_ID", tenant_id)]).await;
    inject(&world, Target::Discovery, member("issuer", issuer.as_str()));
    let requested = format!("{}{tenant_id}/v2.0{DOCUMENT}", world.emulator.http_url());
    let setting = format!("AZURE_AUTHORITY_HOST={authority}");
    let texts = ["discovery_issuer", &requested, &issuer, &setting];
    assert_misconfigured(&world.portico, "azure", &texts).await;
    world.emulator.clear_faults();
    assert_signs_in(&world, "azure").await;
}

#[tokio::test]
async fn other_issuer_of_plug_in_is_logged_with_setting_to_change() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let issuer = "https://id.example.com/realms/portico";
    inject(&world, Target::CloudDiscovery(Cloud::Oidc), member("issuer", issuer));
    assert_misconfigured(&world.portico, "oidc", &[&format!("OIDC_ISSUER={issuer}")]).await;
}

#[tokio::test]
async fn unknown_tenant_is_logged_with_its_settings() {
    let unknown = "00000000-1111-4222-8333-444444444444";
    let world = world(&[("AZURE_TENANT_ID", unknown)]).await;
    let requested = format!("{}{unknown}/v2.0{DOCUMENT}", world.emulator.http_url());
    let texts = ["answered 400", &requested, "AZURE_AUTHORITY_HOST, AZURE_TENANT_ID"];
    assert_misconfigured(&world.portico, "azure", &texts).await;
}

#[rstest]
#[case::ten_minutes_of_azure("azure", 600)]
#[case::five_minutes_of_plug_in("oidc", 300)]
#[case::over_a_day_of_azure("azure", 90_000)]
#[tokio::test]
async fn clock_difference_is_refused_and_logged_in_seconds(
    #[case] provider: &str,
    #[case] seconds: i64,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    inject(&world, Target::Token, FaultKind::Clock { seconds });
    let response = sign_in(&world, provider).await;
    assert_refused(&response, 502, "clock_differs");
    assert!(response.json()["error"].as_str().unwrap().contains("clock"), "{response:?}");
    let detail = detail(&world.portico, &response).await;
    let (_, logged) = detail.split_once("the provider's clock is ").unwrap();
    let logged: i64 = logged.split(' ').next().unwrap().parse().unwrap();
    // The provider and Portico read their clocks one after the other.
    assert!((seconds - 5..=seconds + 5).contains(&logged), "{detail}");
    assert!(detail.contains("id_token_issued_at") && detail.contains("Date"), "{detail}");
}

const OIDC_DISCOVERY: Target = Target::CloudDiscovery(Cloud::Oidc);
const OIDC_KEYS: Target = Target::CloudKeys(Cloud::Oidc);
const OIDC_TOKEN: Target = Target::CloudToken(Cloud::Oidc);
const STATUS_500: FaultKind = FaultKind::Status { code: 500, retry_after: None };

fn invalid_client() -> FaultKind {
    FaultKind::OauthError { error: "invalid_client".into(), description: String::new() }
}

#[rstest]
#[case::discovery_status_500(OIDC_DISCOVERY, STATUS_500, "oidc/.well-known/openid-configuration")]
#[case::discovery_closed(OIDC_DISCOVERY, FaultKind::Close, "oidc/.well-known/openid-configuration")]
#[case::discovery_garbage(
    OIDC_DISCOVERY,
    FaultKind::Garbage,
    "oidc/.well-known/openid-configuration"
)]
#[case::keys_status_500(OIDC_KEYS, STATUS_500, "oidc/keys")]
#[case::keys_garbage(OIDC_KEYS, FaultKind::Garbage, "oidc/keys")]
#[case::token_status_500(OIDC_TOKEN, STATUS_500, "oidc/token")]
#[case::token_garbage(OIDC_TOKEN, FaultKind::Garbage, "oidc/token")]
#[case::token_truncated(OIDC_TOKEN, FaultKind::Truncated, "oidc/token")]
#[case::token_invalid_client(OIDC_TOKEN, invalid_client(), "oidc/token")]
#[tokio::test]
async fn every_provider_failure_logs_the_requested_url(
    #[case] target: Target,
    #[case] kind: FaultKind,
    #[case] path: &str,
) {
    let world = world_with_plugins(&["oidc"], &[]).await;
    inject(&world, target, kind);
    let response = match target {
        OIDC_DISCOVERY => Browser::default().begin(&world.portico.base, "oidc", "").await,
        _ => sign_in(&world, "oidc").await,
    };
    assert!(response.status.as_u16() >= 400, "{response:?}");
    let detail = detail(&world.portico, &response).await;
    let url = format!("{}{path}", world.emulator.http_url());
    assert!(detail.contains(&url) && !detail.contains("code="), "{detail}");
}
