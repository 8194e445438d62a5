use rstest::rstest;

use super::*;

fn check(
    configured: &str,
    issuer: &str,
    many_tenants: bool,
) -> Result<Discovery, IdentityProviderError> {
    let document = serde_json::json!({
        "issuer": issuer, "authorization_endpoint": "https://a.example/authorize",
        "token_endpoint": "https://a.example/token", "jwks_uri": "https://a.example/keys",
    });
    check_document(document, configured, many_tenants)
}

fn check_document(
    document: serde_json::Value,
    configured: &str,
    many_tenants: bool,
) -> Result<Discovery, IdentityProviderError> {
    let document = Document::read(document.as_object().unwrap()).unwrap();
    let settings = IssuerSettings { variables: vec!["X_ISSUER".into()], is_whole: true };
    Discovery::check(document, &Url::parse(configured).unwrap(), many_tenants, &settings)
}

#[test]
fn discovery_address_appends_well_known_path_to_issuer() {
    for issuer in ["https://a.example/x/v2.0", "https://a.example/x/v2.0/"] {
        let address = address(&Url::parse(issuer).unwrap());
        let expected = "https://a.example/x/v2.0/.well-known/openid-configuration";
        assert_eq!(address.as_str(), expected);
    }
}

#[test]
fn discovery_accepts_configured_issuer_with_or_without_root_slash() {
    assert!(check("https://a.example/t/v2.0", "https://a.example/t/v2.0", false).is_ok());
    assert!(check("https://a.example", "https://a.example", false).is_ok());
    assert!(check("https://a.example", "https://a.example/", false).is_ok());
}

#[test]
fn discovery_with_other_issuer_is_misconfigured() {
    for issuer in ["https://b.example/t/v2.0", "https://a.example/t/v2.0/", "", "{tenantid}"] {
        let error = check("https://a.example/t/v2.0", issuer, false).unwrap_err();
        assert!(
            matches!(&error, IdentityProviderError::Misconfigured(detail)
            if detail.starts_with("discovery_issuer")),
            "{issuer}"
        );
    }
}

#[test]
fn discovery_accepts_issuer_template_only_with_tenant_claim() {
    let configured = "https://a.example/organizations/v2.0";
    let template = "https://a.example/{tenantid}/v2.0";
    let discovery = check(configured, template, true).unwrap();
    assert_eq!(discovery.endpoints.issuer.issuer, template);
    assert!(check(configured, template, false).is_err());
    assert!(check(configured, "https://b.example/{tenantid}/v2.0", true).is_err());
    assert!(check(configured, "https://a.example/{tenantid}/v1.0", true).is_err());
}

#[rstest]
#[case::authorization("authorization_endpoint")]
#[case::token("token_endpoint")]
#[case::end_session("end_session_endpoint")]
fn discovery_refuses_endpoint_with_reserved_query_parameter(#[case] name: &str) {
    for (query, is_accepted) in [("p=b2c_1", true), ("p=b2c_1&client%5fid=evil", false)] {
        let mut document = serde_json::json!({
            "issuer": "https://a.example/t", "token_endpoint": "https://a.example/token",
            "authorization_endpoint": "https://a.example/authorize",
            "jwks_uri": "https://a.example/keys",
        });
        document[name] = format!("https://a.example/x?{query}").into();
        let checked = check_document(document, "https://a.example/t", false);
        assert_eq!(checked.is_ok(), is_accepted, "{query}");
    }
}

#[rstest]
#[case::plain_http("http://a.example/token")]
#[case::loopback("https://127.0.0.1/token")]
#[case::credentials("https://u:p@a.example/token")]
fn discovery_refuses_plain_http_and_loopback_endpoints(#[case] endpoint: &str) {
    let document = serde_json::json!({
        "issuer": "https://a.example/t", "token_endpoint": endpoint,
        "authorization_endpoint": "https://a.example/authorize",
        "jwks_uri": "https://a.example/keys",
    });
    let error = check_document(document, "https://a.example/t", false).unwrap_err();
    let IdentityProviderError::InvalidResponse { check, .. } = error else { panic!("{error}") };
    assert_eq!(check.as_str(), "discovery_endpoint");
}

#[test]
fn discovery_refuses_provider_without_accepted_signing_algorithm() {
    let announcing = |algorithms: &[&str]| {
        let document = serde_json::json!({
            "issuer": "https://a.example/t", "token_endpoint": "https://a.example/token",
            "authorization_endpoint": "https://a.example/authorize",
            "jwks_uri": "https://a.example/keys",
            "id_token_signing_alg_values_supported": algorithms,
        });
        check_document(document, "https://a.example/t", false)
    };
    for accepted in [&["RS256"][..], &["EdDSA"], &["none", "HS256", "ES384"], &[]] {
        assert!(announcing(accepted).is_ok(), "{accepted:?}");
    }
    for refused in [&["HS256"][..], &["none"], &["ES512", "HS512"], &["rs256"]] {
        let error = announcing(refused).unwrap_err().to_string();
        assert!(error.contains("id_token_algorithm: "), "{error}");
        assert!(error.contains(&refused.join(", ")), "{error}");
    }
}

#[test]
fn issuer_mismatch_error_names_both_issuers_and_the_setting() {
    let error = check("https://a.example/t", "https://b.example/t", false).unwrap_err();
    let expected = "the settings do not fit the provider: discovery_issuer: \
                    https://a.example/t/.well-known/openid-configuration names the issuer \
                    \"https://b.example/t\" and not https://a.example/t; if that is the provider \
                    you mean, set X_ISSUER=https://b.example/t";
    assert_eq!(error.to_string(), expected);
}
