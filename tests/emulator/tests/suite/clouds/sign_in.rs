//! The sign-in that every cloud has, and what every cloud refuses.

use portico_emulator::personas::{AMARA, HARUKI, JOAQUIN, MINH_ANH, ZOFIA};
use portico_emulator::{Cloud, Emulator, Fault, FaultKind, Options, Target};

use super::support::{access, error, redemption};
use crate::support::Party;

#[tokio::test]
async fn a_code_with_its_verifier_becomes_a_token_that_lists_at_every_cloud() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let answer = party.cloud_callback(cloud, &party.cloud_request(cloud, &ZOFIA)).await;
        assert_eq!(answer["state"], "a state & more");
        assert_eq!(answer.contains_key("iss"), cloud == Cloud::Oidc, "{cloud:?}");
        let request = party.cloud_token_request(cloud, &redemption(cloud, &answer["code"]));
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let tokens = response.json().await.unwrap();
        assert!(party.listing_status(cloud, access(&tokens)).await < 300, "{cloud:?}");
    }
}

#[tokio::test]
async fn everybody_but_who_refuses_can_sign_in_everywhere() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        for person in [&AMARA, &MINH_ANH, &HARUKI] {
            let tokens = party.cloud_sign_in(cloud, person).await;
            assert_eq!(party.listing_status(cloud, access(&tokens)).await, 200, "{cloud:?}");
        }
        let answer = party.cloud_callback(cloud, &party.cloud_request(cloud, &JOAQUIN)).await;
        assert_eq!((&*answer["error"], &*answer["state"]), ("access_denied", "a state & more"));
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn a_page_names_the_cloud_and_takes_the_answer() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        let mut request = party.cloud_request(cloud, &ZOFIA);
        request.remove("login");
        request.remove("login_hint");
        let response = party.cloud_authorize(cloud, &request).await;
        assert_eq!(response.status(), 200);
        let url = response.url().clone();
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("with your {} account", cloud.title())));
        assert!(page.contains(&format!("action=\"{}\"", url.path())));
        request.insert("persona".to_owned(), ZOFIA.user_name.to_owned());
        let posted = party.http.post(party.url(url.path())).form(&request).send().await.unwrap();
        assert!(crate::support::answer(&posted).contains_key("code"));
    }
}

#[tokio::test]
async fn an_error_before_the_redirect_uri_is_trusted_stays_on_a_page() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        for (name, value) in [
            ("client_id", "unknown"),
            ("client_id", ""),
            ("redirect_uri", "https://evil.example/callback"),
            ("redirect_uri", ""),
        ] {
            let mut request = party.cloud_request(cloud, &ZOFIA);
            request.insert(name.to_owned(), value.to_owned());
            let response = party.cloud_authorize(cloud, &request).await;
            assert_eq!(response.status(), 400, "{cloud:?} {name}={value}");
            assert!(response.headers().get("location").is_none());
        }
    }
}

#[tokio::test]
async fn registered_redirect_uris_are_matched_exactly() {
    let registered = "https://portico.example/callback".to_owned();
    let options = Options { redirect_uris: vec![registered.clone()], ..Options::default() };
    let party = Party { emulator: Emulator::start(options).await.unwrap(), ..Party::new().await };
    for cloud in Cloud::ALL {
        let mut request = party.cloud_request(cloud, &ZOFIA);
        assert_eq!(party.cloud_authorize(cloud, &request).await.status(), 400);
        request.insert("redirect_uri".to_owned(), registered.clone());
        assert_eq!(party.cloud_authorize(cloud, &request).await.status(), 302);
    }
}

#[tokio::test]
async fn an_error_after_that_goes_back_to_the_client() {
    let party = Party::new().await;
    for cloud in Cloud::ALL {
        for (name, value, expected) in [
            ("response_type", "token", "unsupported_response_type"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
        ] {
            let mut request = party.cloud_request(cloud, &ZOFIA);
            request.insert(name.to_owned(), value.to_owned());
            let answer = party.cloud_callback(cloud, &request).await;
            assert_eq!(answer["error"], expected, "{cloud:?} {name}={value}");
        }
        let mut request = party.cloud_request(cloud, &ZOFIA);
        request.insert("prompt".to_owned(), "none".to_owned());
        request.remove("login");
        request.remove("login_hint");
        assert_eq!(party.cloud_callback(cloud, &request).await["error"], "login_required");
    }
}

/// Asserts that a token request is refused with the cloud's own status and error.
async fn assert_refused(
    party: &Party,
    cloud: Cloud,
    code: &str,
    (name, value): (&str, &str),
    (expected, github): (&str, &str),
) {
    let mut form = redemption(cloud, code);
    form.insert(name.to_owned(), value.to_owned());
    let (status, body) = party.cloud_token(cloud, &form).await;
    let expected = if cloud == Cloud::GitHub { github } else { expected };
    assert_eq!(error(&body), expected, "{cloud:?} {name}: {body}");
    let status_of = match cloud {
        Cloud::GitHub => 200,
        _ if expected == "invalid_client" => 401,
        _ => 400,
    };
    assert_eq!(status, status_of, "{cloud:?} {name}: {body}");
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_redirect_uri_and_verifier_and_works_once() {
    let party = Party::new().await;
    let grant = ("invalid_grant", "bad_verification_code");
    let client = ("invalid_client", "incorrect_client_credentials");
    for cloud in Cloud::ALL {
        let code = party.cloud_code(cloud, &ZOFIA).await;
        let verifier = ("code_verifier", "another-verifier-that-is-long-enough-for-anybody");
        assert_refused(&party, cloud, &code, verifier, grant).await;
        assert_refused(&party, cloud, &code, ("client_secret", "wrong"), client).await;
        assert_refused(&party, cloud, &code, ("client_id", "unknown"), client).await;
        let uri = ("redirect_uri", "http://localhost:9/other");
        let redirect = if cloud == Cloud::Google { "redirect_uri_mismatch" } else { grant.0 };
        assert_refused(&party, cloud, &code, uri, (redirect, "redirect_uri_mismatch")).await;
        let password = ("unsupported_grant_type", "unsupported_grant_type");
        assert_refused(&party, cloud, &code, ("grant_type", "password"), password).await;
        let mut form = redemption(cloud, &code);
        form.remove("code_verifier");
        assert_ne!(error(&party.cloud_token(cloud, &form).await.1), "");

        let (status, tokens) = party.cloud_token(cloud, &redemption(cloud, &code)).await;
        assert_eq!((status, error(&tokens)), (200, ""), "{cloud:?}: {tokens}");
        assert_refused(&party, cloud, &code, ("x", "y"), grant).await;
        assert!(party.listing_status(cloud, access(&tokens)).await < 300);
        assert_refused(&party, cloud, "forged", ("x", "y"), grant).await;
    }
}

#[tokio::test]
async fn a_code_of_another_cloud_or_from_ten_minutes_ago_is_refused() {
    let party = Party::new().await;
    let grant = ("invalid_grant", "bad_verification_code");
    for (at, cloud) in Cloud::ALL.into_iter().enumerate() {
        party.emulator.clear_faults();
        let code = party.cloud_code(cloud, &ZOFIA).await;
        let other = Cloud::ALL[(at + 1) % Cloud::ALL.len()];
        assert_refused(&party, other, &code, ("x", "y"), grant).await;
        let clock = FaultKind::Clock { seconds: 600 };
        party.emulator.fault(Fault::always(Target::Token, clock));
        assert_refused(&party, cloud, &code, ("x", "y"), grant).await;
    }
}

#[tokio::test]
async fn a_token_is_good_at_its_own_cloud_only_and_not_after_a_reset() {
    let party = Party::new().await;
    let mut tokens = Vec::new();
    for cloud in Cloud::ALL {
        tokens.push((cloud, access(&party.cloud_sign_in(cloud, &ZOFIA).await).to_owned()));
    }
    let azure = party.sign_in("organizations", &ZOFIA).await;
    for cloud in Cloud::ALL {
        for (issuer, token) in &tokens {
            let status = party.listing_status(cloud, token).await;
            assert_eq!(status < 300, cloud == *issuer, "{issuer:?}'s at {cloud:?}: {status}");
        }
        let azure = azure["access_token"].as_str().unwrap();
        assert_eq!(party.listing_status(cloud, azure).await, 401);
        assert_eq!(party.listing_status(cloud, "nonsense").await, 401);
    }
    for (_, token) in &tokens {
        let response = party.arm_get("subscriptions?api-version=2022-12-01", token).await;
        assert_eq!(response.status(), 401);
    }
    party.emulator.reset().unwrap();
    for (cloud, token) in &tokens {
        assert_eq!(party.listing_status(*cloud, token).await, 401);
    }
}
