//! Fetches the document that says who a token belongs to, where a provider gives no ID token.

use std::time::Duration;

use thiserror::Error;

use crate::{
    echo::TokenEcho,
    identity::Claims,
    ports::{Fetch, FetchFailure, IdentityProviderError},
    provider::{
        Credential, Endpoints, FetchError, Grant, Method, Principal, Problem, Registration,
        Request, SignIn, UserRecord,
    },
    secret::AccessToken,
};

/// How long the record may take.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest record, in bytes: it is kept with the session and handed out with it.
const AT_MOST: u64 = 16 << 10;

/// Why nobody can say who signed in.
#[derive(Debug, Error)]
pub(super) enum UserRecordError {
    /// The provider asks for what it may not have.
    #[error(transparent)]
    Provider(#[from] Problem),
    /// The cloud did not answer as it should.
    #[error(transparent)]
    Cloud(#[from] IdentityProviderError),
}

/// The user record of the person with this token. It is fetched under the grant that the record
/// names, and refused where it holds the token.
pub(super) async fn fetch(
    provider: &Registration,
    sign_in: &SignIn,
    person: &AccessToken,
) -> Result<Claims, UserRecordError> {
    let record = declared(sign_in)?;
    let grant = granted(provider, record)?;
    let request = Request {
        id: 0,
        method: Method::Get,
        url: record.url.clone(),
        headers: record.headers.clone(),
        body: None,
        credential: Some(Credential { grant: record.grant.clone(), tenant: None }),
    };
    let token = Some((person, &grant.placement));
    let fetch = Fetch { request: &request, token, within: WITHIN, at_most: AT_MOST };
    let reply = provider.api.fetch(fetch).await.map_err(failed)?;
    if reply.status != 200 {
        return Err(untrue(format!("the user record came with status {}", reply.status)).into());
    }
    let mut echo = TokenEcho::default();
    echo.watch(person);
    if echo.is_in(&reply) {
        let detail = "the user record holds the token that it was asked for with".into();
        return Err(IdentityProviderError::Untrue { check: "echoed_token", detail }.into());
    }
    let claims = Claims::parse(reply.body);
    Ok(claims.map_err(|_| untrue("the user record is not a JSON object".into()))?)
}

fn declared(sign_in: &SignIn) -> Result<&UserRecord, Problem> {
    let record = match &sign_in.endpoints {
        Endpoints::Plain(plain) => plain.user_record.as_ref(),
        Endpoints::OpenId(_) => None,
    };
    record.ok_or_else(|| {
        Problem::Broken("people sign in, and there is neither an ID token nor a user record".into())
    })
}

fn granted<'a>(provider: &'a Registration, record: &UserRecord) -> Result<&'a Grant, Problem> {
    let grants = &provider.cloud.descriptor().grants;
    let covers = |grant: &&Grant| {
        grant.name == record.grant
            && grant.principal == Principal::SignedInUser
            && grant.covers(Method::Get, &record.url)
    };
    grants.iter().find(covers).ok_or_else(|| {
        let why = format!("its user record is not covered by its grant {:?}", record.grant);
        Problem::Broken(why)
    })
}

fn failed(failure: FetchFailure) -> IdentityProviderError {
    let detail = format!("the user record: {}", failure.detail);
    match failure.error {
        FetchError::TimedOut => IdentityProviderError::TimedOut(detail),
        FetchError::Unreachable => IdentityProviderError::Unreachable(detail),
        FetchError::NotGranted
        | FetchError::NoToken
        | FetchError::TooLarge
        | FetchError::BudgetSpent => untrue(detail),
    }
}

fn untrue(detail: String) -> IdentityProviderError {
    IdentityProviderError::Untrue { check: "user_record", detail }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{
        provider::{PlainEndpoints, Reply},
        testing::{doubles, samples},
    };

    const RECORD: &str = "https://cloud.example/list/me";

    fn sign_in(url: &str, grant: &str) -> SignIn {
        let url = Url::parse(url).unwrap();
        SignIn {
            endpoints: Endpoints::Plain(PlainEndpoints {
                user_record: Some(UserRecord { url, headers: vec![], grant: grant.into() }),
                ..samples::plain_endpoints()
            }),
            ..samples::sign_in()
        }
    }

    async fn fetched(sign_in: SignIn, reply: Option<Reply>) -> Result<Claims, UserRecordError> {
        let mut doubles = doubles::Provider::silent();
        doubles.api.expect_fetch().times(usize::from(reply.is_some())).return_once(|fetch| {
            assert_eq!(fetch.token.unwrap().0.expose(), "persons-token");
            Ok(reply.unwrap())
        });
        let provider = doubles.into_registration();
        fetch(&provider, &sign_in, &AccessToken::new("persons-token")).await
    }

    fn reply(status: u16, body: &str) -> Option<Reply> {
        Some(Reply { status, headers: vec![], body: body.into() })
    }

    #[tokio::test]
    async fn the_record_is_fetched_with_the_persons_token() {
        let body = r#"{"id":7,"login":"zofia"}"#;
        let record = fetched(sign_in(RECORD, "as-user"), reply(200, body)).await.unwrap();
        assert_eq!(record.json(), body);
    }

    #[tokio::test]
    async fn a_record_that_holds_the_persons_token_is_refused() {
        for echo in
            ["persons-token", "persons\\u002dtoken", "cGVyc29ucy10b2tlbg==", "nekot-snosrep"]
        {
            let body = format!(r#"{{"id":7,"echo":"{echo}"}}"#);
            let refused = fetched(sign_in(RECORD, "as-user"), reply(200, &body)).await;
            let Err(UserRecordError::Cloud(IdentityProviderError::Untrue { check, .. })) = refused
            else {
                panic!("{body}: {refused:?}")
            };
            assert_eq!(check, "echoed_token");
        }
    }

    #[tokio::test]
    async fn a_record_outside_its_grant_or_under_the_applications_is_not_fetched() {
        for (url, grant) in [
            ("https://evil.example/list/me", "as-user"),
            ("https://cloud.example/me", "as-user"),
            (RECORD, "as-application"),
            (RECORD, "unheard of"),
        ] {
            let refused = fetched(sign_in(url, grant), None).await;
            let broken = matches!(refused, Err(UserRecordError::Provider(Problem::Broken(_))));
            assert!(broken, "{url} {grant}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_names_no_record_signs_nobody_in() {
        let refused = fetched(samples::sign_in(), None).await;
        assert!(matches!(refused, Err(UserRecordError::Provider(Problem::Broken(_)))));
    }

    #[tokio::test]
    async fn what_is_no_record_says_nothing_about_anybody() {
        for (status, body) in [(401, "{}"), (302, "{}"), (200, "[]"), (200, "<html>")] {
            let refused = fetched(sign_in(RECORD, "as-user"), reply(status, body)).await;
            assert!(matches!(refused, Err(UserRecordError::Cloud(_))), "{status} {body}");
        }
    }
}
