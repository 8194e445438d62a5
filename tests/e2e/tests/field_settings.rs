//! What an operator writes, as people write it: with marks and line ends around it, misspelled, in
//! capitals, in another form. What a start can know it says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, World, personas, plugins, start_and_fail, world,
    world_of,
};
use reqwest::{
    Method, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, LOCATION},
};

async fn settings() -> (Emulator, tempfile::TempDir, Settings) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(&emulator, folder.path());
    (emulator, folder, settings)
}

/// What a start says that these settings stop: its exit code is the one of a wrong configuration.
async fn refused(variables: &[(&str, &[u8])]) -> String {
    let (_emulator, _folder, mut settings) = settings().await;
    for (name, value) in variables {
        settings.set_bytes(name.as_bytes(), value);
    }
    let (code, said) = start_and_fail(&settings).await;
    assert_eq!(code, Some(2), "{said}");
    said
}

async fn signs_in(portico: &Portico) {
    let mut browser = Browser::default();
    let end = browser.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(end.status, StatusCode::FOUND, "{end:?}\n{}", portico.log());
}

async fn warned(world: &World, text: &str) {
    world.portico.logged(|it| it.log().contains(text)).await;
}

#[tokio::test]
async fn secret_file_is_trimmed_of_bom_blanks_and_line_ends() {
    let (_emulator, folder, mut settings) = settings().await;
    let file = folder.path().join("secret");
    settings.unset("AZURE_CLIENT_SECRET");
    settings.set("AZURE_CLIENT_SECRET_FILE", file.to_str().unwrap());
    for (before, after) in [
        ("\u{feff}", ""),
        ("", "\r\n"),
        ("", " \t"),
        ("\u{feff}  ", "\r\n\r\n"),
        ("", "\u{a0}\n"),
        ("\u{200b}", "\u{200b}\n"),
    ] {
        let secret = personas::APPLICATION.client_secret;
        fs::write(&file, format!("{before}{secret}{after}")).unwrap();
        let portico = Portico::start(&settings).await;
        signs_in(&portico).await;
        portico.stop().await;
    }
}

#[tokio::test]
async fn variables_and_configuration_file_are_trimmed() {
    let (_emulator, folder, mut settings) = settings().await;
    let secret = personas::APPLICATION.client_secret;
    settings.set("AZURE_CLIENT_SECRET", &format!("\u{feff}{secret}\r"));
    settings.set("AZURE_TENANT_ID", "organizations\r\n");
    let file = "\u{feff}session_max = \"12h\"\r\n[azure]\r\nsubscriptions_as = \"user\"\r\n";
    fs::write(folder.path().join("portico.toml"), file).unwrap();
    let portico = Portico::start(&settings).await;
    signs_in(&portico).await;
}

#[tokio::test]
async fn malformed_secret_is_refused_by_name_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let utf_16: Vec<u8> = "hush-hush".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe][..], &utf_16].concat();
    for (bytes, why) in [
        (&b"hush\nhush"[..], "cannot be seen in its middle"),
        (b"hush\0hush", "cannot be seen in its middle"),
        ("hush\u{200b}hush".as_bytes(), "cannot be seen in its middle"),
        (b"\"hush-hush\"", "stands in quotes"),
        (b"hush-hush\xc1", "no text in UTF-8"),
        (&utf_16, "text in UTF-16: save it in UTF-8"),
        (&marked, "text in UTF-16: save it in UTF-8"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
    ] {
        fs::write(&file, bytes).unwrap();
        let path = file.to_str().unwrap().as_bytes();
        let said =
            refused(&[("AZURE_CLIENT_SECRET", b""), ("AZURE_CLIENT_SECRET_FILE", path)]).await;
        assert!(said.contains("AZURE_CLIENT_SECRET_FILE"), "{said}");
        assert!(said.contains(why) && !said.contains("hush"), "{why}: {said}");
    }
    for secret in [&b"hush\nhush"[..], b"'hush-hush'", b"hush-hush\xc1"] {
        let said = refused(&[("AZURE_CLIENT_SECRET", secret)]).await;
        assert!(said.contains("AZURE_CLIENT_SECRET") && !said.contains("hush"), "{said}");
    }
}

#[tokio::test]
async fn configuration_file_keeps_trailing_blank_of_a_secret() {
    let (emulator, folder, mut settings) = settings().await;
    settings.unset("AZURE_CLIENT_SECRET");
    let file = folder.path().join("portico.toml");
    let secret = personas::APPLICATION.client_secret;
    fs::write(&file, format!("[azure]\nclient_secret = \"\"\"{secret}\n\"\"\"")).unwrap();
    let portico = Portico::start(&settings).await;
    signs_in(&portico).await;
    portico.stop().await;

    fs::write(&file, format!("[azure]\nclient_secret = \"{secret} \"")).unwrap();
    let portico = Portico::start(&settings).await;
    emulator.clear_requests();
    let end = Browser::default().sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(end.code(), "registration_refused", "the blank was not sent: {end:?}");
}

#[tokio::test]
async fn foreign_variable_that_is_not_utf_8_is_ignored() {
    let (_emulator, _folder, mut settings) = settings().await;
    settings.set_bytes(b"LESSOPEN", b"\xc1\xff").set_bytes(b"\xc1\xff", b"text");
    settings.set_bytes(b"PS1_\xff", b"\xfe");
    let portico = Portico::start(&settings).await;
    signs_in(&portico).await;
}

#[tokio::test]
async fn own_variable_that_is_not_utf_8_is_refused_by_name() {
    for name in ["AZURE_TENANT_ID", "PORTICO_LISTEN", "PORTICO_CONFIG", "AZURE_CLIENT_SECRET_FILE"]
    {
        let said = refused(&[(name, b"hush\xc1")]).await;
        assert!(said.contains(&format!("{name} is no text in UTF-8")), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[tokio::test]
async fn misspelled_portico_variable_stops_start_with_suggestion() {
    for (name, meant) in [
        ("PORTICO_LISTN", "PORTICO_LISTEN"),
        ("PORTICO_PROVIDER", "PORTICO_PROVIDERS"),
        ("portico_store", "PORTICO_STORE"),
        ("PORTICO_LOG_LEVEL", "PORTICO_LOG"),
        ("PORTICO_DASHBOARD_URL", "DASHBOARD_URL"),
        ("PORTICO_TRUSTED_PROXY", "PORTICO_TRUSTED_PROXIES"),
        ("PORTICO_PORT", "PORTICO_LISTEN"),
    ] {
        let said = refused(&[(name, b"1")]).await;
        let fault = format!("{name} is no setting of Portico's: write {meant}, or unset it.");
        assert!(said.contains(&fault), "{said}");
    }
}

#[tokio::test]
async fn misspelled_required_variable_is_reported_missing_with_hint() {
    let secret = b"hush-hush-hush";
    let said = refused(&[("AZURE_CLIENT_SECRET", b""), ("AZURE_CLIENT_SECRT", secret)]).await;
    let hint = "AZURE_CLIENT_SECRT is set, which is no setting: write AZURE_CLIENT_SECRET.";
    assert!(said.contains("AZURE_CLIENT_SECRET is missing") && said.contains(hint), "{said}");
    assert!(!said.contains("hush"), "{said}");
    let said = refused(&[("AZURE_TENANT_ID", b""), ("AZURE_TENANTID", b"x")]).await;
    assert!(said.contains("AZURE_TENANTID is set, which is no setting"), "{said}");
}

#[tokio::test]
async fn possibly_misspelled_variable_is_only_warned_of() {
    let world = world_of(
        &["oidc"],
        &[
            ("PORTICO_HOME", "/srv"),
            ("DASHBORD_URL", "https://dashboard.example/"),
            ("AZURE_ALOWED_TENANTS", "x"),
            ("OIDC_SCOPE", "openid"),
            // Kubernetes writes these for a service that is called portico.
            ("PORTICO_SERVICE_HOST", "10.0.0.1"),
            ("PORTICO_PORT", "tcp://10.0.0.1:5000"),
            ("PORTICO_PORT_5000_TCP_ADDR", "10.0.0.1"),
        ],
    )
    .await;
    for warning in [
        "PORTICO_HOME is no setting of Portico's",
        "DASHBORD_URL is no setting of Portico's: DASHBOARD_URL is",
        "OIDC_SCOPE is no setting of oidc: OIDC_SCOPES is",
    ] {
        warned(&world, warning).await;
    }
    let log = world.portico.log();
    for silent in ["PORTICO_SERVICE_HOST", "PORTICO_PORT", "AZURE_ALOWED_TENANTS"] {
        assert!(!log.contains(silent), "{silent}: {log}");
    }
    signs_in(&world.portico).await;
}

#[tokio::test]
async fn unknown_configuration_key_stops_start_with_suggestion() {
    let (_emulator, folder, settings) = settings().await;
    for (file, fault) in [
        ("lisen = \"x\"", "lisen in portico.toml is no setting of Portico's: write listen, or"),
        (
            "PORTICO_LISTEN = \"x\"",
            "PORTICO_LISTEN in portico.toml is no setting of Portico's: write listen",
        ),
        (
            "[azure]\ntenantid = \"x\"",
            "azure.tenantid in portico.toml is no setting of Portico's: write azure.tenant_id",
        ),
        ("[provider.github]\nclient_id = \"x\"", "write providers.github.client_id, or remove it"),
        (
            "colour = \"red\"",
            "colour in portico.toml is no setting of Portico's: check its spelling",
        ),
    ] {
        fs::write(folder.path().join("portico.toml"), file).unwrap();
        let (code, said) = start_and_fail(&settings).await;
        assert!(code == Some(2) && said.contains(fault), "{fault}: {said}");
    }
}

#[tokio::test]
async fn log_filter_without_portico_level_is_refused() {
    for filter in ["verbose", "warning", "hyper=debug", "info,verbose", "portico=loud", "=="] {
        let said = refused(&[("PORTICO_LOG", filter.as_bytes())]).await;
        assert!(said.contains("PORTICO_LOG") && said.contains("warn, info, debug"), "{said}");
    }
    for filter in ["info", "INFO, hyper=warn", "warn,portico_http=info,portico=info"] {
        let world = world(&[("PORTICO_LOG", filter)]).await;
        signs_in(&world.portico).await;
    }
}

#[tokio::test]
async fn every_configured_dashboard_is_a_return_target_and_cors_origin() {
    let (first, second) = ("https://a.example/dashboard", "http://localhost:3000/");
    let world = world(&[("DASHBOARD_URL", &format!("{first}, {second}"))]).await;
    let base = &world.portico.base;
    for (asked, end) in [
        ("", first),
        ("https://a.example/costs", "https://a.example/costs"),
        ("http://localhost:3000/costs", "http://localhost:3000/costs"),
        ("https://b.example/", first),
    ] {
        let query = format!("login_hint={}&return_to={asked}", personas::ZOFIA.user_name);
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &query).await;
        let ended = browser.get(callback).await;
        assert_eq!(ended.headers[LOCATION], end, "{asked}");
    }
    for (origin, status) in [
        ("https://a.example", StatusCode::UNAUTHORIZED),
        ("http://localhost:3000", StatusCode::UNAUTHORIZED),
        ("https://b.example", StatusCode::FORBIDDEN),
    ] {
        let url = format!("{base}/api/session");
        let shape = |request: reqwest::RequestBuilder| request.header("origin", origin);
        let response = Browser::default().send(Method::GET, &url, shape).await;
        assert_eq!(response.status, status, "{origin}");
        let allowed =
            response.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|it| it.to_str().unwrap());
        assert_eq!(allowed, (status != StatusCode::FORBIDDEN).then_some(origin), "{origin}");
        let mut person = Browser::default();
        person.sign_in(base, personas::ZOFIA.user_name).await;
        let out = person.post(&format!("{base}/api/logout"), origin).await;
        assert_eq!(
            out.status == StatusCode::NO_CONTENT,
            status != StatusCode::FORBIDDEN,
            "{out:?}"
        );
    }
}

#[tokio::test]
async fn each_dashboard_url_in_list_is_validated() {
    let https = ("APP_BASE_URL", &b"https://portico.example"[..]);
    for (list, fault) in [
        (
            "https://a.portico.example/,http://b.portico.example/",
            "http://b.portico.example/ is plain http",
        ),
        ("https://a.portico.example/,", "write a whole URL"),
        ("https://a.portico.example/ https://b.portico.example/", "write a whole URL"),
        ("https://a.portico.example/,b.portico.example", "write a whole URL"),
    ] {
        let said = refused(&[https, ("DASHBOARD_URL", list.as_bytes())]).await;
        assert!(said.contains("DASHBOARD_URL") && said.contains(fault), "{said}");
    }
}

#[tokio::test]
async fn cross_site_dashboard_is_warned_of() {
    for (base, dashboards, far) in [
        (
            "https://portico.example.com",
            "https://dashboard.example.net/",
            Some("dashboard.example.net"),
        ),
        (
            "https://a.azurewebsites.net",
            "https://b.azurewebsites.net/",
            Some("b.azurewebsites.net"),
        ),
        (
            "https://portico.example.com",
            "https://example.com/,https://b.test/",
            Some("https://b.test/"),
        ),
        ("https://portico.example.com", "https://dashboard.example.com/", None),
        ("http://localhost:5000", "http://localhost:3000/dashboard", None),
    ] {
        let (_emulator, _folder, mut settings) = settings().await;
        settings.set("APP_BASE_URL", base).set("DASHBOARD_URL", dashboards);
        let portico = Portico::start(&settings).await;
        let said = portico.log();
        let warnings: Vec<_> =
            said.lines().filter(|line| line.contains("is of another site than Portico")).collect();
        assert_eq!(warnings.len(), usize::from(far.is_some()), "{base} {dashboards}: {said}");
        assert!(far.is_none_or(|far| warnings[0].contains(far)), "{warnings:?}");
    }
}

#[tokio::test]
async fn upper_case_guids_are_accepted_as_equal() {
    let (tenant, client) = (personas::CONTOSO.id, personas::APPLICATION.client_id);
    let (upper_tenant, upper_client) = (tenant.to_ascii_uppercase(), client.to_ascii_uppercase());
    assert_ne!((upper_tenant.as_str(), upper_client.as_str()), (tenant, client));
    for names in [&[][..], &["azure"]] {
        let world = world_of(
            names,
            &[
                ("AZURE_CLIENT_ID", &upper_client),
                ("AZURE_TENANT_ID", &upper_tenant),
                ("AZURE_ALLOWED_TENANTS", &upper_tenant),
            ],
        )
        .await;
        let base = &world.portico.base;
        let asked = format!("login_hint={}&tenant={upper_tenant}", personas::ZOFIA.user_name);
        for query in [portico_e2e::hint(personas::ZOFIA.user_name), asked] {
            let mut browser = Browser::default();
            let callback = browser.up_to_callback(base, &query).await;
            let end = browser.get(callback).await;
            assert_eq!(end.status, StatusCode::FOUND, "{names:?} {end:?}\n{}", world.portico.log());
            let session = browser.session(base).await.json();
            assert_eq!(session["accounts"][0]["tenantId"], tenant, "{names:?}");
        }
    }
}

#[tokio::test]
async fn guid_in_other_notation_is_refused_with_correction() {
    let guid = personas::CONTOSO.id;
    let right = format!("write it as {guid}");
    for written in [format!("{{{guid}}}"), guid.replace('-', ""), format!("urn:uuid:{guid}")] {
        for name in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_ALLOWED_TENANTS"] {
            let said = refused(&[(name, written.as_bytes())]).await;
            assert!(said.contains(name) && said.contains(&right), "{said}");
        }
    }
    let quoted = format!("\"{guid}\"");
    let said = refused(&[("AZURE_CLIENT_ID", quoted.as_bytes())]).await;
    assert!(said.contains("AZURE_CLIENT_ID stands in quotes"), "{said}");
}

#[tokio::test]
async fn tenant_domain_is_refused_with_url_of_its_id() {
    for name in ["AZURE_TENANT_ID", "AZURE_ALLOWED_TENANTS"] {
        for domain in ["contoso.onmicrosoft.com", "fabrikam.example"] {
            let said = refused(&[(name, domain.as_bytes())]).await;
            let where_to = format!(
                "https://login.microsoftonline.com/{domain}/v2.0/.well-known/openid-configuration"
            );
            assert!(said.contains(name) && said.contains(&where_to), "{said}");
        }
    }
    let said =
        refused(&[("AZURE_AUTHORITY_HOST", b"https://login.microsoftonline.com/x/v2.0")]).await;
    assert!(said.contains("which are https://login.microsoftonline.com"), "{said}");
}

/// What keeps this plug-in from being offered where these variables are other ones.
async fn kept_away(name: &str, variables: &[(&str, &str)]) -> String {
    let world = world_of(&[name], variables).await;
    let fault = |line: &serde_json::Value| line["fields"]["fault"].as_str().map(str::to_owned);
    world.portico.logged(|it| it.log_lines().iter().any(|line| fault(line).is_some())).await;
    let ready = Browser::default().get(format!("{}/readyz", world.portico.base)).await;
    assert_eq!(ready.json()["providerFaults"], 1, "{ready:?}");
    world.portico.log_lines().iter().find_map(fault).unwrap()
}

#[tokio::test]
async fn plug_in_without_client_secret_is_not_offered_and_names_variable() {
    for (plugin, variable) in [
        ("github", "GITHUB_CLIENT_SECRET"),
        ("oidc", "OIDC_CLIENT_SECRET"),
        ("google", "GOOGLE_CLIENT_SECRET"),
    ] {
        let fault = kept_away(plugin, &[(variable, "")]).await;
        assert!(
            fault.contains(&format!("{variable} is missing: write the client secret")),
            "{fault}"
        );
        assert!(fault.contains(&format!("{variable}_FILE")), "{fault}");
    }
}

#[tokio::test]
async fn plug_in_with_malformed_issuer_or_tenant_is_not_offered_with_suggestion() {
    let issuer = "https://idp.example/realms/x";
    for written in [
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{issuer}?tenant=a"),
        format!("{issuer}/.well-known/oauth-authorization-server"),
        format!("{issuer}#fragment"),
    ] {
        let fault = kept_away("oidc", &[("OIDC_ISSUER", &written)]).await;
        assert!(fault.contains("OIDC_ISSUER is") && fault.contains(&written), "{fault}");
        assert!(fault.contains(&format!("probably {issuer}.")), "{fault}");
    }
    let address = ("GITHUB_ALLOWED_TENANTS", "https://github.com/org");
    let fault = kept_away("github", &[address]).await;
    assert!(fault.contains(address.0) && fault.contains("write the host alone"), "{fault}");
}

#[tokio::test]
async fn allowed_tenant_that_cannot_match_is_warned_of() {
    for (plugin, variable, written) in [
        ("github", "GITHUB_ALLOWED_TENANTS", "my-company"),
        ("github", "GITHUB_ALLOWED_TENANTS", "github.com"),
        ("oidc", "OIDC_ALLOWED_TENANTS", "example.com"),
    ] {
        let world = world_of(&[plugin], &[(variable, written)]).await;
        warned(&world, "everybody of this cloud is of 127.0.0.1: write that").await;
        assert!(world.portico.log().contains(variable), "{}", world.portico.log());
    }
    let world = world_of(&["github"], &[("GITHUB_ALLOWED_TENANTS", "127.0.0.1")]).await;
    assert!(!world.portico.log().contains("everybody of this cloud"), "{}", world.portico.log());
}

#[tokio::test]
async fn key_file_with_bom_or_crlf_still_opens_sessions() {
    let first = world(&[]).await;
    let (base, mut browser) = (first.portico.base.clone(), Browser::default());
    browser.sign_in(&base, personas::ZOFIA.user_name).await;
    first.portico.stop().await;
    let file = key_file(first.folder.path());
    let key = fs::read_to_string(&file).unwrap();
    for edited in [format!("\u{feff}{key}"), format!("{}\r\n\r\n", key.trim())] {
        fs::write(&file, edited).unwrap();
        let portico = Portico::start(&first.settings).await;
        assert_eq!(browser.session(&base).await.status, StatusCode::OK);
        portico.stop().await;
    }
}

/// The key file of a store in this folder.
fn key_file(folder: &Path) -> std::path::PathBuf {
    let places = [folder.join("portico.keys"), folder.join("sessions/portico.keys")];
    places.into_iter().find(|file| file.exists()).unwrap()
}

#[test]
fn provider_command_ignores_foreign_variable_that_is_not_utf_8() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, process::Command};
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &[u8]| {
        Command::new(portico_e2e::program("portico"))
            .args(["provider", "list"])
            .env_clear()
            .env("PORTICO_PROVIDERS", folder.path().join("providers.d"))
            .env("PORTICO_STORE", "memory:")
            .env("PORTICO_KEYS", plugins::KEYS)
            .env("PORTICO_CONFIG", "")
            .env(OsStr::from_bytes(name), OsStr::from_bytes(b"\xc1"))
            .output()
            .unwrap()
    };
    assert!(run(b"FOREIGN").status.success());
    assert_eq!(run(b"PORTICO_LISTEN").status.code(), Some(2));
}
