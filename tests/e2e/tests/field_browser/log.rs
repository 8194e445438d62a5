//! Log lines of logins, logouts and refusals: person, address, outcome, check.

mod failures;

use portico_e2e::{
    Browser, Fault, FaultKind, Response, Target, World, hint, personas, world, world_with_plugins,
};
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::Value;

/// The fields of the one log line of this response, warnings excepted.
async fn line(world: &World, response: &Response) -> Value {
    let correlation = response.headers["x-correlation-id"].to_str().unwrap();
    let mut lines = world.portico.failure(correlation).await;
    lines.retain(|line| line["fields"]["warning"].is_null());
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)["fields"].clone()
}

fn assert_fields(fields: &Value, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(fields[name].as_str(), Some(*value), "{name} in {fields}");
    }
}

/// Asserts that a log line contains no name or e-mail address of a person.
fn assert_no_names(fields: &Value) {
    let text = fields.to_string();
    for person in [&personas::ZOFIA, &personas::AMARA, &personas::HARUKI] {
        for name in [person.name, person.user_name] {
            assert!(!text.contains(name), "{name} is in {text}");
        }
    }
}

#[tokio::test]
async fn successful_login_has_one_log_line_with_person_address_and_duration() {
    let world = world(&[]).await;
    for person in [&personas::ZOFIA, &personas::HARUKI] {
        let response = Browser::default().sign_in(&world.portico.base, person.user_name).await;
        assert_eq!(response.status, StatusCode::FOUND);
        let fields = line(&world, &response).await;
        let home = person.home();
        assert_fields(
            &fields,
            &[
                ("message", "login ended"),
                ("outcome", "signed_in"),
                ("provider", "azure"),
                ("subject", home.oid),
                ("tenant", home.tenant.id),
                ("address", "127.0.0.1"),
            ],
        );
        assert!(fields["milliseconds"].is_u64(), "{fields}");
        assert_no_names(&fields);
    }
}

#[tokio::test]
async fn decision_and_plug_in_login_each_have_a_log_line() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let redirect = browser.begin(base, "oidc", &hint(personas::ZOFIA.user_name)).await;
    let callback = browser.get(redirect.location()).await.location();
    let fields = line(&world, &browser.get(callback).await).await;
    assert_fields(
        &fields,
        &[("provider", "oidc"), ("outcome", "signed_in"), ("address", "127.0.0.1")],
    );
    assert!(!fields["subject"].as_str().unwrap().is_empty());

    browser.set_login_headers(&[("sec-fetch-site", "cross-site")]);
    let callback = browser.up_to_callback(base, &hint(personas::HARUKI.user_name)).await;
    let fields = line(&world, &browser.get(callback).await).await;
    assert_fields(&fields, &[("provider", "azure"), ("outcome", "asked")]);
    assert_fields(&fields, &[("subject", personas::HARUKI.home().oid)]);

    let page = browser.get(format!("{base}/decide")).await;
    let label = page.body.split_once("name=\"login\" value=\"").unwrap().1;
    let body = format!("login={}&choice=connect", label.split('"').next().unwrap());
    let form = |request: reqwest::RequestBuilder| request.header("origin", base).body(body);
    let response = browser.send(Method::POST, &format!("{base}/decide"), form).await;
    let fields = line(&world, &response).await;
    assert_fields(
        &fields,
        &[("message", "login ended"), ("outcome", "connected"), ("provider", "azure")],
    );
    assert_fields(&fields, &[("subject", personas::HARUKI.home().oid), ("address", "127.0.0.1")]);
}

#[tokio::test]
async fn logout_has_one_log_line_with_person_and_session_count() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let url = format!("{base}/api/logout");
    let mut browsers = [(); 3].map(|()| Browser::default());
    for browser in &mut browsers {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
    }
    let [mut one, mut all, mut gone] = browsers;
    for (browser, body, sessions) in
        [(&mut one, "", 1), (&mut all, r#"{"everywhere": true}"#, 2), (&mut gone, "", 0)]
    {
        let shape = |request: reqwest::RequestBuilder| request.header("origin", base).body(body);
        let response = browser.send(Method::POST, &url, shape).await;
        let fields = line(&world, &response).await;
        assert_fields(&fields, &[("message", "logout"), ("address", "127.0.0.1")]);
        assert_eq!(fields["sessions"], sessions, "{fields}");
        assert_eq!(fields["everywhere"], !body.is_empty(), "{fields}");
        assert!(fields["milliseconds"].is_u64(), "{fields}");
        if sessions == 0 {
            assert_fields(&fields, &[("outcome", "nothing_ended")]);
            continue;
        }
        assert_fields(
            &fields,
            &[
                ("outcome", "signed_out"),
                ("provider", "azure"),
                ("subject", personas::ZOFIA.home().oid),
                ("tenant", personas::CONTOSO.id),
            ],
        );
        assert_no_names(&fields);
    }
}

#[tokio::test]
async fn every_shown_warning_is_logged_with_its_person() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for kind in [
        FaultKind::Status { code: 403, retry_after: None },
        FaultKind::Status { code: 500, retry_after: None },
        FaultKind::NextLinkCircle,
        FaultKind::Close,
    ] {
        world.emulator.fault(Fault::always(Target::Subscriptions, kind.clone()));
        let mut browser = Browser::default();
        let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
        world.emulator.clear_faults();
        let correlation = response.headers["x-correlation-id"].to_str().unwrap();
        let session = browser.session(base).await.json();
        let seen = session["accounts"][0]["warnings"].as_array().unwrap().clone();
        assert!(!seen.is_empty(), "{kind:?}: {session}");
        world
            .portico
            .logged(|portico| {
                let lines = portico.log_lines();
                let fields = lines.iter().map(|line| &line["fields"]);
                let mine: Vec<_> = fields.filter(|it| it["correlation"] == correlation).collect();
                seen.iter().all(|warning| {
                    mine.iter().any(|it| {
                        it["warning"] == *warning
                            && it["subject"] == personas::ZOFIA.home().oid
                            && it["tenant"] == personas::CONTOSO.id
                            && it["provider"] == "azure"
                            && it["address"] == "127.0.0.1"
                    })
                })
            })
            .await;
    }
}
