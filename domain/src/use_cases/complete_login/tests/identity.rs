//! People who are not allowed, or not in their claims.

use super::*;
use crate::identity::Identity;

#[tokio::test]
async fn run_refuses_a_tenant_that_is_not_allowed() {
    let world = World::new(signing_in(&[("elsewhere", "zofia")]));
    let refused = world.log_in("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::TenantNotAllowed(_))));
    assert_eq!(world.sessions.count(), 0);
}

/// A provider of interface 1.0.0, which identifies Zofia as this.
fn identifying(identity: fn() -> Identity) -> doubles::Provider {
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
    doubles.cloud.expect_identify().returning(move |_, _| Ok(Some(identity())));
    doubles
        .cloud
        .expect_list()
        .returning(|_| Ok(Box::new(ScriptedRun(|_| Ok(Step::Done(Listing::default()))))));
    doubles
}

#[tokio::test]
async fn run_takes_the_names_of_an_identity_that_is_in_the_claims() {
    let named =
        || Identity { display_name: "Z. Nowak".into(), ..samples::identity("contoso", "zofia") };
    let world = World::new(identifying(named));
    let login = world.log_in("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert_eq!(session.accounts[0].identity, named());
}

#[tokio::test]
async fn run_refuses_an_identity_that_is_not_in_the_claims() {
    let world = World::new(identifying(|| samples::identity("contoso", "administrator")));
    let refused = world.log_in("right", None, code()).await;
    assert!(matches!(refused, Err(CompleteLoginError::IdentityMadeUp(_))));
    assert_eq!(world.sessions.count(), 0);
}
