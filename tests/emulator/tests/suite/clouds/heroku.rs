//! Heroku: a version in `Accept`, and pages by `Range`.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{access_token, code_request, error};
use crate::support::RelyingParty;

const HEROKU: Cloud = Cloud::Heroku;

#[tokio::test]
async fn heroku_redeems_code_by_secret_only_and_names_user() {
    let rp = RelyingParty::new().await;
    let mut form = code_request(HEROKU, &rp.cloud_code(HEROKU, &ZOFIA).await);
    form.remove("client_id");
    form.remove("redirect_uri");
    let (status, tokens) = rp.cloud_token(HEROKU, &form).await;
    assert_eq!((status, &tokens["token_type"]), (200, &json!("Bearer")));
    assert_eq!(tokens["user_id"], ZOFIA.accounts.heroku.id);
    let account = rp.call_json(HEROKU, "/account", access_token(&tokens)).await;
    assert_eq!((&account["id"], &account["name"]), (&tokens["user_id"], &json!(ZOFIA.name)));
    form.remove("client_secret");
    assert_eq!(error(&rp.cloud_token(HEROKU, &form).await.1), "invalid_client");
}

#[tokio::test]
async fn heroku_teams_are_paged_by_range_of_two() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(HEROKU, &ZOFIA).await;
    let request = rp.call(HEROKU, &rp.listing(HEROKU), access_token(&tokens));
    let first = request.send().await.unwrap();
    assert_eq!(first.status(), 206);
    let next = first.headers()["next-range"].clone();
    assert_eq!(first.json::<Vec<Value>>().await.unwrap().len(), 2);
    let request = rp.call(HEROKU, &rp.listing(HEROKU), access_token(&tokens));
    let second = request.header("range", next).send().await.unwrap();
    assert_eq!(second.status(), 200);
    assert!(second.headers().get("next-range").is_none());
    let teams: Vec<Value> = second.json().await.unwrap();
    let third = &ZOFIA.accounts.heroku.teams[2];
    assert_eq!(teams, [json!({ "id": third.id, "name": third.name, "role": third.role })]);
    let tokens = rp.cloud_sign_in(HEROKU, &AMARA).await;
    assert_eq!(rp.call_json(HEROKU, "/teams", access_token(&tokens)).await, json!([]));
}

#[rstest]
#[case::max("id ..; max=1;", 206, Some(0))]
#[case::from_id("id {1}..", 200, Some(1))]
#[case::after_id("id ]{1}..; max=5", 200, Some(2))]
#[case::bytes("bytes=0-1", 416, None)]
#[case::max_of_zero("id ..; max=0", 416, None)]
#[tokio::test]
async fn heroku_teams_obey_or_refuse_range(
    #[case] range: &str,
    #[case] status: u16,
    #[case] first_team: Option<usize>,
) {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(HEROKU, &ZOFIA).await;
    let teams = ZOFIA.accounts.heroku.teams;
    let request = rp.call(HEROKU, &rp.listing(HEROKU), access_token(&tokens));
    let range = range.replace("{1}", teams[1].id);
    let response = request.header("range", range).send().await.unwrap();
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body[0]["id"].as_str(), first_team.map(|at| teams[at].id));
}

#[tokio::test]
async fn heroku_api_requires_version_token_and_scope() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(HEROKU, &ZOFIA).await;
    for path in ["/account", "/teams"] {
        let url = rp.at(HEROKU, path);
        let request = rp.http.get(&url).bearer_auth(access_token(&tokens));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 404);
        assert_eq!(response.json::<Value>().await.unwrap()["id"], "not_found");
        let request = rp.http.get(&url);
        let request = request.header("accept", "application/vnd.heroku+json; version=3");
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let mut request = rp.cloud_request(HEROKU, &ZOFIA);
    request.insert("scope".to_owned(), "identity".to_owned());
    let code = rp.cloud_callback(HEROKU, &request).await["code"].clone();
    let (_, tokens) = rp.cloud_token(HEROKU, &code_request(HEROKU, &code)).await;
    rp.call_json(HEROKU, "/account", access_token(&tokens)).await;
    assert_eq!(rp.listing_status(HEROKU, access_token(&tokens)).await, 403);
}
