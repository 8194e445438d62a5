//! Which token a request carries.

use super::*;

#[tokio::test]
async fn run_sends_each_principals_own_token() {
    let mut doubles = doubles::Provider::silent();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = sent.clone();
    doubles.api.expect_fetch().returning(move |fetch| {
        let token = fetch.token.unwrap().0.expose().to_owned();
        log.lock().unwrap().push(token.clone());
        Ok(reply("listed"))
    });
    doubles
        .identity
        .expect_application_token()
        .times(1)
        .withf(|sign_in, scopes| {
            sign_in.issuer().as_str() == samples::issuer("contoso")
                && scopes == ["https://cloud.example/.default"]
        })
        .returning(|_, _| Ok(AccessToken::new("applications-token")));
    let requests = vec![
        request(1, "https://cloud.example/list/a", Some("as-application")),
        request(2, "https://cloud.example/list/b", Some("as-user")),
        request(3, "https://cloud.example/list/c", Some("as-application")),
    ];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    // The person's request does not wait for the application's token.
    let tokens = ["persons-token", "applications-token", "applications-token"];
    assert_eq!(*sent.lock().unwrap(), tokens);
    assert_eq!(outcomes(&responses), vec![Ok("listed".to_owned()); 3]);
}

#[tokio::test]
async fn run_withholds_a_response_with_any_token_of_the_listing() {
    let mut doubles = doubles::Provider::silent();
    let token = |_: &_, _: &_| Ok(AccessToken::new("applications-token"));
    doubles.identity.expect_application_token().returning(token);
    doubles.api.expect_fetch().returning(|fetch| {
        let body = fetch.request.url.query().unwrap();
        let header = fetch.request.url.fragment().unwrap_or_default();
        Ok(Reply { headers: vec![("link".into(), header.into())], ..reply(body) })
    });
    let get = |id, echo: &str, permission| {
        request(id, &format!("https://cloud.example/list?{echo}"), permission)
    };
    let requests = vec![
        get(1, "persons-token", Some("as-user")),
        // Under another token, without one, encoded, in a header.
        get(2, "persons-token", Some("as-application")),
        get(3, "persons-token", None),
        get(4, "%61pplications-token", None),
        get(5, "a#YXBwbGljYXRpb25zLXRva2Vu", Some("as-user")),
        get(6, "nothing#of-the-kind", Some("as-user")),
    ];
    let (responses, listed) = ask_once(doubles, ListingBudget::default(), requests).await;
    let mut expected = vec![Err(FetchError::Refused); 5];
    expected.push(Ok("nothing".to_owned()));
    assert_eq!(outcomes(&responses), expected);
    for incident in &listed.incidents {
        assert_eq!(incident.what, "https://cloud.example/list");
        assert!(incident.why.starts_with("echoed_token"), "{incident:?}");
    }
    assert_eq!(listed.incidents.len(), 5);
}

#[tokio::test]
async fn run_sends_an_application_token_under_its_own_permission_only() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .times(2)
        .returning(|_, scopes| Ok(AccessToken::new(format!("token for {}", scopes[0]))));
    doubles.api.expect_fetch().times(3).returning(|fetch| {
        let host = fetch.request.url.host_str().unwrap();
        let expected = format!("token for https://{host}/.default");
        assert_eq!(fetch.token.unwrap().0.expose(), expected);
        Ok(reply("listed"))
    });
    let requests = vec![
        request(1, "https://cloud.example/list/a", Some("as-application")),
        request(2, "https://elsewhere.example/list/b", Some("elsewhere-as-application")),
        request(3, "https://cloud.example/list/c", Some("as-application")),
    ];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Ok("listed".to_owned()); 3]);
}

/// A request under `permission` in another tenant than the one signed in to.
fn in_tenant(permission: &str, tenant: &str) -> Request {
    let tenant = TenantId::parse(tenant).ok();
    let credential = Some(Credential { permission: permission.into(), tenant });
    Request { credential, ..request(1, "https://cloud.example/list", None) }
}

#[tokio::test]
async fn run_uses_the_application_token_of_another_allowed_tenant() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .times(1)
        .withf(|sign_in, _| sign_in.issuer().as_str() == samples::issuer("fabrikam"))
        .returning(|_, _| Ok(AccessToken::new("fabrikams")));
    doubles.api.expect_fetch().times(1).returning(|_| Ok(reply("listed")));
    let requests = vec![in_tenant("as-application", "fabrikam")];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Ok("listed".to_owned())]);
}

#[tokio::test]
async fn run_sends_no_token_to_a_tenant_that_is_not_allowed_nor_the_persons_to_another() {
    let requests = vec![in_tenant("as-application", "evil"), in_tenant("as-user", "fabrikam")];
    let (responses, listed) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Err(FetchError::NoToken); 2]);
    assert!(listed.incidents[0].why.contains("evil is not allowed"));
}

#[tokio::test]
async fn run_reports_a_missing_application_token_to_the_provider_and_the_log() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .returning(|_, _| Err(IdentityProviderError::TimedOut("token endpoint".into())));
    let requests = vec![request(1, "https://cloud.example/list", Some("as-application"))];
    let (responses, listed) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::NoToken)]);
    assert!(listed.incidents[0].why.contains("token endpoint"));
}
