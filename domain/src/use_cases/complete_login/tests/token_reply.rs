//! Members of the token response that the provider gets.

use super::*;

#[tokio::test]
async fn run_gives_the_provider_no_member_of_the_token_response_that_echoes_a_token() {
    let mut doubles = doubles::Provider::silent();
    let member = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    doubles.identity.expect_redeem().returning(move |_, _| {
        let tokens = samples::tokens("contoso");
        let echo = format!("{:?}", tokens.access.expose());
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(samples::claims("contoso", "zofia"))),
            issuer: samples::issuer("contoso"),
            tokens,
            token_reply: vec![member("team", "contoso"), member("echo", &echo)],
        })
    });
    let seen = Arc::new(Mutex::new(vec![]));
    let list = seen.clone();
    doubles.cloud.expect_list().returning(move |person: &Person| {
        list.lock().unwrap().clone_from(&person.token_reply);
        Ok(Box::new(ScriptedRun(|_| Ok(Step::Done(Listing::default())))))
    });
    let world = World::new(doubles);
    world.log_in("right", None, code()).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [member("team", "contoso")]);
}
