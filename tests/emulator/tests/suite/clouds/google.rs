//! Google: the Workspace domain, and projects by page token.

use portico_emulator::personas::{AMARA, HARUKI, ZOFIA};
use portico_emulator::{Cloud, Person};
use serde_json::{Value, json};

use super::support::{access, redemption};
use crate::support::{Party, claims};

const GOOGLE: Cloud = Cloud::Google;

async fn id(party: &Party, person: &Person) -> Value {
    let tokens = party.cloud_sign_in(GOOGLE, person).await;
    claims(tokens["id_token"].as_str().unwrap())
}

#[tokio::test]
async fn an_id_token_names_the_domain_of_workspace_people_only() {
    let party = Party::new().await;
    let zofia = id(&party, &ZOFIA).await;
    assert_eq!(zofia["hd"], "contoso.example");
    assert_eq!(zofia["azp"], GOOGLE.client().client_id);
    assert_eq!(zofia["sub"], ZOFIA.accounts.google.sub);
    assert!(id(&party, &HARUKI).await.get("hd").is_none());
}

#[tokio::test]
async fn seven_projects_come_in_pages_of_three_three_and_one() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let (mut sizes, mut ids, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/v3/projects:search?pageSize=50&pageToken={token}");
        let page = party.call_json(GOOGLE, &path, access(&tokens)).await;
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
async fn a_project_has_resource_managers_shape_and_no_project_is_an_empty_object() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let page = party.call_json(GOOGLE, "/v3/projects:search?pageSize=1", access(&tokens)).await;
    let first = &page["projects"][0];
    assert_eq!(page["projects"].as_array().unwrap().len(), 1);
    assert_eq!(first["name"], "projects/415104041262");
    assert_eq!(
        (&first["state"], &first["displayName"]),
        (&json!("ACTIVE"), &json!("Contoso Production"))
    );
    let tokens = party.cloud_sign_in(GOOGLE, &AMARA).await;
    assert_eq!(party.call_json(GOOGLE, "/v3/projects:search", access(&tokens)).await, json!({}));
    let tokens = party.cloud_sign_in(GOOGLE, &HARUKI).await;
    let page = party.call_json(GOOGLE, "/v3/projects:search", access(&tokens)).await;
    assert!(page["projects"][0].get("parent").is_none());
}

#[tokio::test]
async fn projects_need_a_token_a_scope_and_a_page_token_of_theirs() {
    let party = Party::new().await;
    let url = party.listing(GOOGLE);
    let response = party.http.get(&url).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (&body["error"]["code"], &body["error"]["status"]),
        (&json!(401), &json!("UNAUTHENTICATED"))
    );

    let mut request = party.cloud_request(GOOGLE, &ZOFIA);
    request.insert("scope".to_owned(), "openid".to_owned());
    let code = party.cloud_callback(GOOGLE, &request).await["code"].clone();
    let (_, tokens) = party.cloud_token(GOOGLE, &redemption(GOOGLE, &code)).await;
    let response = party.call(GOOGLE, &url, access(&tokens)).send().await.unwrap();
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["status"], "PERMISSION_DENIED");

    let tokens = party.cloud_sign_in(GOOGLE, &ZOFIA).await;
    let url = format!("{url}?pageToken=7");
    let response = party.call(GOOGLE, &url, access(&tokens)).send().await.unwrap();
    assert_eq!(response.status(), 400);
    request.remove("scope");
    assert_eq!(party.cloud_callback(GOOGLE, &request).await["error"], "invalid_request");
}
