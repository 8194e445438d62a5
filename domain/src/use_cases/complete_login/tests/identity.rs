//! People who are not allowed, or not in their claims.

use super::*;

#[tokio::test]
async fn run_refuses_a_tenant_that_is_not_allowed() {
    let world = World::new(signing_in(&[("elsewhere", "zofia")]));
    let refused = world.log_in("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))));
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn run_refuses_an_identity_that_is_not_in_the_claims() {
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_redeem().returning(|_, _| {
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims("contoso", "zofia"))),
            issuer: samples::issuer("contoso"),
            tokens: samples::tokens("contoso"),
            token_reply: vec![],
        })
    });
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles
        .cloud
        .expect_identify()
        .returning(|_, _| Ok(Some(samples::identity("contoso", "administrator"))));
    let world = World::new(doubles);
    let refused = world.log_in("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::IdentityMadeUp(_))));
    assert_eq!(world.sessions.count(), 0);
}
