use super::*;

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, Vec<InvalidProxy>> {
    Proxies::from_variables(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// The proxy for this address, with its port.
fn of(variables: &[(&str, &str)], url: &str) -> Option<String> {
    let proxies = proxies(variables).unwrap();
    proxies.of(&Url::parse(url).unwrap()).map(|proxy| proxy.shown())
}

const CLOUD: &str = "https://login.example/common";

#[test]
fn lower_case_variable_wins_and_empty_one_is_unset() {
    let proxy = |text: &str| Some(text.to_owned());
    for (variables, expected) in [
        (&[][..], None),
        (&[("HTTPS_PROXY", "http://a.example:3128")], proxy("a.example:3128")),
        (&[("https_proxy", "b.example:8080")], proxy("b.example:8080")),
        (
            &[("HTTPS_PROXY", "http://a.example:3128"), ("https_proxy", "http://b.example:8080")],
            proxy("b.example:8080"),
        ),
        (
            &[("HTTPS_PROXY", "http://a.example:3128"), ("https_proxy", " ")],
            proxy("a.example:3128"),
        ),
        (&[("ALL_PROXY", "https://c.example")], proxy("c.example:443")),
        (&[("all_proxy", "http://[fd00::1]:3128/x?y")], proxy("[fd00::1]:3128")),
        (
            &[("ALL_PROXY", "http://c.example"), ("HTTPS_PROXY", "http://a.example:1")],
            proxy("a.example:1"),
        ),
        (&[("HTTP_PROXY", "http://a.example:3128")], None),
        (&[("HTTPS_PROXY", "")], None),
    ] {
        assert_eq!(of(variables, CLOUD), expected, "{variables:?}");
    }
}

#[test]
fn plain_http_uses_only_a_loopback_proxy() {
    let local = "http://127.0.0.1:4000/";
    for (variables, is_used) in [
        (&[("http_proxy", "http://127.0.0.1:3128")][..], true),
        (&[("HTTP_PROXY", "http://localhost:3128")], true),
        (&[("ALL_PROXY", "http://[::1]:3128")], true),
        (&[("http_proxy", "http://proxy.example:3128")], false),
        (&[("HTTPS_PROXY", "http://127.0.0.1:3128")], false),
        // In a CGI program, the request header `Proxy`.
        (&[("HTTP_PROXY", "http://127.0.0.1:3128"), ("REQUEST_METHOD", "GET")], false),
        (&[("http_proxy", "http://127.0.0.1:3128"), ("REQUEST_METHOD", "GET")], true),
    ] {
        assert_eq!(of(variables, local).is_some(), is_used, "{variables:?}");
    }
}

#[test]
fn no_proxy_entries_bypass_the_proxy() {
    for (no, url, is_used) in [
        ("login.example", CLOUD, false),
        ("example", CLOUD, false),
        (".example", CLOUD, false),
        ("*.example", CLOUD, false),
        ("*", CLOUD, false),
        ("*", "https://127.0.0.1:4000/", false),
        ("localhost,*", "https://[::1]:4000/", false),
        ("localhost, LOGIN.example", CLOUD, false),
        ("localhost login.example", CLOUD, false),
        ("login.example:443", CLOUD, false),
        ("login.example:8443", CLOUD, true),
        ("gin.example", CLOUD, true),
        ("other.example", CLOUD, true),
        ("login.example.", CLOUD, true),
        ("127.0.0.1", "https://127.0.0.1:4000/", false),
        ("127.0.0.0/8", "https://127.0.0.1:4000/", false),
        ("127.0.0.1:4000", "https://127.0.0.1:4000/", false),
        ("127.0.0.1:4001", "https://127.0.0.1:4000/", true),
        ("::1", "https://[::1]:4000/", false),
        ("[::1]", "https://[::1]:4000/", false),
        ("[::1]:4000", "https://[::1]:4000/", false),
        ("localhost", "https://127.0.0.1:4000/", true),
    ] {
        let variables = [("HTTPS_PROXY", "http://a.example:3128"), ("NO_PROXY", no)];
        assert_eq!(of(&variables, url).is_some(), is_used, "{no} {url}");
    }
}

#[test]
fn proxy_password_is_sent_to_proxy_and_never_shown() {
    let variables = [
        ("HTTPS_PROXY", "http://anna:p%40ss%20word@a.example:3128"),
        ("ALL_PROXY", "anna:p%40ss@b.example:8080"),
        ("no_proxy", "localhost,.corp.example"),
    ];
    let proxies = proxies(&variables).unwrap();
    let proxy = proxies.of(&Url::parse(CLOUD).unwrap()).unwrap();
    // anna:p@ss word
    assert_eq!(proxy.authorization.unwrap(), "Basic YW5uYTpwQHNzIHdvcmQ=");
    assert_eq!(proxy.url.as_str(), "http://a.example:3128/");
    let shown = "https by a.example:3128; http on this machine by b.example:8080; none for \
                 localhost,.corp.example";
    assert_eq!(proxies.shown(), Some(shown));
    assert!(!format!("{proxies:?}").contains("p%40ss"));
}

#[test]
fn invalid_proxy_error_names_variable_without_its_value() {
    for text in ["socks5://a.example:1080", "ftp://a.example", "http://", "http://a b", "://"] {
        let faults = proxies(&[("HTTPS_PROXY", text), ("all_proxy", text)]).unwrap_err();
        let names: Vec<_> = faults.iter().map(|InvalidProxy(name)| name.as_str()).collect();
        assert_eq!(names, ["HTTPS_PROXY", "all_proxy"], "{text}");
        assert!(!faults[0].to_string().contains("a.example"));
    }
}
