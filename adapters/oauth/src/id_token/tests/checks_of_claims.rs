//! Claims of tokens with a valid signature.

use super::*;

fn claims_are_refused(cases: &[(Value, &'static str)]) {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    for (changed, code) in cases {
        let token = token(&key, "1", &claims(changed.clone()));
        assert_eq!(refused(verified(&token, &keys, TEMPLATE)), *code, "{changed}");
    }
}

fn claims_are_accepted(cases: &[Value]) {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    for changed in cases {
        let token = token(&key, "1", &claims(changed.clone()));
        assert!(verified(&token, &keys, TEMPLATE).is_ok(), "{changed}");
    }
}

#[test]
fn id_token_with_other_or_no_issuer_is_refused() {
    let code = "id_token_issuer";
    claims_are_refused(&[
        (json!({"iss": null}), code),
        (json!({"iss": 7}), code),
        (json!({"iss": ""}), code),
        (json!({"iss": TEMPLATE}), code),
        (json!({"iss": "https://login.example/fabrikam/v2.0"}), code),
        (json!({"tid": "fabrikam"}), code),
        (json!({"iss": format!("{ISSUER}/")}), code),
    ]);
}

#[test]
fn tenant_claim_with_url_syntax_is_refused() {
    let code = "id_token_tenant";
    claims_are_refused(&[
        (json!({"tid": null}), code),
        (json!({"tid": ""}), code),
        (json!({"tid": 7}), code),
        (json!({"tid": "contoso/v2.0?"}), code),
        (json!({"tid": "{tenantid}"}), code),
        (json!({"tid": "../contoso", "iss": "https://login.example/../contoso/v2.0"}), code),
    ]);
}

#[test]
fn id_token_for_other_audience_is_refused() {
    let code = "id_token_audience";
    claims_are_refused(&[
        (json!({"aud": null}), code),
        (json!({"aud": "another"}), code),
        (json!({"aud": []}), code),
        (json!({"aud": ["another"]}), code),
        (json!({"aud": ["portico", 7], "azp": "portico"}), code),
        (json!({"aud": {"portico": true}}), code),
        (json!({"aud": "portico "}), code),
    ]);
}

#[test]
fn id_token_with_other_authorized_party_is_refused() {
    let code = "id_token_authorized_party";
    claims_are_refused(&[
        (json!({"aud": ["portico", "another"]}), code),
        (json!({"aud": ["portico", "another"], "azp": "another"}), code),
        (json!({"azp": "another"}), code),
        (json!({"azp": 7}), code),
    ]);
    claims_are_accepted(&[
        json!({"aud": ["portico"]}),
        json!({"aud": ["another", "portico"], "azp": "portico"}),
    ]);
}

#[test]
fn id_token_without_subject_is_refused() {
    let code = "id_token_subject";
    claims_are_refused(&[
        (json!({"sub": null}), code),
        (json!({"sub": ""}), code),
        (json!({"sub": 7}), code),
    ]);
}

#[test]
fn id_token_past_exp_is_refused_after_60_s_leeway() {
    let code = "id_token_expired";
    claims_are_refused(&[
        (json!({"exp": null}), code),
        (json!({"exp": "never"}), code),
        (json!({"exp": (NOW + 9).to_string()}), code),
        (json!({"exp": -1}), code),
        (json!({"exp": 1e300}), code),
        (json!({"exp": NOW - 61}), code),
        (json!({"exp": NOW - 600}), code),
    ]);
    claims_are_accepted(&[json!({"exp": NOW - 60}), json!({"exp": u64::MAX})]);
    claims_are_accepted(&[json!({"exp": NOW as f64 + 0.5})]);
}

#[test]
fn id_token_before_iat_or_nbf_is_refused_beyond_60_s_leeway() {
    claims_are_refused(&[
        (json!({"iat": null}), "id_token_issued_at"),
        (json!({"iat": "now"}), "id_token_issued_at"),
        (json!({"iat": NOW + 61}), "id_token_issued_at"),
        (json!({"nbf": NOW + 61}), "id_token_not_yet_valid"),
        (json!({"nbf": NOW + 600}), "id_token_not_yet_valid"),
        (json!({"nbf": "now"}), "id_token_not_yet_valid"),
    ]);
    claims_are_accepted(&[json!({"iat": NOW + 60, "nbf": NOW + 60}), json!({"nbf": null})]);
}

#[test]
fn id_token_with_other_nonce_is_refused() {
    let code = "id_token_nonce";
    claims_are_refused(&[
        (json!({"nonce": null}), code),
        (json!({"nonce": ""}), code),
        (json!({"nonce": "Nonce"}), code),
        (json!({"nonce": ["nonce"]}), code),
    ]);
}

#[test]
fn id_token_with_other_at_hash_is_refused() {
    // The first half of the SHA-256 of "access token".
    let right = "DD1GlGu_mcghPdf2xkDtZA";
    let code = "id_token_access_token";
    claims_are_refused(&[
        (json!({"at_hash": "jU-sLfkfrJPJyuA6yGSDhw"}), code),
        (json!({"at_hash": ""}), code),
        (json!({"at_hash": format!("{right}=")}), code),
        (json!({"at_hash": 7}), code),
        (json!({"at_hash": [right]}), code),
    ]);
    claims_are_accepted(&[json!({"at_hash": right})]);
}

#[test]
fn id_token_claims_over_64_kib_are_refused() {
    let key = RsaKey::generate();
    let sized = |bytes: usize| {
        let mut claims = claims(json!({})).to_string();
        claims.push_str(&" ".repeat(bytes - claims.len()));
        let header = json!({"alg": "RS256", "kid": "1"});
        verified(&token_with(&header, &claims, |m| key.rs256(m)), &keys([key.jwk("1")]), ISSUER)
    };
    assert!(sized(65_536).is_ok());
    assert_eq!(refused(sized(65_537)), "id_token_too_large");
}

#[test]
fn time_errors_state_the_difference_in_seconds() {
    let key = RsaKey::generate();
    let keys = keys([key.jwk("1")]);
    for (changed, said) in [
        (json!({"exp": NOW - 90}), "it expired 90 seconds ago"),
        (json!({"iat": NOW + 90}), "it was issued 90 seconds from now; one of the clocks is wrong"),
    ] {
        let error = verified(&token(&key, "1", &claims(changed)), &keys, ISSUER).unwrap_err();
        assert!(error.to_string().ends_with(said), "{error}");
    }
}

/// Verifies a token whose times are shifted by `seconds`; `date` is the shift of the provider's `Date`.
fn shifted(
    seconds: i64,
    with_nbf: bool,
    date: Option<i64>,
) -> Result<Verified, IdentityProviderError> {
    let key = RsaKey::generate();
    let at = |time: u64| time.checked_add_signed(seconds).unwrap();
    let times = json!({"iat": at(NOW), "exp": at(NOW + 300)});
    let mut changed = claims(times);
    match with_nbf {
        true => changed["nbf"] = at(NOW).into(),
        false => drop(changed.as_object_mut().unwrap().remove("nbf")),
    }
    let date = date.map(|seconds| NOW.checked_add_signed(seconds).unwrap());
    verified_at(&token(&key, "1", &changed), &keys([key.jwk("1")]), ISSUER, date)
}

#[test]
fn shifted_token_times_are_reported_as_clock_difference() {
    for (seconds, with_nbf, date, said) in [
        (
            600,
            true,
            Some(600),
            "is 600 seconds ahead of this machine's clock, and its HTTP header \
                                Date is 600 seconds ahead of this machine's clock",
        ),
        (
            61,
            false,
            Some(0),
            "is 61 seconds ahead of this machine's clock, and its HTTP header Date \
                              is 0 seconds ahead of this machine's clock",
        ),
        (
            86_400,
            true,
            None,
            "is 86400 seconds ahead of this machine's clock, and it sent no HTTP \
                              header Date",
        ),
        (
            -4_000,
            true,
            Some(-4_000),
            "its HTTP header Date is 4000 seconds behind this machine's \
                                      clock",
        ),
    ] {
        let refused = shifted(seconds, with_nbf, date).unwrap_err();
        let differs = matches!(refused, IdentityProviderError::ClockDiffers { .. });
        assert!(differs && refused.to_string().ends_with(said), "{seconds}: {refused}");
    }
}

#[test]
fn replayed_or_contradictory_times_are_invalid_response() {
    // It may be a replayed token.
    for date in [None, Some(0), Some(-60), Some(600)] {
        assert_eq!(refused(shifted(-4_000, true, date)), "id_token_expired", "{date:?}");
    }
    let (code, ahead) = ("id_token_issued_at", NOW + 600);
    claims_are_refused(&[
        (json!({"iat": ahead}), code),
        (json!({"iat": ahead, "nbf": ahead, "exp": NOW + 60}), code),
        (json!({"iat": ahead, "nbf": "now", "exp": NOW + 900}), code),
        (json!({"iat": ahead, "nbf": NOW + 60, "exp": NOW + 900}), code),
        (json!({"iat": ahead, "nbf": ahead, "exp": ahead}), code),
        (json!({"iat": NOW * 1_000, "nbf": NOW * 1_000, "exp": NOW * 1_000 + 1}), code),
        (json!({"iat": u64::MAX, "nbf": u64::MAX, "exp": u64::MAX}), code),
    ]);
}

#[test]
fn token_times_within_leeway_are_accepted() {
    for seconds in [60, -60, -360] {
        assert!(shifted(seconds, true, Some(-7_000)).is_ok(), "{seconds}");
    }
}
