//! GitLab: groups by role, and pages by number in headers.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use reqwest::Response;
use serde_json::{Value, json};

use super::support::{access_token, code_request};
use crate::support::{RelyingParty, claims};

const GITLAB: Cloud = Cloud::GitLab;

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn gitlab_id_token_has_user_id_as_sub_and_lives_two_minutes() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITLAB, &ZOFIA).await;
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id["sub"], &id["nickname"]), (&json!("4201001"), &json!("zofia.nowak")));
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 120);
    assert!(tokens["created_at"].is_i64());
}

#[tokio::test]
async fn gitlab_groups_are_paged_by_two() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITLAB, &ZOFIA).await;
    let (mut page, mut ids) = ("1".to_owned(), Vec::new());
    while !page.is_empty() {
        let query = format!("min_access_level=10&per_page=100&page={page}");
        let url = format!("{}?{query}", rp.listing(GITLAB));
        let response = rp.call(GITLAB, &url, access_token(&tokens)).send().await.unwrap();
        assert_eq!((header(&response, "x-page"), header(&response, "x-total")), (&*page, "5"));
        page = header(&response, "x-next-page").to_owned();
        let groups: Vec<Value> = response.json().await.unwrap();
        ids.extend(groups.iter().map(|one| one["id"].as_u64().unwrap()));
    }
    let expected: Vec<_> = ZOFIA.accounts.gitlab.groups.iter().map(|one| one.id).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn gitlab_groups_have_parent_and_are_filtered_by_min_access_level() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(GITLAB, &ZOFIA).await;
    let path = "/api/v4/groups?min_access_level=40";
    let groups = rp.call_json(GITLAB, path, access_token(&tokens)).await;
    assert_eq!(groups.as_array().unwrap().len(), 2);
    let second = &groups[1];
    assert_eq!(
        (&second["name"], &second["full_name"]),
        (&json!("Platform"), &json!("Contoso / Platform"))
    );
    assert_eq!(
        (&second["full_path"], &second["parent_id"]),
        (&json!("contoso/platform"), &json!(7701))
    );
    let tokens = rp.cloud_sign_in(GITLAB, &AMARA).await;
    assert_eq!(rp.call_json(GITLAB, path, access_token(&tokens)).await, json!([]));
}

#[tokio::test]
async fn gitlab_groups_require_token_and_scope() {
    let rp = RelyingParty::new().await;
    let response = rp.http.get(rp.listing(GITLAB)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.json::<Value>().await.unwrap()["message"], "401 Unauthorized");
    let mut request = rp.cloud_request(GITLAB, &ZOFIA);
    request.insert("scope".to_owned(), "openid".to_owned());
    let code = rp.cloud_callback(GITLAB, &request).await["code"].clone();
    let (_, tokens) = rp.cloud_token(GITLAB, &code_request(GITLAB, &code)).await;
    assert_eq!(rp.listing_status(GITLAB, access_token(&tokens)).await, 403);
}
