use rstest::rstest;

use super::*;
use crate::{
    account::{AccountToken, Mender, Tenant, TenantState},
    challenge::Challenge,
    testing::samples,
    time::Timestamp,
};

const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// Zofia's session, in which fabrikam wants [`CLAIMS`].
fn session() -> Session {
    let mut session = samples::session("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
    session.accounts[0].tenants = vec![Tenant {
        id: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        state: TenantState::WantsMfa,
        reason: None,
        mender: Some(Mender::Person),
        repair: Some(Repair::Claims(CLAIMS.into())),
        extra: vec![],
    }];
    session
}

fn held(provider: &str, tenant: &str, claims: &str) -> Option<String> {
    let (provider, tenant) = (ProviderId::parse(provider), TenantId::parse(tenant));
    session().repair_claims(&provider.unwrap(), &tenant.unwrap(), claims).map(str::to_owned)
}

#[rstest]
#[case::same_text(CLAIMS)]
#[case::other_blanks(r#"{ "access_token": {"acrs": {"value": "c1", "essential": true}} }"#)]
fn repair_claims_returns_the_listed_claims(#[case] claims: &str) {
    assert_eq!(held("azure", "fabrikam", claims).as_deref(), Some(CLAIMS));
    assert_eq!(held("azure", "FABRIKAM", claims).as_deref(), Some(CLAIMS));
}

#[test]
fn repair_claims_returns_those_of_a_refused_token_for_its_own_tenant() {
    let mut session = session();
    let at = Timestamp::from_unix_seconds(1_000);
    let wanted = r#"{"access_token":{"refused":null}}"#;
    let challenge = Challenge { suberror: None, claims: Some(wanted.into()) };
    let token = AccountToken::issued(at, at, true).refused(Some(Box::new(challenge)));
    session.accounts[0].token = Some(token);
    let held = |tenant| {
        let (azure, tenant) = (samples::azure(), TenantId::parse(tenant).unwrap());
        session.repair_claims(&azure, &tenant, wanted).map(str::to_owned)
    };
    assert_eq!((held("contoso").as_deref(), held("fabrikam")), (Some(wanted), None));
}

#[rstest]
#[case::other_claims("azure", "fabrikam", r#"{"access_token":{"acrs":{"value":"c2"}}}"#)]
#[case::more_claims(
    "azure",
    "fabrikam",
    r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}},"id_token":{}}"#
)]
#[case::no_claims("azure", "fabrikam", "{}")]
#[case::no_json("azure", "fabrikam", "claims")]
#[case::other_tenant("azure", "contoso", CLAIMS)]
#[case::other_provider("google", "fabrikam", CLAIMS)]
fn repair_claims_returns_none_for(
    #[case] provider: &str,
    #[case] tenant: &str,
    #[case] claims: &str,
) {
    assert_eq!(held(provider, tenant, claims), None);
}
