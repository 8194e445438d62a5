//! GitHub: forms unless asked for JSON, numbers for ids, and pages by `Link`.

use portico_emulator::Cloud;
use portico_emulator::personas::{HARUKI, ZOFIA};
use serde_json::{Value, json};

use super::support::{access, redemption};
use crate::support::{Fields, Party};

const GITHUB: Cloud = Cloud::GitHub;

#[tokio::test]
async fn a_token_comes_as_a_form_unless_json_is_asked_for() {
    let party = Party::new().await;
    let code = party.cloud_code(GITHUB, &ZOFIA).await;
    let url = party.at(GITHUB, "/login/oauth/access_token");
    let request = party.http.post(&url).form(&redemption(GITHUB, &code));
    let body = request.send().await.unwrap().text().await.unwrap();
    let form: Fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert!(form["access_token"].starts_with("gho_") && form["access_token"].len() == 40);
    assert_eq!((&*form["scope"], &*form["token_type"]), ("read:user,read:org", "bearer"));

    let mut fields = redemption(GITHUB, &party.cloud_code(GITHUB, &ZOFIA).await);
    fields.remove("grant_type");
    fields.remove("redirect_uri");
    let (status, tokens) = party.cloud_token(GITHUB, &fields).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("bearer")));
    assert!(tokens.get("refresh_token").is_none() && tokens.get("expires_in").is_none());
}

#[tokio::test]
async fn a_user_has_a_number_and_an_address_that_proves_nothing() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITHUB, &ZOFIA).await;
    let zofia = party.call_json(GITHUB, "/api/user", access(&tokens)).await;
    assert_eq!((&zofia["id"], &zofia["login"]), (&json!(583231), &json!("zofia-nowak")));
    let tokens = party.cloud_sign_in(GITHUB, &HARUKI).await;
    let haruki = party.call_json(GITHUB, "/api/user", access(&tokens)).await;
    assert_eq!(haruki["email"], zofia["email"]);
    assert_ne!(haruki["id"], zofia["id"]);
}

#[tokio::test]
async fn five_organizations_come_in_pages_of_two_two_and_one() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITHUB, &ZOFIA).await;
    let mut url = format!("{}?per_page=100", party.listing(GITHUB));
    let mut logins = Vec::new();
    for expected in [2, 2, 1] {
        let response = party.call(GITHUB, &url, access(&tokens)).send().await.unwrap();
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
async fn the_api_wants_a_user_agent_a_token_and_a_scope() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITHUB, &ZOFIA).await;
    let url = party.at(GITHUB, "/api/user");
    let request = party.http.get(&url).bearer_auth(access(&tokens));
    assert_eq!(request.send().await.unwrap().status(), 403);
    let request = party.http.get(&url).header("user-agent", "portico");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["message"], "Requires authentication");

    let mut request = party.cloud_request(GITHUB, &ZOFIA);
    request.insert("scope".to_owned(), "read:user".to_owned());
    let code = party.cloud_callback(GITHUB, &request).await["code"].clone();
    let (_, tokens) = party.cloud_token(GITHUB, &redemption(GITHUB, &code)).await;
    assert_eq!(party.listing_status(GITHUB, access(&tokens)).await, 403);
}
