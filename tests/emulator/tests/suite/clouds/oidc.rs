//! The generic provider: environments by links, client authentication by header, logout.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use serde_json::{Value, json};

use super::support::{access, redemption};
use crate::support::{Party, claims};

const OIDC: Cloud = Cloud::Oidc;

#[tokio::test]
async fn five_environments_come_in_pages_of_two_two_and_one() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(OIDC, &ZOFIA).await;
    let (mut url, mut keys) = (Some(party.listing(OIDC)), Vec::new());
    while let Some(next) = url {
        let page = party.call(OIDC, &next, access(&tokens)).send().await.unwrap();
        let page: Value = page.json().await.unwrap();
        keys.extend(page["items"].as_array().unwrap().iter().map(|one| one["key"].clone()));
        url = page["next"].as_str().map(str::to_owned);
    }
    let expected: Vec<_> = ZOFIA.accounts.oidc.environments.iter().map(|one| one.key).collect();
    assert_eq!(keys, expected);
    let tokens = party.cloud_sign_in(OIDC, &AMARA).await;
    let none = party.call_json(OIDC, "/api/environments", access(&tokens)).await;
    assert_eq!(none, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn environments_need_a_token() {
    let party = Party::new().await;
    let response = party.http.get(party.listing(OIDC)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let response = party.call(OIDC, &party.listing(OIDC), "nonsense").send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn the_application_may_prove_itself_by_header() {
    let party = Party::new().await;
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for (secret, expected) in [("wrong", 401), (OIDC.client().client_secret, 200)] {
        let mut form = redemption(OIDC, &party.cloud_code(OIDC, &ZOFIA).await);
        form.remove("client_id");
        form.remove("client_secret");
        let request = party.cloud_token_request(OIDC, &form);
        let request = request.basic_auth(OIDC.client().client_id, Some(encode(secret)));
        assert_eq!(request.send().await.unwrap().status(), expected);
    }
}

#[tokio::test]
async fn scopes_decide_which_claims_come() {
    let party = Party::new().await;
    let mut request = party.cloud_request(OIDC, &ZOFIA);
    for (scope, claim, other) in
        [("openid email", "email", "name"), ("openid profile", "preferred_username", "email")]
    {
        request.insert("scope".to_owned(), scope.to_owned());
        let code = party.cloud_callback(OIDC, &request).await["code"].clone();
        let (_, tokens) = party.cloud_token(OIDC, &redemption(OIDC, &code)).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert!(id.get(claim).is_some() && id.get(other).is_none(), "{scope}: {id}");
    }
}

#[tokio::test]
async fn logout_leads_back_to_this_machine_and_nowhere_else() {
    let party = Party::new().await;
    let query = "post_logout_redirect_uri=http://localhost:9/bye&state=s";
    let back = party.get(&format!("oidc/logout?{query}")).await;
    assert_eq!(
        (back.status().as_u16(), &back.headers()["location"]),
        (302, &"http://localhost:9/bye?state=s".parse().unwrap())
    );
    let page = party.get("oidc/logout?post_logout_redirect_uri=https://evil.example/").await;
    assert_eq!(page.status(), 200);
}
