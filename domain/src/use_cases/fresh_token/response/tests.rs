use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    identity::Claims,
    login::OAuthError,
    provider::{Descriptor, SubjectMapping},
    testing::{doubles, samples},
    time::Timestamp,
    verified_claims::VerifiedClaims,
};

#[rstest]
#[case::invalid_grant("invalid_grant", true)]
#[case::interaction_required("interaction_required", true)]
#[case::consent_required("consent_required", true)]
#[case::login_required("login_required", true)]
#[case::invalid_client("invalid_client", false)]
#[case::invalid_scope("invalid_scope", false)]
#[case::unauthorized_client("unauthorized_client", false)]
fn refusal_is_final(#[case] code: &str, #[case] expected: bool) {
    let error = OAuthError { error: code.into(), ..OAuthError::default() };
    let refused = IdentityProviderError::Refused { error, endpoint: String::new() };
    assert_eq!(is_final(&refused), expected);
}

#[test]
fn failure_without_a_refusal_is_not_final() {
    assert!(!is_final(&IdentityProviderError::Unreachable("invalid_grant".into())));
}

/// What an ID token with these changed claims is to Zofia's first or second account.
fn whose_is(is_owner: bool, people: SubjectMapping, changes: Value) -> Whose {
    let now = Timestamp::from_unix_seconds(1_000);
    // A change to null removes the claim.
    let with = |claims: &Claims, changes: &Value| {
        let mut members = claims.members();
        members.extend(changes.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        Claims::parse(Value::Object(members).to_string()).unwrap()
    };
    let login = with(
        &samples::claims("contoso", "zofia"),
        &json!({"sub": "pairwise", "nonce": "of the login"}),
    );
    let mut session = samples::session("contoso", "zofia", now);
    session.user = login.clone();
    session.accounts.push(samples::account("fabrikam", "zofia", now));
    let mut account = session.accounts[0].clone();
    if !is_owner {
        session.accounts.swap(0, 1);
        account.id = session.accounts[1].id.clone();
    }
    let descriptor = Descriptor { people: Some(people), ..samples::descriptor() };
    let provider = doubles::Provider::described_as(descriptor).into_registration();
    let claims = VerifiedClaims::assertion(with(&login, &changes));
    let issuer = samples::issuer("contoso");
    whose(&provider, &session, &account, &RefreshedIdToken { claims, issuer })
}

#[rstest]
#[case::of_the_owner(true, json!({}))]
#[case::of_an_account(false, json!({}))]
#[case::of_the_owner_without_nonce(true, json!({"nonce": null}))]
#[case::of_an_account_with_a_nonce(false, json!({"nonce": "of its login"}))]
#[case::with_another_name(true, json!({"name": "Zofia Kowalska"}))]
fn id_token_is_theirs(#[case] is_owner: bool, #[case] changes: Value) {
    let whose = whose_is(is_owner, samples::people(), changes);
    assert!(matches!(whose, Whose::Theirs), "{whose:?}");
}

#[rstest]
#[case::subject(true, json!({"oid": "piotr"}))]
#[case::subject_of_an_account(false, json!({"oid": "piotr"}))]
#[case::tenant(true, json!({"tid": "fabrikam"}))]
#[case::sub_of_the_login(true, json!({"sub": "another"}))]
fn id_token_is_of_another_person_by(#[case] is_owner: bool, #[case] changes: Value) {
    let whose = whose_is(is_owner, samples::people(), changes);
    assert!(matches!(whose, Whose::Another), "{whose:?}");
}

#[rstest]
#[case::nonce(json!({"nonce": "of another login"}), "id_token_nonce")]
#[case::no_subject(json!({"oid": null}), "identity")]
fn id_token_is_invalid_by(#[case] changes: Value, #[case] expected: &str) {
    match whose_is(true, samples::people(), changes) {
        Whose::Invalid(IdentityProviderError::InvalidResponse { check, .. }) => {
            assert_eq!(check.as_str(), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn subject_in_a_user_record_is_not_compared() {
    let people = SubjectMapping { subject: "/user/id".into(), ..samples::people() };
    assert!(matches!(whose_is(false, people.clone(), json!({})), Whose::Theirs));
    let whose = whose_is(true, people, json!({"sub": "another"}));
    assert!(matches!(whose, Whose::Another), "{whose:?}");
}
