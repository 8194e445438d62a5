//! Google: the Workspace domain, and projects by page token.

use portico_emulator::personas::{AMARA, HARUKI, ZOFIA};
use portico_emulator::{Cloud, Person};
use serde_json::{Value, json};

use super::support::{access_token, code_request};
use crate::support::{RelyingParty, claims};

const GOOGLE: Cloud = Cloud::Google;

async fn id(rp: &RelyingParty, person: &Person) -> Value {
    let tokens = rp.cloud_sign_in(GOOGLE, person).await;
    claims(tokens["id_token"].as_str().unwrap())
}

#[tokio::test]
async fn google_id_token_has_hd_for_workspace_accounts_only() {
    let rp = RelyingParty::new().await;
    let zofia = id(&rp, &ZOFIA).await;
    assert_eq!(zofia["hd"], "contoso.example");
    assert_eq!(zofia["azp"], GOOGLE.client().client_id);
    assert_eq!(zofia["sub"], ZOFIA.accounts.google.sub);
    assert!(id(&rp, &HARUKI).await.get("hd").is_none());
}

#[tokio::test]
async fn google_projects_are_paged_by_three() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let (mut sizes, mut ids, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/v3/projects:search?pageSize=50&pageToken={token}");
        let page = rp.call_json(GOOGLE, &path, access_token(&tokens)).await;
        let projects = page["projects"].as_array().unwrap();
        sizes.push(projects.len());
        ids.extend(projects.iter().map(|one| one["projectId"].as_str().unwrap().to_owned()));
        match page["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(sizes, [3, 3, 1]);
    let expected: Vec<_> = ZOFIA.accounts.google.projects.iter().map(|one| one.id).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn google_project_json_has_documented_shape_and_empty_listing_is_empty_object() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let page = rp.call_json(GOOGLE, "/v3/projects:search?pageSize=1", access_token(&tokens)).await;
    let first = &page["projects"][0];
    assert_eq!(page["projects"].as_array().unwrap().len(), 1);
    assert_eq!(first["name"], "projects/415104041262");
    assert_eq!(
        (&first["state"], &first["displayName"]),
        (&json!("ACTIVE"), &json!("Contoso Production"))
    );
    let tokens = rp.cloud_sign_in(GOOGLE, &AMARA).await;
    assert_eq!(rp.call_json(GOOGLE, "/v3/projects:search", access_token(&tokens)).await, json!({}));
    let tokens = rp.cloud_sign_in(GOOGLE, &HARUKI).await;
    let page = rp.call_json(GOOGLE, "/v3/projects:search", access_token(&tokens)).await;
    assert!(page["projects"][0].get("parent").is_none());
}

#[tokio::test]
async fn google_projects_require_token_scope_and_valid_page_token() {
    let rp = RelyingParty::new().await;
    let url = rp.listing(GOOGLE);
    let response = rp.http.get(&url).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (&body["error"]["code"], &body["error"]["status"]),
        (&json!(401), &json!("UNAUTHENTICATED"))
    );

    let mut request = rp.cloud_request(GOOGLE, &ZOFIA);
    request.insert("scope".to_owned(), "openid".to_owned());
    let code = rp.cloud_callback(GOOGLE, &request).await["code"].clone();
    let (_, tokens) = rp.cloud_token(GOOGLE, &code_request(GOOGLE, &code)).await;
    let response = rp.call(GOOGLE, &url, access_token(&tokens)).send().await.unwrap();
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["status"], "PERMISSION_DENIED");

    let tokens = rp.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let url = format!("{url}?pageToken=7");
    let response = rp.call(GOOGLE, &url, access_token(&tokens)).send().await.unwrap();
    assert_eq!(response.status(), 400);
    request.remove("scope");
    assert_eq!(rp.cloud_callback(GOOGLE, &request).await["error"], "invalid_request");
}
