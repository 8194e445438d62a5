//! Sessions of browsers at Entra ID (`sid`), and the front-channel logout that ends them.

use portico_emulator::personas::{AMARA, ZOFIA};
use portico_emulator::{Options, Person, TokenSettings};
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};

use crate::support::{RelyingParty, claims, code_request, redirect_params};

const LOGOUT_URL: &str = "http://localhost:9/api/frontchannel-logout/azure";

async fn relying_party() -> RelyingParty {
    let tokens = TokenSettings { session_ids: true, ..TokenSettings::default() };
    let rp = RelyingParty::with(Options { tokens, ..Options::default() }).await;
    rp.emulator.register_logout_urls(vec![LOGOUT_URL.to_owned()]);
    rp
}

/// Signs in with this cookie; the cookie and the `sid` of the ID token afterwards.
async fn sign_in(rp: &RelyingParty, person: &Person, cookie: Option<&str>) -> (String, String) {
    let url = rp.url("organizations/oauth2/v2.0/authorize");
    let request = rp.http.get(url).query(&rp.request(person));
    let response = request.header(COOKIE, cookie.unwrap_or_default()).send().await.unwrap();
    let set = response.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = set.split(';').next().unwrap().to_owned();
    let code = redirect_params(&response)["code"].clone();
    let (status, tokens) = rp.token("organizations", &code_request(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = claims(tokens["id_token"].as_str().unwrap());
    (cookie, claims["sid"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn browser_keeps_its_session_until_another_person_signs_in() {
    let rp = relying_party().await;
    let (cookie, sid) = sign_in(&rp, &ZOFIA, None).await;
    let (_, again) = sign_in(&rp, &ZOFIA, Some(&cookie)).await;
    let (_, other_browser) = sign_in(&rp, &ZOFIA, None).await;
    let (_, other_person) = sign_in(&rp, &AMARA, Some(&cookie)).await;
    assert_eq!(sid, again);
    assert_ne!(sid, other_browser);
    assert_ne!(sid, other_person);
    let listed = rp.json(&format!("_emulator/people/{}/sessions", ZOFIA.user_name)).await;
    let mut listed: Vec<_> = listed.as_array().unwrap().clone();
    let mut expected = vec![json!(sid), json!(other_browser)];
    listed.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn logout_page_frames_each_logout_url_with_the_session_once() {
    let rp = relying_party().await;
    let (cookie, sid) = sign_in(&rp, &ZOFIA, None).await;
    let logout = async || {
        let url = rp.url("organizations/oauth2/v2.0/logout");
        let response = rp.http.get(url).header(COOKIE, &cookie).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    };
    let frame = format!("<iframe hidden src=\"{LOGOUT_URL}?sid={sid}\">");
    let page = logout().await;
    assert!(page.contains(&frame), "{page}");
    assert!(!logout().await.contains("<iframe"), "the session has ended");
    assert_eq!(rp.emulator.sessions_of(&ZOFIA), Vec::<String>::new());
}

#[tokio::test]
async fn id_token_has_no_session_unless_the_optional_claim_is_set() {
    let rp = RelyingParty::new().await;
    let claims = claims(&rp.id_token().await);
    assert!(claims.get("sid").is_none(), "{claims}");
    let response = rp.authorize("organizations", &rp.request(&ZOFIA)).await;
    assert!(!response.headers().contains_key(SET_COOKIE));
}
