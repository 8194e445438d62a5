use rstest::rstest;
use url::Url;

use super::*;
use crate::{
    provider::Reply,
    secret::ProviderSecret,
    testing::{doubles, samples},
};

const RECORD: &str = "https://cloud.example/list/me";

fn sign_in(url: &str, permission: &str) -> SignIn {
    let url = Url::parse(url).unwrap();
    let record = UserRecord { member: None, url, headers: vec![], permission: permission.into() };
    SignIn { user_records: vec![record], ..samples::sign_in() }
}

async fn fetched(sign_in: SignIn, reply: Option<Reply>) -> Result<Claims, UserRecordError> {
    let mut doubles = doubles::Provider::silent();
    doubles.api.expect_fetch().times(usize::from(reply.is_some())).return_once(|fetch| {
        assert_eq!(fetch.token.unwrap().0.expose(), "persons-token");
        Ok(reply.unwrap())
    });
    let mut provider = doubles.into_registration();
    provider.secrets = [("api-key".into(), ProviderSecret::new("operators-api-key"))].into();
    let person = AccessToken::new("persons-token");
    let claims = claims(&provider, &sign_in, None, &person).await;
    claims.map(VerifiedClaims::into_claims)
}

fn reply(status: u16, body: &str) -> Option<Reply> {
    Some(Reply { status, headers: vec![], body: body.into() })
}

#[tokio::test]
async fn claims_fetches_the_record_with_the_persons_token() {
    let body = r#"{"id":7,"login":"zofia"}"#;
    let record = fetched(sign_in(RECORD, "as-user"), reply(200, body)).await.unwrap();
    assert_eq!(record.json(), body);
}

#[rstest]
#[case::token("persons-token")]
#[case::token_in_json_escapes("persons\\u002dtoken")]
#[case::token_in_base64("cGVyc29ucy10b2tlbg==")]
#[case::token_reversed("nekot-snosrep")]
#[case::secret("operators-api-key")]
#[case::secret_in_base64("b3BlcmF0b3JzLWFwaS1rZXk=")]
#[tokio::test]
async fn claims_refuses_a_record_that_echoes_the_token_or_a_secret(#[case] echo: &str) {
    let body = format!(r#"{{"id":7,"echo":"{echo}"}}"#);
    let refused = fetched(sign_in(RECORD, "as-user"), reply(200, &body)).await;
    let Err(UserRecordError::Cloud(IdentityProviderError::InvalidResponse { check, .. })) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(check.as_str(), "echoed_token");
}

#[rstest]
#[case::another_host("https://evil.example/list/me", "as-user")]
#[case::another_path("https://cloud.example/me", "as-user")]
#[case::another_principal(RECORD, "as-application")]
#[case::no_such_permission(RECORD, "unknown")]
#[tokio::test]
async fn claims_fetches_no_record_outside_a_permission_of_the_signed_in_user(
    #[case] url: &str,
    #[case] permission: &str,
) {
    let refused = fetched(sign_in(url, permission), None).await;
    assert!(matches!(refused, Err(UserRecordError::Provider(CallError::Broken(_)))));
}

#[tokio::test]
async fn claims_fails_without_an_id_token_and_a_user_record() {
    let refused = fetched(samples::sign_in(), None).await;
    assert!(matches!(refused, Err(UserRecordError::Provider(CallError::Broken(_)))));
}

#[rstest]
#[case::unauthorized(401, "{}")]
#[case::redirect(302, "{}")]
#[case::array(200, "[]")]
#[case::html(200, "<html>")]
#[tokio::test]
async fn claims_refuses_a_response_that_is_no_json_object(#[case] status: u16, #[case] body: &str) {
    let refused = fetched(sign_in(RECORD, "as-user"), reply(status, body)).await;
    assert!(matches!(refused, Err(UserRecordError::Cloud(_))));
}
