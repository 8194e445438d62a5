use rstest::rstest;

use super::*;

const CLAIMS: &str = r#"{"access_token":{"capolids":{"essential":true,"values":["c1"]}}}"#;

fn refused(error: &str, suberror: &str, claims: Option<&str>, number: u32) -> TokenRefusal {
    TokenRefusal {
        error: error.into(),
        suberror: Some(suberror).filter(|it| !it.is_empty()).map(Into::into),
        claims: claims.map(Into::into),
        numbers: vec![number],
    }
}

fn reported(refused: &TokenRefusal) -> Report {
    match verdict(refused) {
        Verdict::Failed(report) => report,
        other => panic!("{other:?}"),
    }
}

use Mender::{Administrator, Operator, Person};
use TenantState::{Blocked, WantsConsent, WantsMfa};

#[rstest]
#[case::mfa("invalid_grant", "basic_action", Some(CLAIMS), WantsMfa, Some(Person), Some(Repair::Claims(CLAIMS.into())))]
#[case::mfa_as_interaction("interaction_required", "basic_action", Some(CLAIMS), WantsMfa, Some(Person), Some(Repair::Claims(CLAIMS.into())))]
#[case::claims_alone("interaction_required", "", Some(CLAIMS), WantsMfa, Some(Person), Some(Repair::Claims(CLAIMS.into())))]
#[case::more_elsewhere(
    "invalid_grant",
    "additional_action",
    None,
    WantsMfa,
    Some(Person),
    Some(Repair::SignIn)
)]
#[case::consent(
    "invalid_grant",
    "consent_required",
    None,
    WantsConsent,
    Some(Person),
    Some(Repair::SignIn)
)]
#[case::consent_by_error(
    "consent_required",
    "",
    None,
    WantsConsent,
    Some(Person),
    Some(Repair::SignIn)
)]
#[case::blocked("invalid_grant", "message_only", None, Blocked, Some(Administrator), None)]
#[case::blocked_with_claims(
    "interaction_required",
    "message_only",
    Some(CLAIMS),
    Blocked,
    Some(Administrator),
    None
)]
#[case::hopeless("interaction_required", "", None, Blocked, Some(Administrator), None)]
#[case::denied("access_denied", "", None, Blocked, Some(Administrator), None)]
#[case::expired("invalid_grant", "bad_token", None, WantsMfa, Some(Person), Some(Repair::SignIn))]
#[case::revoked("invalid_grant", "", None, WantsMfa, Some(Person), Some(Repair::SignIn))]
#[case::password(
    "invalid_grant",
    "user_password_expired",
    None,
    WantsMfa,
    Some(Person),
    Some(Repair::SignIn)
)]
#[case::not_set_up("invalid_resource", "", None, Blocked, Some(Administrator), None)]
#[case::secret("invalid_client", "", None, Blocked, Some(Operator), None)]
#[case::made_up("made_up", "made_up", None, Blocked, None, None)]
fn codes_decide_and_no_number_changes_that(
    #[case] error: &str,
    #[case] suberror: &str,
    #[case] claims: Option<&str>,
    #[case] state: TenantState,
    #[case] mender: Option<Mender>,
    #[case] repair: Option<Repair>,
) {
    for number in [0, 50076, 53003, 65001, 700_082, 7_000_215] {
        let report = reported(&refused(error, suberror, claims, number));
        assert_eq!((report.state, report.mender), (state, mender), "{number}");
        assert_eq!(report.repair, repair, "{number}");
    }
}

#[test]
fn number_chooses_the_sentence() {
    let enrol = reported(&refused("invalid_grant", "basic_action", Some(CLAIMS), 50079));
    assert!(enrol.reason.contains("set up a second factor"), "{}", enrol.reason);
    let secret = reported(&refused("invalid_client", "", None, 7_000_222));
    assert!(secret.reason.contains("has expired"), "{}", secret.reason);
    let unknown = reported(&refused("invalid_grant", "basic_action", Some(CLAIMS), 1));
    assert_eq!(unknown.reason, FACTOR);
}

#[rstest]
#[case::no_guest(50020)]
#[case::no_user(90072)]
#[case::gone(90002)]
fn tenant_without_the_person_is_hidden_unless_something_can_be_done(#[case] number: u32) {
    assert_eq!(verdict(&refused("invalid_grant", "", None, number)), Verdict::Hidden);
    let actionable = refused("invalid_grant", "basic_action", Some(CLAIMS), number);
    assert_eq!(reported(&actionable).state, WantsMfa);
}
