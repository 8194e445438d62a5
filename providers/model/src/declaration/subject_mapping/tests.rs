use rstest::rstest;

use super::*;

const ISSUER: &str = "https://login.example/contoso";

fn mapping(subject: &str, tenant: Option<&str>) -> SubjectMapping {
    SubjectMapping {
        subject: subject.into(),
        tenant: tenant.map(Into::into),
        display_name: vec!["/name".into(), "/login".into()],
        username: vec!["/login".into()],
    }
}

/// The tenant and the subject that are identified.
fn identified(mapping: &SubjectMapping, claims: &str) -> Result<(String, String), SubjectNotFound> {
    let identity = mapping.identify(&Claims::parse(claims).unwrap(), ISSUER)?;
    Ok((identity.tenant.to_string(), identity.subject.to_string()))
}

fn pair(tenant: &str, subject: &str) -> Result<(String, String), SubjectNotFound> {
    Ok((tenant.into(), subject.into()))
}

#[test]
fn identify_reads_subject_and_tenant_at_declared_pointers_only() {
    let mapping = mapping("/oid", Some("/tid"));
    let claims = r#"{"oid":"zofia","tid":"contoso","name":"marek","sub":"fabrikam"}"#;
    assert_eq!(identified(&mapping, claims), pair("contoso", "zofia"));
    assert!(identified(&mapping, r#"{"sub":"zofia","tid":"contoso"}"#).is_err());
    assert!(identified(&mapping, "{}").is_err());
}

#[test]
fn identify_takes_issuer_host_if_claims_have_no_tenant() {
    let claims = r#"{"account":{"id":583231},"tid":"contoso"}"#;
    for mapping in [mapping("/account/id", None), mapping("/account/id", Some("/hd"))] {
        assert_eq!(identified(&mapping, claims), pair("login.example", "583231"));
    }
}

#[rstest]
#[case::empty(r#""""#)]
#[case::space(r#""a b""#)]
#[case::not_ascii(r#""ż""#)]
#[case::fraction("1.5")]
#[case::boolean("true")]
#[case::null("null")]
#[case::array(r#"["x"]"#)]
#[case::object("{}")]
fn identify_refuses_subject_that_is_no_identifier(#[case] subject: &str) {
    let claims = format!(r#"{{"id":{subject}}}"#);
    assert!(identified(&mapping("/id", None), &claims).is_err());
}

#[test]
fn identify_refuses_tenant_that_is_no_identifier() {
    assert!(identified(&mapping("/id", Some("/t")), r#"{"id":"z","t":"a b"}"#).is_err());
}

#[test]
fn places_names_members_of_two_levels_without_values() {
    let claims = r#"{"account":{"uuid":"u-1","team":{"id":7}},"name":"Zofia"}"#;
    let named = places(&Claims::parse(claims).unwrap());
    assert_eq!(named, "/account/team, /account/uuid, /name");
    let many: Vec<_> = (0..100).map(|n| format!("\"{n:0>80}\":1")).collect();
    let named = places(&Claims::parse(format!("{{{}}}", many.join(","))).unwrap());
    assert!(named.len() < 24 * 40, "{named}");
}

#[test]
fn identify_takes_first_name_that_is_not_empty_after_cleaning() {
    let names = |claims: &str| {
        let claims = Claims::parse(claims).unwrap();
        let identity = mapping("/id", None).identify(&claims, ISSUER).unwrap();
        (identity.display_name, identity.username)
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(names(r#"{"id":7,"name":"Zofia\r\n","login":"z"}"#), ("Zofia".into(), some("z")));
    assert_eq!(names(r#"{"id":7,"name":"\u202e","login":"z"}"#), ("z".into(), some("z")));
    assert_eq!(names(r#"{"id":7,"name":7}"#), ("7".into(), None));
}

#[rstest]
#[case::openid_subject("/sub", true)]
#[case::entra_object_id("/oid", true)]
#[case::email("/email", false)]
#[case::nested_subject("/account/sub", false)]
fn is_promised_is_true_for_subjects_that_a_specification_requires(
    #[case] subject: &str,
    #[case] expected: bool,
) {
    assert_eq!(mapping(subject, None).is_promised(), expected);
}
