//! Who may use an app: its keys `providers`, `tenants` and `require_claims`.

use std::fmt::Display;

use portico_domain::{
    apps::{AccessRules, ClaimName, ClaimRule},
    identity::{ProviderId, TenantId},
};

use super::{super::azure::normalise_guid, AppReader};

const PROVIDERS: &str = "write the ids of the providers that people may sign in with, such as \
                         [\"azure\"], or remove it to admit those of every provider";

const TENANTS: &str = "write the ids of the tenants whose people may use it, such as \
                       [\"11111111-2222-3333-4444-555555555555\"], or remove it to admit those of \
                       every tenant";

const REQUIRE_CLAIMS: &str = "write each claim with the values of which it must have one, such as \
                              { roles = [\"Admin\"] }";

const VALUES: &str = "write the values of which the claim must have one, such as [\"Admin\"]";

impl AppReader<'_> {
    /// The rules about who may use it; without any of the keys, everybody who is signed in.
    pub(super) fn access(&mut self) -> Option<AccessRules> {
        let providers = self.optional_list("providers", PROVIDERS, |text| ProviderId::parse(text));
        // As for AZURE_ALLOWED_TENANTS: the case of a GUID is insignificant, and tokens have it in lower case.
        let tenants =
            self.optional_list("tenants", TENANTS, |text| TenantId::parse(normalise_guid(text)));
        let claims = self.required_claims();
        Some(AccessRules { providers: providers?, tenants: tenants?, claims: claims? })
    }

    /// An optional list. A list that is there is not empty: one of those who may use the app might be
    /// meant for nobody, but everybody would be admitted.
    pub(super) fn optional_list<T: PartialEq, E: Display>(
        &mut self,
        key: &str,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        if !self.table.contains_key(key) {
            return Some(Vec::new());
        }
        let texts = self.texts(key, hint)?;
        let values = self.parsed(key, hint, &texts, parse)?;
        let repeated = (0..values.len()).find(|at| values[..*at].contains(&values[*at]));
        if let Some(at) = repeated {
            self.fault(key, &format!("has {:?} twice: write it once", texts[at]));
            return None;
        }
        Some(values)
    }

    fn required_claims(&mut self) -> Option<Vec<ClaimRule>> {
        let key = "require_claims";
        let Some(value) = self.table.get(key) else { return Some(Vec::new()) };
        match value.as_table() {
            None => self.fault(key, &format!("must be a table: {REQUIRE_CLAIMS}")),
            Some(claims) if claims.is_empty() => {
                self.fault(key, &format!("is empty: {REQUIRE_CLAIMS}, or remove it"));
            }
            Some(claims) => {
                let rules: Vec<_> = claims
                    .iter()
                    .map(|(claim, values)| self.required_claim(claim, values))
                    .collect();
                return rules.into_iter().collect();
            }
        }
        None
    }

    fn required_claim(&mut self, claim: &str, values: &toml::Value) -> Option<ClaimRule> {
        let name = ClaimName::parse(claim)
            .map_err(|error| self.fault("require_claims", &format!("has {claim:?}: {error}")))
            .ok()?;
        let key = format!("require_claims.{claim}");
        let values = self.texts_of(&key, VALUES, values)?;
        let rule = ClaimRule::new(name, values);
        rule.map_err(|error| self.fault(&key, &format!("makes no rule: {error}"))).ok()
    }
}
