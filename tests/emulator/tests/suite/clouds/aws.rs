//! AWS: JSON at the token endpoint, a header of its own at the portal.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use serde_json::{Value, json};

use super::support::{access, redemption};
use crate::support::Party;

const AWS: Cloud = Cloud::Aws;

#[tokio::test]
async fn tokens_come_in_camel_case_and_without_an_id_token() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(AWS, &ZOFIA).await;
    assert_eq!((&tokens["tokenType"], &tokens["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert!(tokens["accessToken"].is_string() && tokens["refreshToken"].is_string());
    assert!(tokens.get("idToken").is_none() && tokens.get("id_token").is_none());
}

#[tokio::test]
async fn errors_name_their_exception() {
    let party = Party::new().await;
    let request = party.cloud_token_request(AWS, &redemption(AWS, "forged"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidGrantException");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "invalid_grant");
    let form = party.http.post(party.at(AWS, "/token")).form(&redemption(AWS, "forged"));
    let body: Value = form.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["error"], "invalid_request");
}

#[tokio::test]
async fn a_sign_in_needs_pkce() {
    let party = Party::new().await;
    let mut request = party.cloud_request(AWS, &ZOFIA);
    request.remove("code_challenge");
    assert_eq!(party.cloud_callback(AWS, &request).await["error"], "invalid_request");
}

#[tokio::test]
async fn four_accounts_come_in_pages_of_three_and_one() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(AWS, &ZOFIA).await;
    let first = party.call_json(AWS, "/assignment/accounts?max_result=100", access(&tokens)).await;
    assert_eq!(first["accountList"].as_array().unwrap().len(), 3);
    assert_eq!(
        first["accountList"][0],
        json!({
            "accountId": "111122223333",
            "accountName": "Contoso Production",
            "emailAddress": "aws-prod@contoso.example",
        })
    );
    let next = first["nextToken"].as_str().unwrap();
    let path = format!("/assignment/accounts?next_token={next}");
    let second = party.call_json(AWS, &path, access(&tokens)).await;
    assert_eq!(second["accountList"][0]["accountId"], "444455556666");
    assert_eq!(second["nextToken"], Value::Null);
    let tokens = party.cloud_sign_in(AWS, &AMARA).await;
    let none = party.call_json(AWS, "/assignment/accounts", access(&tokens)).await;
    assert_eq!(none["accountList"], json!([]));
}

#[tokio::test]
async fn the_portal_looks_for_the_token_in_its_own_header_only() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(AWS, &ZOFIA).await;
    let request = party.http.get(party.listing(AWS)).bearer_auth(access(&tokens));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["__type"], "UnauthorizedException");
    for query in ["max_result=0", "max_result=x", "next_token=x"] {
        let url = format!("{}?{query}", party.listing(AWS));
        let response = party.call(AWS, &url, access(&tokens)).send().await.unwrap();
        assert_eq!(response.status(), 400, "{query}");
    }
}
