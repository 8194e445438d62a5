//! Refresh tokens: who gets one, and what using it does.

use portico_emulator::personas::ZOFIA;
use portico_emulator::{Cloud, Fault, FaultKind, Target};
use serde_json::Value;

use super::support::{access, error, member, redemption, refresh};
use crate::support::Party;

/// The answer to the refresh of what a sign-in brought.
async fn refreshed(party: &Party, cloud: Cloud, refresh_token: &str) -> Value {
    let (status, tokens) = party.cloud_token(cloud, &refresh(cloud, refresh_token)).await;
    assert_eq!(status, 200, "{cloud:?}: {tokens}");
    assert!(party.listing_status(cloud, access(&tokens)).await < 300);
    tokens
}

#[tokio::test]
async fn a_refresh_answers_with_another_token_the_same_one_or_none_as_the_cloud_has_it() {
    let party = Party::new().await;
    for cloud in Cloud::ALL.into_iter().filter(|cloud| *cloud != Cloud::GitHub) {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        let old = member(&tokens, "refresh_token").unwrap();
        let tokens = refreshed(&party, cloud, old).await;
        let new = member(&tokens, "refresh_token");
        match cloud {
            Cloud::Google => assert_eq!(new, None),
            Cloud::Heroku => assert_eq!(new, Some(old)),
            _ => assert!(new.is_some_and(|new| new != old)),
        }
        let (status, body) = party.cloud_token(cloud, &refresh(cloud, old)).await;
        let is_void = matches!(cloud, Cloud::GitLab | Cloud::DigitalOcean);
        assert_eq!(status, if is_void { 400 } else { 200 }, "{cloud:?}: {body}");
    }
}

#[tokio::test]
async fn no_refresh_token_comes_unasked_where_it_has_to_be_asked_for() {
    let party = Party::new().await;
    assert_eq!(member(&party.cloud_sign_in(Cloud::GitHub, &ZOFIA).await, "refresh_token"), None);
    for (cloud, name, value) in
        [(Cloud::Google, "access_type", "online"), (Cloud::Oidc, "scope", "openid email")]
    {
        let mut request = party.cloud_request(cloud, &ZOFIA);
        request.insert(name.to_owned(), value.to_owned());
        let code = party.cloud_callback(cloud, &request).await["code"].clone();
        let (_, tokens) = party.cloud_token(cloud, &redemption(cloud, &code)).await;
        assert!(tokens.get("id_token").is_some() && tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_forged_an_access_token_or_another_clouds_is_refused() {
    let party = Party::new().await;
    let google = party.cloud_sign_in(Cloud::Google, &ZOFIA).await;
    for cloud in Cloud::ALL.into_iter().filter(|cloud| *cloud != Cloud::Google) {
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        let others = member(&google, "refresh_token").unwrap();
        for bad in ["forged", access(&tokens), others] {
            let (_, body) = party.cloud_token(cloud, &refresh(cloud, bad)).await;
            let expected =
                if cloud == Cloud::GitHub { "unsupported_grant_type" } else { "invalid_grant" };
            assert_eq!(error(&body), expected, "{cloud:?}: {body}");
        }
        assert_eq!(party.listing_status(Cloud::Google, others).await, 401);
    }
}

#[tokio::test]
async fn an_access_token_lives_as_long_as_its_answer_said() {
    let party = Party::new().await;
    for (cloud, name, life) in [
        (Cloud::Google, "expires_in", 3599),
        (Cloud::Aws, "expiresIn", 3600),
        (Cloud::DigitalOcean, "expires_in", 2_592_000),
        (Cloud::Oidc, "expires_in", 300),
        (Cloud::GitLab, "expires_in", 7200),
        (Cloud::Heroku, "expires_in", 28_799),
    ] {
        party.emulator.clear_faults();
        let tokens = party.cloud_sign_in(cloud, &ZOFIA).await;
        assert_eq!(tokens[name], life, "{cloud:?}");
        let clock = FaultKind::Clock { seconds: life };
        party.emulator.fault(Fault::always(Target::Token, clock));
        assert_eq!(party.listing_status(cloud, access(&tokens)).await, 401, "{cloud:?}");
    }
}
