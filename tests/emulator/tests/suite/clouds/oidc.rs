//! The generic OpenID provider: environments paged by links, client authentication by header, logout.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{access_token, code_request};
use crate::support::{RelyingParty, claims};

const OIDC: Cloud = Cloud::Oidc;

#[tokio::test]
async fn oidc_environments_are_paged_by_two() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(OIDC, &ZOFIA).await;
    let (mut url, mut keys) = (Some(rp.listing(OIDC)), Vec::new());
    while let Some(next) = url {
        let page = rp.call(OIDC, &next, access_token(&tokens)).send().await.unwrap();
        let page: Value = page.json().await.unwrap();
        keys.extend(page["items"].as_array().unwrap().iter().map(|one| one["key"].clone()));
        url = page["next"].as_str().map(str::to_owned);
    }
    let expected: Vec<_> = ZOFIA.accounts.oidc.environments.iter().map(|one| one.key).collect();
    assert_eq!(keys, expected);
    let tokens = rp.cloud_sign_in(OIDC, &AMARA).await;
    let none = rp.call_json(OIDC, "/api/environments", access_token(&tokens)).await;
    assert_eq!(none, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn oidc_environments_require_token() {
    let rp = RelyingParty::new().await;
    let response = rp.http.get(rp.listing(OIDC)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let response = rp.call(OIDC, &rp.listing(OIDC), "nonsense").send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn oidc_token_endpoint_authenticates_client_by_basic_header() {
    let rp = RelyingParty::new().await;
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for (secret, expected) in [("wrong", 401), (OIDC.client().client_secret, 200)] {
        let mut form = code_request(OIDC, &rp.cloud_code(OIDC, &ZOFIA).await);
        form.remove("client_id");
        form.remove("client_secret");
        let request = rp.cloud_token_request(OIDC, &form);
        let request = request.basic_auth(OIDC.client().client_id, Some(encode(secret)));
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
}

#[rstest]
#[case::email("openid email", "email", "name")]
#[case::profile("openid profile", "preferred_username", "email")]
#[tokio::test]
async fn oidc_id_token_claims_follow_scopes(
    #[case] scope: &str,
    #[case] present: &str,
    #[case] absent: &str,
) {
    let rp = RelyingParty::new().await;
    let mut request = rp.cloud_request(OIDC, &ZOFIA);
    request.insert("scope".to_owned(), scope.to_owned());
    let code = rp.cloud_callback(OIDC, &request).await["code"].clone();
    let (_, tokens) = rp.cloud_token(OIDC, &code_request(OIDC, &code)).await;
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert!(id.get(present).is_some() && id.get(absent).is_none(), "{id}");
}

#[tokio::test]
async fn oidc_logout_redirects_to_loopback_only() {
    let rp = RelyingParty::new().await;
    let query = "post_logout_redirect_uri=http://localhost:9/bye&state=s";
    let back = rp.get(&format!("oidc/logout?{query}")).await;
    assert_eq!(
        (back.status().as_u16(), &back.headers()["location"]),
        (302, &"http://localhost:9/bye?state=s".parse().unwrap())
    );
    let page = rp.get("oidc/logout?post_logout_redirect_uri=https://evil.example/").await;
    assert_eq!(page.status(), 200);
}
