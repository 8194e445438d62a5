//! Sign-in at every cloud, and the errors that every cloud returns.

use portico_emulator::personas::{AMARA, HARUKI, JOAQUIN, MINH_ANH, ZOFIA};
use portico_emulator::{Cloud, Emulator, Fault, FaultKind, Options, Target};

use super::support::{access_token, code_request, error};
use crate::support::RelyingParty;

#[tokio::test]
async fn cloud_sign_in_returns_token_that_lists() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let answer = rp.cloud_callback(cloud, &rp.cloud_request(cloud, &ZOFIA)).await;
        assert_eq!(answer["state"], "a state & more");
        assert_eq!(answer.contains_key("iss"), cloud == Cloud::Oidc, "{cloud:?}");
        let request = rp.cloud_token_request(cloud, &code_request(cloud, &answer["code"]));
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let tokens = response.json().await.unwrap();
        assert!(rp.listing_status(cloud, access_token(&tokens)).await < 300, "{cloud:?}");
    }
}

#[tokio::test]
async fn cloud_sign_in_succeeds_unless_consent_is_declined() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        for person in [&AMARA, &MINH_ANH, &HARUKI] {
            let tokens = rp.cloud_sign_in(cloud, person).await;
            assert_eq!(rp.listing_status(cloud, access_token(&tokens)).await, 200, "{cloud:?}");
        }
        let answer = rp.cloud_callback(cloud, &rp.cloud_request(cloud, &JOAQUIN)).await;
        assert_eq!((&*answer["error"], &*answer["state"]), ("access_denied", "a state & more"));
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn cloud_sign_in_page_names_cloud_and_accepts_form() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        let mut request = rp.cloud_request(cloud, &ZOFIA);
        request.remove("login");
        request.remove("login_hint");
        let response = rp.cloud_authorize(cloud, &request).await;
        assert_eq!(response.status(), 200);
        let url = response.url().clone();
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("with your {} account", cloud.title())));
        assert!(page.contains(&format!("action=\"{}\"", url.path())));
        request.insert("persona".to_owned(), ZOFIA.user_name.to_owned());
        let posted = rp.http.post(rp.url(url.path())).form(&request).send().await.unwrap();
        assert!(crate::support::redirect_params(&posted).contains_key("code"));
    }
}

#[tokio::test]
async fn cloud_authorize_shows_page_without_redirect_for_untrusted_client_or_redirect_uri() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        for (name, value) in [
            ("client_id", "unknown"),
            ("client_id", ""),
            ("redirect_uri", "https://evil.example/callback"),
            ("redirect_uri", ""),
        ] {
            let mut request = rp.cloud_request(cloud, &ZOFIA);
            request.insert(name.to_owned(), value.to_owned());
            let response = rp.cloud_authorize(cloud, &request).await;
            assert_eq!(response.status(), 400, "{cloud:?} {name}={value}");
            assert!(response.headers().get("location").is_none());
        }
    }
}

#[tokio::test]
async fn cloud_authorize_matches_registered_redirect_uris_exactly() {
    let registered = "https://portico.example/callback".to_owned();
    let options = Options { redirect_uris: vec![registered.clone()], ..Options::default() };
    let rp = RelyingParty {
        emulator: Emulator::start(options).await.unwrap(),
        ..RelyingParty::new().await
    };
    for cloud in Cloud::ALL {
        let mut request = rp.cloud_request(cloud, &ZOFIA);
        assert_eq!(rp.cloud_authorize(cloud, &request).await.status(), 400);
        request.insert("redirect_uri".to_owned(), registered.clone());
        assert_eq!(rp.cloud_authorize(cloud, &request).await.status(), 302);
    }
}

#[tokio::test]
async fn cloud_authorize_redirects_other_errors_to_client() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL {
        for (name, value, expected) in [
            ("response_type", "token", "unsupported_response_type"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
        ] {
            let mut request = rp.cloud_request(cloud, &ZOFIA);
            request.insert(name.to_owned(), value.to_owned());
            let answer = rp.cloud_callback(cloud, &request).await;
            assert_eq!(answer["error"], expected, "{cloud:?} {name}={value}");
        }
        let mut request = rp.cloud_request(cloud, &ZOFIA);
        request.insert("prompt".to_owned(), "none".to_owned());
        request.remove("login");
        request.remove("login_hint");
        assert_eq!(rp.cloud_callback(cloud, &request).await["error"], "login_required");
    }
}

/// Asserts that a token request is refused with the cloud's own status and error.
async fn assert_refused(
    rp: &RelyingParty,
    cloud: Cloud,
    code: &str,
    (name, value): (&str, &str),
    (expected, github): (&str, &str),
) {
    let mut form = code_request(cloud, code);
    form.insert(name.to_owned(), value.to_owned());
    let (status, body) = rp.cloud_token(cloud, &form).await;
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
async fn cloud_code_needs_client_redirect_uri_and_verifier_and_is_redeemed_once() {
    let rp = RelyingParty::new().await;
    let grant = ("invalid_grant", "bad_verification_code");
    let client = ("invalid_client", "incorrect_client_credentials");
    for cloud in Cloud::ALL {
        let code = rp.cloud_code(cloud, &ZOFIA).await;
        let verifier = ("code_verifier", "another-verifier-that-is-long-enough-for-anybody");
        assert_refused(&rp, cloud, &code, verifier, grant).await;
        assert_refused(&rp, cloud, &code, ("client_secret", "wrong"), client).await;
        assert_refused(&rp, cloud, &code, ("client_id", "unknown"), client).await;
        let uri = ("redirect_uri", "http://localhost:9/other");
        let redirect = if cloud == Cloud::Google { "redirect_uri_mismatch" } else { grant.0 };
        assert_refused(&rp, cloud, &code, uri, (redirect, "redirect_uri_mismatch")).await;
        let password = ("unsupported_grant_type", "unsupported_grant_type");
        assert_refused(&rp, cloud, &code, ("grant_type", "password"), password).await;
        let mut form = code_request(cloud, &code);
        form.remove("code_verifier");
        assert_ne!(error(&rp.cloud_token(cloud, &form).await.1), "");

        let (status, tokens) = rp.cloud_token(cloud, &code_request(cloud, &code)).await;
        assert_eq!((status, error(&tokens)), (200, ""), "{cloud:?}: {tokens}");
        assert_refused(&rp, cloud, &code, ("x", "y"), grant).await;
        assert!(rp.listing_status(cloud, access_token(&tokens)).await < 300);
        assert_refused(&rp, cloud, "forged", ("x", "y"), grant).await;
    }
}

#[tokio::test]
async fn cloud_code_of_other_cloud_or_expired_is_refused() {
    let rp = RelyingParty::new().await;
    let grant = ("invalid_grant", "bad_verification_code");
    for (at, cloud) in Cloud::ALL.into_iter().enumerate() {
        rp.emulator.clear_faults();
        let code = rp.cloud_code(cloud, &ZOFIA).await;
        let other = Cloud::ALL[(at + 1) % Cloud::ALL.len()];
        assert_refused(&rp, other, &code, ("x", "y"), grant).await;
        let clock = FaultKind::Clock { seconds: 600 };
        rp.emulator.fault(Fault::always(Target::Token, clock));
        assert_refused(&rp, cloud, &code, ("x", "y"), grant).await;
    }
}

#[tokio::test]
async fn cloud_token_is_valid_at_its_cloud_until_reset() {
    let rp = RelyingParty::new().await;
    let mut tokens = Vec::new();
    for cloud in Cloud::ALL {
        tokens.push((cloud, access_token(&rp.cloud_sign_in(cloud, &ZOFIA).await).to_owned()));
    }
    let azure = rp.sign_in("organizations", &ZOFIA).await;
    for cloud in Cloud::ALL {
        for (issuer, token) in &tokens {
            let status = rp.listing_status(cloud, token).await;
            assert_eq!(status < 300, cloud == *issuer, "{issuer:?}'s at {cloud:?}: {status}");
        }
        let azure = azure["access_token"].as_str().unwrap();
        assert_eq!(rp.listing_status(cloud, azure).await, 401);
        assert_eq!(rp.listing_status(cloud, "nonsense").await, 401);
    }
    for (_, token) in &tokens {
        let response = rp.arm_get("subscriptions?api-version=2022-12-01", token).await;
        assert_eq!(response.status(), 401);
    }
    rp.emulator.reset().unwrap();
    for (cloud, token) in &tokens {
        assert_eq!(rp.listing_status(*cloud, token).await, 401);
    }
}
