use rstest::rstest;

use super::*;

fn found(query: &str) -> Option<String> {
    reserved_in(&Url::parse(&format!("https://login.example/authorize?{query}")).unwrap())
}

#[test]
fn reserved_in_finds_each_reserved_name() {
    for name in RESERVED {
        assert_eq!(found(&format!("a=b&{name}=x")).as_deref(), Some(name));
    }
}

#[rstest]
#[case::bare("client_id")]
#[case::empty_value("client_id=")]
#[case::repeated("a=b&client_id=x&client_id=y")]
#[case::semicolon("a=b;client_id=x")]
#[case::title_case("Client_Id=x")]
#[case::upper_case("CLIENT_ID=x")]
#[case::camel_case("clientId=x")]
#[case::encoded_underscore("client%5Fid=x")]
#[case::encoded_letters("%63%6c%69%65%6e%74_id=x")]
#[case::encoded_twice("%2563lient_id=x")]
#[case::encoded_three_times("%252563lient_id=x")]
#[case::dot("client.id=x")]
#[case::plus("client+id=x")]
#[case::encoded_space("client%20id=x")]
#[case::leading_space("+client_id=x")]
#[case::trailing_space("client_id+=x")]
#[case::brackets("client_id[]=x")]
#[case::encoded_brackets("client_id%5B0%5D=x")]
#[case::nested_brackets("client_id[a][b]=x")]
#[case::nul("client_id%00=x")]
#[case::nul_and_extension("client_id%00.a=x")]
#[case::byte_order_mark("%EF%BB%BFclient_id=x")]
#[case::dotless_i("cl%C4%B1ent_id=x")]
#[case::overlong_utf8("client%C1%9Fid=x")]
#[case::ampersand_in_value("p=x%26client_id%3Dy")]
#[case::ampersand_encoded_twice("p=x%2526client_id%253Dy")]
#[case::semicolon_in_value("p=x%3Bclient_id%3Dy")]
#[case::encoded_equals("client_id%3Dx")]
#[case::empty_pairs("&&client_id=x")]
#[case::question_mark("?client_id=x")]
fn reserved_in_finds_every_spelling_that_a_server_accepts(#[case] query: &str) {
    assert!(found(query).is_some());
}

#[test]
fn reserved_in_refuses_a_query_encoded_too_often() {
    assert!(found(&format!("a=%{}41", "25".repeat(10))).is_some());
    assert_eq!(found("a=%252541"), None);
}

#[rstest]
#[case::empty("")]
#[case::policy("p=b2c_1_signin")]
#[case::dash_and_brackets("api-version=2022-12-01&foo[]=1")]
#[case::semicolon_and_encoded_space("flight=1&a=b;c=%20")]
fn reserved_in_ignores_other_parameters(#[case] query: &str) {
    assert_eq!(found(query), None);
}

#[test]
fn reserved_in_is_none_without_a_query() {
    let url = Url::parse("https://login.example/oauth/authorize").unwrap();
    assert_eq!(reserved_in(&url), None);
}

#[rstest]
#[case::access_type("access_type", true)]
#[case::prompt("prompt", true)]
#[case::hosted_domain("hd", true)]
#[case::scopes("scopes", true)]
#[case::state("state", false)]
#[case::nonce("nonce", false)]
#[case::request_uri("request_uri", false)]
#[case::claims("claims", false)]
#[case::include_granted_scopes("include_granted_scopes", false)]
#[case::title_case("Prompt", false)]
#[case::empty("", false)]
fn may_be_added_compares_the_exact_name(#[case] name: &str, #[case] expected: bool) {
    assert_eq!(may_be_added(name), expected);
}

fn refusal(pairs: &[(&str, &str)]) -> Option<String> {
    let pairs: Vec<_> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    refused(&pairs, &["read".to_owned(), "list".to_owned()])
}

#[test]
fn refused_is_none_for_listed_parameters_and_declared_scopes() {
    assert_eq!(refusal(&[("prompt", "consent"), ("scopes", "list read")]), None);
}

#[rstest]
#[case::unlisted(&[("include_granted_scopes", "true")], "include_granted_scopes")]
#[case::reserved(&[("nonce", "1")], "nonce")]
#[case::repeated(&[("hd", "a"), ("hd", "b")], "twice")]
#[case::wider_scopes(&[("scopes", "read write")], "more than the scopes")]
fn refused_names_the_parameter_and_the_rule(
    #[case] pairs: &[(&str, &str)],
    #[case] expected: &str,
) {
    assert!(refusal(pairs).unwrap().contains(expected));
}
