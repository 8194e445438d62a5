//! The claims that a repair of one of a session's tenants wants.

use super::Session;
use crate::{
    account::Repair,
    identity::{Claims, ProviderId, TenantId},
};

impl Session {
    /// The claims that a tenant of a listing wants of a new sign-in, if they are these: the same JSON
    /// object, however it is written. `None` for any others: a login requests no claims that a link of
    /// somebody else's brings along, because they decide how the identity provider signs people in.
    pub fn repair_claims(
        &self,
        provider: &ProviderId,
        tenant: &TenantId,
        claims: &str,
    ) -> Option<&str> {
        let requested = Claims::parse(claims).ok()?.members();
        let listed = self.accounts.iter().filter(|account| account.provider == *provider);
        let mut repairs = listed.flat_map(|account| &account.tenants).filter_map(|listed| {
            let is_same = listed.id.eq_ignore_ascii_case(tenant.as_str());
            match &listed.repair {
                Some(Repair::Claims(claims)) if is_same => Some(claims.as_str()),
                _ => None,
            }
        });
        repairs.find(|held| Claims::parse(*held).is_ok_and(|held| held.members() == requested))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        account::{Mender, Tenant, TenantState},
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
}
