//! GitHub: form responses unless JSON is accepted, numeric ids, and pages by `Link`.

use portico_emulator::Cloud;
use portico_emulator::personas::{HARUKI, ZOFIA};
use serde_json::{Value, json};

use super::support::{access_token, code_request};
use crate::support::{Fields, RelyingParty};

const GITHUB: Cloud = Cloud::GitHub;

#[tokio::test]
async fn github_token_response_is_form_unless_json_is_accepted() {
    let rp = RelyingParty::new().await;
    let code = rp.cloud_code(GITHUB, &ZOFIA).await;
    let url = rp.at(GITHUB, "/login/oauth/access_token");
    let request = rp.http.post(&url).form(&code_request(GITHUB, &code));
    let body = request.send().await.unwrap().text().await.unwrap();
    let form: Fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert!(form["access_token"].starts_with("gho_") && form["access_token"].len() == 40);
    assert_eq!((&*form["scope"], &*form["token_type"]), ("read:user,read:org", "bearer"));

    let mut fields = code_request(GITHUB, &rp.cloud_code(GITHUB, &ZOFIA).await);
    fields.remove("grant_type");
    fields.remove("redirect_uri");
    let (status, tokens) = rp.cloud_token(GITHUB, &fields).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("bearer")));
    assert!(tokens.get("refresh_token").is_none() && tokens.get("expires_in").is_none());
}

#[tokio::test]
async fn github_users_with_same_email_have_different_ids() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITHUB, &ZOFIA).await;
    let zofia = rp.call_json(GITHUB, "/api/user", access_token(&tokens)).await;
    assert_eq!((&zofia["id"], &zofia["login"]), (&json!(583231), &json!("zofia-nowak")));
    let tokens = rp.cloud_sign_in(GITHUB, &HARUKI).await;
    let haruki = rp.call_json(GITHUB, "/api/user", access_token(&tokens)).await;
    assert_eq!(haruki["email"], zofia["email"]);
    assert_ne!(haruki["id"], zofia["id"]);
}

#[tokio::test]
async fn github_organizations_are_paged_by_two() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITHUB, &ZOFIA).await;
    let mut url = format!("{}?per_page=100", rp.listing(GITHUB));
    let mut logins = Vec::new();
    for expected in [2, 2, 1] {
        let response = rp.call(GITHUB, &url, access_token(&tokens)).send().await.unwrap();
        let link = response.headers()["link"].to_str().unwrap().to_owned();
        let page: Vec<Value> = response.json().await.unwrap();
        assert_eq!(page.len(), expected);
        logins.extend(page.iter().map(|one| one["login"].as_str().unwrap().to_owned()));
        let next = link.split(", ").find_map(|link| link.strip_suffix("; rel=\"next\""));
        match next {
            Some(next) => next.trim_matches(['<', '>']).clone_into(&mut url),
            None => assert!(link.contains("rel=\"prev\"") && expected == 1),
        }
    }
    let own = ZOFIA.accounts.github.organizations;
    assert_eq!(logins, own.iter().map(|one| one.login).collect::<Vec<_>>());
}

#[tokio::test]
async fn github_api_requires_user_agent_token_and_scope() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITHUB, &ZOFIA).await;
    let url = rp.at(GITHUB, "/api/user");
    let request = rp.http.get(&url).bearer_auth(access_token(&tokens));
    assert_eq!(request.send().await.unwrap().status(), 403);
    let request = rp.http.get(&url).header("user-agent", "portico");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["message"], "Requires authentication");

    let mut request = rp.cloud_request(GITHUB, &ZOFIA);
    request.insert("scope".to_owned(), "read:user".to_owned());
    let code = rp.cloud_callback(GITHUB, &request).await["code"].clone();
    let (_, tokens) = rp.cloud_token(GITHUB, &code_request(GITHUB, &code)).await;
    assert_eq!(rp.listing_status(GITHUB, access_token(&tokens)).await, 403);
}
