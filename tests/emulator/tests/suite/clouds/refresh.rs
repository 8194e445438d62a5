//! Refresh tokens: when they are issued, and their rotation.

use portico_emulator::personas::ZOFIA;
use portico_emulator::{Cloud, Fault, FaultKind, Target};
use rstest::rstest;
use serde_json::Value;

use super::support::{access_token, code_request, error, member, refresh_request};
use crate::support::RelyingParty;

/// The token response to a refresh; its access token must list.
async fn refreshed(rp: &RelyingParty, cloud: Cloud, refresh_token: &str) -> Value {
    let (status, tokens) = rp.cloud_token(cloud, &refresh_request(cloud, refresh_token)).await;
    assert_eq!(status, 200, "{cloud:?}: {tokens}");
    assert!(rp.listing_status(cloud, access_token(&tokens)).await < 300);
    tokens
}

#[tokio::test]
async fn refresh_rotates_refresh_token_as_cloud_documents() {
    let rp = RelyingParty::new().await;
    for cloud in Cloud::ALL.into_iter().filter(|cloud| *cloud != Cloud::GitHub) {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let old = member(&tokens, "refresh_token").unwrap();
        let tokens = refreshed(&rp, cloud, old).await;
        let new = member(&tokens, "refresh_token");
        match cloud {
            Cloud::Google => assert_eq!(new, None),
            Cloud::Heroku => assert_eq!(new, Some(old)),
            _ => assert!(new.is_some_and(|new| new != old)),
        }
        let (status, body) = rp.cloud_token(cloud, &refresh_request(cloud, old)).await;
        let is_void = matches!(cloud, Cloud::GitLab | Cloud::DigitalOcean);
        assert_eq!(status, if is_void { 400 } else { 200 }, "{cloud:?}: {body}");
    }
}

#[tokio::test]
async fn sign_in_without_offline_parameter_returns_no_refresh_token() {
    let rp = RelyingParty::new().await;
    assert_eq!(member(&rp.cloud_sign_in(Cloud::GitHub, &ZOFIA).await, "refresh_token"), None);
    for (cloud, name, value) in
        [(Cloud::Google, "access_type", "online"), (Cloud::Oidc, "scope", "openid email")]
    {
        let mut request = rp.cloud_request(cloud, &ZOFIA);
        request.insert(name.to_owned(), value.to_owned());
        let code = rp.cloud_callback(cloud, &request).await["code"].clone();
        let (_, tokens) = rp.cloud_token(cloud, &code_request(cloud, &code)).await;
        assert!(tokens.get("id_token").is_some() && tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn refresh_refuses_forged_access_and_foreign_tokens() {
    let rp = RelyingParty::new().await;
    let google = rp.cloud_sign_in(Cloud::Google, &ZOFIA).await;
    for cloud in Cloud::ALL.into_iter().filter(|cloud| *cloud != Cloud::Google) {
        let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
        let others = member(&google, "refresh_token").unwrap();
        for bad in ["forged", access_token(&tokens), others] {
            let (_, body) = rp.cloud_token(cloud, &refresh_request(cloud, bad)).await;
            let expected =
                if cloud == Cloud::GitHub { "unsupported_grant_type" } else { "invalid_grant" };
            assert_eq!(error(&body), expected, "{cloud:?}: {body}");
        }
        assert_eq!(rp.listing_status(Cloud::Google, others).await, 401);
    }
}

#[rstest]
#[case::google(Cloud::Google, "expires_in", 3599)]
#[case::aws(Cloud::Aws, "expiresIn", 3600)]
#[case::digitalocean(Cloud::DigitalOcean, "expires_in", 2_592_000)]
#[case::oidc(Cloud::Oidc, "expires_in", 300)]
#[case::gitlab(Cloud::GitLab, "expires_in", 7200)]
#[case::heroku(Cloud::Heroku, "expires_in", 28_799)]
#[tokio::test]
async fn access_token_expires_after_expires_in(
    #[case] cloud: Cloud,
    #[case] name: &str,
    #[case] lifetime: i64,
) {
    let rp = RelyingParty::new().await;
    let tokens = rp.cloud_sign_in(cloud, &ZOFIA).await;
    assert_eq!(tokens[name], lifetime);
    let clock = FaultKind::Clock { seconds: lifetime };
    rp.emulator.fault(Fault::always(Target::Token, clock));
    assert_eq!(rp.listing_status(cloud, access_token(&tokens)).await, 401);
}
