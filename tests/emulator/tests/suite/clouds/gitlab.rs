//! GitLab: groups by role, and pages by number in headers.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use reqwest::Response;
use serde_json::{Value, json};

use super::support::{access, redemption};
use crate::support::{Party, claims};

const GITLAB: Cloud = Cloud::GitLab;

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn an_id_token_has_the_users_number_as_its_subject_and_lives_two_minutes() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITLAB, &ZOFIA).await;
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id["sub"], &id["nickname"]), (&json!("4201001"), &json!("zofia.nowak")));
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 120);
    assert!(tokens["created_at"].is_i64());
}

#[tokio::test]
async fn five_groups_come_in_pages_of_two_two_and_one() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITLAB, &ZOFIA).await;
    let (mut page, mut ids) = ("1".to_owned(), Vec::new());
    while !page.is_empty() {
        let query = format!("min_access_level=10&per_page=100&page={page}");
        let url = format!("{}?{query}", party.listing(GITLAB));
        let response = party.call(GITLAB, &url, access(&tokens)).send().await.unwrap();
        assert_eq!((header(&response, "x-page"), header(&response, "x-total")), (&*page, "5"));
        page = header(&response, "x-next-page").to_owned();
        let groups: Vec<Value> = response.json().await.unwrap();
        ids.extend(groups.iter().map(|one| one["id"].as_u64().unwrap()));
    }
    let expected: Vec<_> = ZOFIA.accounts.gitlab.groups.iter().map(|one| one.id).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_group_has_its_place_and_a_role_leaves_others_out() {
    let party = Party::new().await;
    let tokens = party.cloud_sign_in(GITLAB, &ZOFIA).await;
    let path = "/api/v4/groups?min_access_level=40";
    let groups = party.call_json(GITLAB, path, access(&tokens)).await;
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
    let tokens = party.cloud_sign_in(GITLAB, &AMARA).await;
    assert_eq!(party.call_json(GITLAB, path, access(&tokens)).await, json!([]));
}

#[tokio::test]
async fn groups_need_a_token_and_a_scope() {
    let party = Party::new().await;
    let response = party.http.get(party.listing(GITLAB)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.json::<Value>().await.unwrap()["message"], "401 Unauthorized");
    let mut request = party.cloud_request(GITLAB, &ZOFIA);
    request.insert("scope".to_owned(), "openid".to_owned());
    let code = party.cloud_callback(GITLAB, &request).await["code"].clone();
    let (_, tokens) = party.cloud_token(GITLAB, &redemption(GITLAB, &code)).await;
    assert_eq!(party.listing_status(GITLAB, access(&tokens)).await, 403);
}
