//! Who may use an app, and who may not.

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    account::Account,
    identity::Claims,
    testing::samples::{self, azure},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn provider(text: &str) -> ProviderId {
    ProviderId::parse(text).unwrap()
}

fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

fn name(text: &str) -> ClaimName {
    ClaimName::parse(text).unwrap()
}

fn rule(claim: &str, any_of: &[&str]) -> ClaimRule {
    ClaimRule::new(name(claim), any_of.iter().map(|&it| it.to_owned()).collect()).unwrap()
}

fn with_claims<const N: usize>(claims: [ClaimRule; N]) -> AccessRules {
    AccessRules { claims: claims.into(), ..AccessRules::default() }
}

fn with_tenants<const N: usize>(tenants: [&str; N]) -> AccessRules {
    AccessRules { tenants: tenants.map(tenant).into(), ..AccessRules::default() }
}

fn with_providers<const N: usize>(providers: [&str; N]) -> AccessRules {
    AccessRules { providers: providers.map(provider).into(), ..AccessRules::default() }
}

/// Zofia's session, which began in contoso at Azure, with these claims.
fn session(user: &Value) -> Session {
    let user = Claims::parse(user.to_string()).unwrap();
    Session { user, ..samples::session("contoso", "zofia", NOW) }
}

fn denied(claim: &str) -> Result<(), AccessDenied> {
    Err(AccessDenied::Claim { claim: name(claim) })
}

fn omitted(claim: &str) -> Result<(), AccessDenied> {
    Err(AccessDenied::ClaimOmitted { claim: name(claim) })
}

#[test]
fn check_admits_everybody_without_rules() {
    assert_eq!(AccessRules::default().check(&session(&json!({}))), Ok(()));
}

#[rstest]
#[case::only(with_providers(["azure"]), Ok(()))]
#[case::one_of_two(with_providers(["other", "azure"]), Ok(()))]
#[case::another(with_providers(["other"]), Err(AccessDenied::Provider))]
#[case::prefix(with_providers(["azur"]), Err(AccessDenied::Provider))]
fn check_compares_the_provider(
    #[case] rules: AccessRules,
    #[case] expected: Result<(), AccessDenied>,
) {
    assert_eq!(rules.check(&session(&json!({}))), expected);
}

#[rstest]
#[case::only(with_tenants(["contoso"]), Ok(()))]
#[case::one_of_two(with_tenants(["fabrikam", "contoso"]), Ok(()))]
#[case::another(with_tenants(["fabrikam"]), Err(AccessDenied::Tenant))]
#[case::other_case(with_tenants(["Contoso"]), Err(AccessDenied::Tenant))]
fn check_compares_the_tenant_exactly(
    #[case] rules: AccessRules,
    #[case] expected: Result<(), AccessDenied>,
) {
    assert_eq!(rules.check(&session(&json!({}))), expected);
}

#[test]
fn check_reads_the_tenant_of_the_identity_and_not_of_a_claim() {
    let session = session(&json!({"tid": "fabrikam"}));
    assert_eq!(with_tenants(["fabrikam"]).check(&session), Err(AccessDenied::Tenant));
}

#[rstest]
#[case::string(json!({"role": "Admin"}), Ok(()))]
#[case::other_value(json!({"role": "Owner"}), Ok(()))]
#[case::one_of_an_array(json!({"role": ["Reader", "Admin"]}), Ok(()))]
#[case::absent(json!({"roles": ["Admin"]}), denied("role"))]
#[case::none_of_an_array(json!({"role": ["Reader"]}), denied("role"))]
#[case::empty_array(json!({"role": []}), denied("role"))]
#[case::other_case(json!({"role": "admin"}), denied("role"))]
#[case::longer(json!({"role": "Admins"}), denied("role"))]
#[case::blank_around(json!({"role": " Admin"}), denied("role"))]
#[case::list_in_a_string(json!({"role": "Reader,Admin"}), denied("role"))]
#[case::nested_array(json!({"role": [["Admin"]]}), denied("role"))]
#[case::object(json!({"role": {"Admin": "Admin"}}), denied("role"))]
#[case::null(json!({"role": null}), denied("role"))]
fn check_compares_a_claim(#[case] user: Value, #[case] expected: Result<(), AccessDenied>) {
    let rules = with_claims([rule("role", &["Admin", "Owner"])]);
    assert_eq!(rules.check(&session(&user)), expected);
}

#[rstest]
#[case::number(json!(7), "7")]
#[case::truth_value(json!(true), "true")]
#[case::array_of_numbers(json!([7]), "7")]
fn check_compares_strings_only(#[case] value: Value, #[case] written: &str) {
    let rules = with_claims([rule("level", &[written])]);
    assert_eq!(rules.check(&session(&json!({"level": value}))), denied("level"));
}

#[rstest]
#[case::url("https://example.com/roles")]
#[case::tilde("a~1b")]
#[case::dot("realm.roles")]
fn check_takes_the_name_of_a_claim_for_a_member_and_no_path(#[case] claim: &str) {
    let rules = with_claims([rule(claim, &["Admin"])]);
    assert_eq!(rules.check(&session(&json!({claim: ["Admin"]}))), Ok(()));
    let nested = json!({"realm": {"roles": "Admin"}, "a": {"b": "Admin"}});
    assert_eq!(rules.check(&session(&nested)), denied(claim));
}

#[rstest]
#[case::all(json!({"groups": ["g1"], "roles": ["Admin"]}), Ok(()))]
#[case::first_missing(json!({"roles": ["Admin"]}), denied("groups"))]
#[case::second_missing(json!({"groups": ["g1"]}), denied("roles"))]
#[case::exchanged(json!({"groups": ["Admin"], "roles": ["g1"]}), denied("groups"))]
fn check_requires_every_claim(#[case] user: Value, #[case] expected: Result<(), AccessDenied>) {
    let rules = with_claims([rule("groups", &["g1"]), rule("roles", &["Admin"])]);
    assert_eq!(rules.check(&session(&user)), expected);
}

#[rstest]
#[case::satisfied("azure", "contoso", "Admin", Ok(()))]
#[case::provider("other", "contoso", "Admin", Err(AccessDenied::Provider))]
#[case::tenant("azure", "fabrikam", "Admin", Err(AccessDenied::Tenant))]
#[case::claim("azure", "contoso", "Reader", denied("roles"))]
#[case::nothing("other", "fabrikam", "Reader", Err(AccessDenied::Provider))]
fn check_requires_every_list(
    #[case] of: &str,
    #[case] at: &str,
    #[case] role: &str,
    #[case] expected: Result<(), AccessDenied>,
) {
    let (providers, tenants) = (vec![provider(of)], vec![tenant(at)]);
    let rules = AccessRules { providers, tenants, claims: vec![rule("roles", &[role])] };
    assert_eq!(rules.check(&session(&json!({"roles": ["Admin"]}))), expected);
}

#[rstest]
#[case::overage(json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {}}), omitted("groups"))]
#[case::implicit_flow(json!({"hasgroups": true}), omitted("groups"))]
#[case::as_text(json!({"hasgroups": "true"}), omitted("groups"))]
#[case::beside_the_value(
    json!({"_claim_names": {"groups": "src1"}, "groups": ["g1"]}),
    omitted("groups")
)]
#[case::beside_the_value_in_implicit_flow(json!({"hasgroups": true, "groups": ["g1"]}), omitted("groups"))]
#[case::no_overage(json!({"hasgroups": false}), denied("groups"))]
#[case::no_overage_beside_the_value(json!({"hasgroups": false, "groups": ["g1"]}), Ok(()))]
#[case::other_claim_left_out(json!({"_claim_names": {"address": "src1"}, "groups": ["g1"]}), Ok(()))]
#[case::other_claim_and_no_groups(json!({"_claim_names": {"address": "src1"}}), denied("groups"))]
#[case::name_as_source(json!({"_claim_names": {"address": "groups"}}), denied("groups"))]
#[case::no_object(json!({"_claim_names": "groups"}), denied("groups"))]
fn check_of_groups_fails_closed_if_they_were_left_out(
    #[case] user: Value,
    #[case] expected: Result<(), AccessDenied>,
) {
    let rules = with_claims([rule("groups", &["g1"])]);
    assert_eq!(rules.check(&session(&user)), expected);
}

#[rstest]
#[case::left_out(json!({"_claim_names": {"roles": "src1"}}), omitted("roles"))]
#[case::groups_left_out(json!({"_claim_names": {"groups": "src1"}, "roles": "Admin"}), Ok(()))]
#[case::has_groups(json!({"hasgroups": true, "roles": "Admin"}), Ok(()))]
#[case::has_groups_but_no_roles(json!({"hasgroups": true}), denied("roles"))]
fn check_of_another_claim_is_unknown_only_if_it_was_left_out_itself(
    #[case] user: Value,
    #[case] expected: Result<(), AccessDenied>,
) {
    let rules = with_claims([rule("roles", &["Admin"])]);
    assert_eq!(rules.check(&session(&user)), expected);
}

#[test]
fn check_refuses_claims_that_cannot_be_read() {
    let user = Claims::from_authenticated("{\"roles\":\"Admin\"".into());
    let session = Session { user, ..session(&json!({})) };
    assert_eq!(with_claims([rule("roles", &["Admin"])]).check(&session), denied("roles"));
}

#[test]
fn check_refuses_every_tenant_if_the_own_account_is_gone() {
    let mut session = session(&json!({}));
    session.accounts = vec![samples::account("fabrikam", "zofia", NOW)];
    assert_eq!(with_tenants(["fabrikam"]).check(&session), Err(AccessDenied::Tenant));
    assert_eq!(with_tenants(["contoso"]).check(&session), Err(AccessDenied::Tenant));
    assert_eq!(with_tenants([]).check(&session), Ok(()));
}

/// The account of `subject` in `tenant` of another provider.
fn elsewhere(tenant: &str, subject: &str) -> Account {
    let (other, who) = (provider("other"), samples::identity(tenant, subject));
    let key =
        crate::identity::PersonKey::of(&other, "https://other.example", &who.tenant, &who.subject);
    let listing = samples::account(tenant, subject, NOW).listing;
    Account { person: Some(key), ..Account::connected(other, who, (listing, NOW), NOW) }
}

/// A property: for each of these rules, sessions and accounts, the answer is the same before and after.
#[rstest]
fn check_is_not_changed_by_connecting_another_account(
    #[values(
        AccessRules::default(),
        with_providers(["azure"]),
        with_providers(["other"]),
        with_tenants(["contoso"]),
        with_tenants(["fabrikam"]),
        with_claims([rule("groups", &["g1"])]),
        with_claims([rule("groups", &["g2"])]),
        AccessRules { providers: vec![azure()], ..with_tenants(["fabrikam"]) },
        AccessRules { providers: vec![provider("other")], ..with_tenants(["contoso"]) }
    )]
    rules: AccessRules,
    #[values(
        json!({"groups": ["g1"]}),
        json!({"groups": ["g3"]}),
        json!({"_claim_names": {"groups": "src1"}}),
        json!({})
    )]
    user: Value,
    #[values(
        samples::account("fabrikam", "zofia", NOW),
        samples::account("fabrikam", "marek", NOW),
        elsewhere("contoso", "zofia"),
        elsewhere("fabrikam", "zofia")
    )]
    account: Account,
) {
    let before = session(&user);
    let others = Claims::parse(json!({"groups": ["g2", "g1"], "hasgroups": false}).to_string());
    let person = account.person.unwrap();
    let mut after = before.clone().connect(person, others.unwrap(), account);
    assert_eq!(after.accounts.len(), 2);
    assert_eq!(rules.check(&after), rules.check(&before));
    after.accounts.reverse();
    assert_eq!(rules.check(&after), rules.check(&before));
}

#[test]
fn check_follows_the_claims_of_a_newer_sign_in_of_the_same_person() {
    let (before, rules) = (session(&json!({})), with_claims([rule("groups", &["g1"])]));
    let user = Claims::parse(json!({"groups": ["g1"]}).to_string()).unwrap();
    let again = samples::account("contoso", "zofia", NOW);
    let after = before.clone().connect(samples::person("contoso", "zofia"), user, again);
    assert_eq!((rules.check(&before), rules.check(&after)), (denied("groups"), Ok(())));
}

#[rstest]
#[case::no_value(&[], InvalidClaimRule::NoValue)]
#[case::empty_value(&["a", ""], InvalidClaimRule::EmptyValue)]
#[case::repeated(&["a", "b", "a"], InvalidClaimRule::Repeated("a".into()))]
fn claim_rule_refuses(#[case] any_of: &[&str], #[case] expected: InvalidClaimRule) {
    let any_of = any_of.iter().map(|&it| it.to_owned()).collect();
    assert_eq!(ClaimRule::new(name("groups"), any_of), Err(expected));
}

#[rstest]
#[case::one_letter("a")]
#[case::url("https://example.com/roles")]
#[case::longest(&"a".repeat(64))]
fn claim_name_accepts(#[case] text: &str) {
    assert_eq!(ClaimName::parse(text).map(|it| it.to_string()).as_deref(), Ok(text));
}

#[rstest]
#[case::empty("")]
#[case::space("a b")]
#[case::quotation_mark("a\"b")]
#[case::apostrophe("a'b")]
#[case::backtick("a`b")]
#[case::line_break("a\n")]
#[case::delete("a\u{7f}")]
#[case::not_ascii("ä")]
#[case::too_long(&"a".repeat(65))]
fn claim_name_refuses(#[case] text: &str) {
    assert_eq!(ClaimName::parse(text), Err(InvalidClaimName));
}

#[rstest]
#[case::provider(AccessDenied::Provider, "provider")]
#[case::tenant(AccessDenied::Tenant, "tenant")]
#[case::claim(AccessDenied::Claim { claim: name("roles") }, "claim roles")]
#[case::omitted(AccessDenied::ClaimOmitted { claim: name("groups") }, "more than 200 groups")]
fn refusal_says_its_rule(#[case] denied: AccessDenied, #[case] part: &str) {
    let text = denied.to_string();
    assert!(text.contains(part), "{text}");
}
