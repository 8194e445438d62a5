//! DigitalOcean: identity in the token response, projects paged by links in the body.

use portico_emulator::Cloud;
use portico_emulator::personas::{AMARA, ZOFIA};
use serde_json::{Value, json};

use super::support::access_token;
use crate::support::RelyingParty;

const DO: Cloud = Cloud::DigitalOcean;

#[tokio::test]
async fn digitalocean_token_response_and_account_name_same_user_and_team() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(DO, &ZOFIA).await;
    let own = &ZOFIA.accounts.digitalocean;
    assert_eq!(
        tokens["info"],
        json!({
            "uuid": own.uuid,
            "email": ZOFIA.email,
            "name": ZOFIA.name,
            "team_uuid": own.team_uuid,
            "team_name": own.team_name,
        })
    );
    let account = rp.call_json(DO, "/v2/account", access_token(&tokens)).await["account"].clone();
    assert_eq!((&account["uuid"], &account["status"]), (&json!(own.uuid), &json!("active")));
    assert_eq!(account["team"], json!({ "uuid": own.team_uuid, "name": own.team_name }));
}

#[tokio::test]
async fn digitalocean_projects_are_paged_by_two() {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(DO, &ZOFIA).await;
    let first = rp.call_json(DO, "/v2/projects?per_page=200", access_token(&tokens)).await;
    assert_eq!(
        (first["projects"].as_array().unwrap().len(), &first["meta"]["total"]),
        (2, &json!(3))
    );
    assert_eq!(first["projects"][0]["is_default"], true);
    let next = first["links"]["pages"]["next"].as_str().unwrap();
    assert_eq!(first["links"]["pages"]["last"], next);
    let second = rp.call(DO, next, access_token(&tokens)).send().await.unwrap();
    let second: Value = second.json().await.unwrap();
    assert_eq!(second["projects"][0]["name"], "Contoso Łódź & Friends");
    assert!(second["links"]["pages"].get("next").is_none());
    let tokens = rp.cloud_sign_in(DO, &AMARA).await;
    let none = rp.call_json(DO, "/v2/projects", access_token(&tokens)).await;
    assert_eq!(none, json!({ "projects": [], "links": {}, "meta": { "total": 0 } }));
}

#[tokio::test]
async fn digitalocean_api_refuses_missing_token() {
    let rp = RelyingParty::new().await;
    for path in ["/v2/account", "/v2/projects"] {
        let response = rp.http.get(rp.at(DO, path)).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.json::<Value>().await.unwrap()["id"], "unauthorized");
    }
}
