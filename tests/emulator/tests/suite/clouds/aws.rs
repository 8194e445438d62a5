//! AWS: a JSON token endpoint, and the access portal with its own token header.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use serde_json::{Value, json};

use super::support::{access_token, code_request};
use crate::support::RelyingParty;

const AWS: Cloud = Cloud::Aws;

#[tokio::test]
async fn aws_token_response_is_camel_case_without_id_token() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(AWS, &ZOFIA).await;
    assert_eq!((&tokens["tokenType"], &tokens["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert!(tokens["accessToken"].is_string() && tokens["refreshToken"].is_string());
    assert!(tokens.get("idToken").is_none() && tokens.get("id_token").is_none());
}

#[tokio::test]
async fn aws_token_error_names_exception() {
    let rp = RelyingParty::new().await;
    let request = rp.cloud_token_request(AWS, &code_request(AWS, "forged"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidGrantException");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "invalid_grant");
    let form = rp.http.post(rp.at(AWS, "/token")).form(&code_request(AWS, "forged"));
    let body: Value = form.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["error"], "invalid_request");
}

#[tokio::test]
async fn aws_authorize_requires_pkce() {
    let rp = RelyingParty::new().await;
    let mut request = rp.cloud_request(AWS, &ZOFIA);
    request.remove("code_challenge");
    assert_eq!(rp.cloud_callback(AWS, &request).await["error"], "invalid_request");
}

#[tokio::test]
async fn aws_accounts_are_paged_by_three() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(AWS, &ZOFIA).await;
    let first =
        rp.call_json(AWS, "/assignment/accounts?max_result=100", access_token(&tokens)).await;
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
    let second = rp.call_json(AWS, &path, access_token(&tokens)).await;
    assert_eq!(second["accountList"][0]["accountId"], "444455556666");
    assert_eq!(second["nextToken"], Value::Null);
    let tokens = rp.cloud_sign_in(AWS, &AMARA).await;
    let none = rp.call_json(AWS, "/assignment/accounts", access_token(&tokens)).await;
    assert_eq!(none["accountList"], json!([]));
}

#[tokio::test]
async fn aws_accounts_refuse_bearer_header_and_invalid_page_parameters() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(AWS, &ZOFIA).await;
    let request = rp.http.get(rp.listing(AWS)).bearer_auth(access_token(&tokens));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["__type"], "UnauthorizedException");
    for query in ["max_result=0", "max_result=x", "next_token=x"] {
        let url = format!("{}?{query}", rp.listing(AWS));
        let response = rp.call(AWS, &url, access_token(&tokens)).send().await.unwrap();
        assert_eq!(response.status(), 400, "{query}");
    }
}
