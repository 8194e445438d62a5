//! Ambiguous hosts, upgrades and trailers in requests; headers of responses that isolate the origin.

use std::time::Duration;

use portico_e2e::{Portico, world, world_with_plugins};
use portico_hostile::tried;
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Timeout of any single step.
const TIMEOUT: Duration = Duration::from_secs(60);

const ROUTES: [&str; 13] = [
    "/",
    "/dashboard",
    "/api/session",
    "/api/providers",
    "/api/accounts/x/subscriptions",
    "/api/login/azure",
    "/api/callback/azure",
    "/api/logout",
    "/getAToken",
    "/healthz",
    "/readyz",
    "/assets/portico.css",
    "/nothing",
];

/// Sends these bytes and reads until Portico closes the connection.
async fn raw(portico: &Portico, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(portico.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut response = Vec::new();
    timeout(TIMEOUT, stream.read_to_end(&mut response)).await.unwrap().unwrap();
    String::from_utf8_lossy(&response).into_owned()
}

#[rstest]
#[case::missing("1.1", &[])]
#[case::repeated("1.1", &["a", "a"])]
#[case::repeated_with_another_value("1.1", &["a", "b"])]
#[case::repeated_in_http_1_0("1.0", &["a", "a"])]
#[case::empty("1.1", &[""])]
#[case::with_a_space("1.1", &["a b"])]
#[case::with_a_path("1.1", &["a/b"])]
#[case::with_userinfo("1.1", &["a@b"])]
#[case::with_a_port_that_is_no_number("1.1", &["a:x"])]
#[case::with_a_port_out_of_range("1.1", &["a:99999"])]
#[case::with_two_ports("1.0", &["a:b:c"])]
#[case::with_an_open_bracket("1.1", &["[::1"])]
#[case::with_markup("1.1", &["<script>"])]
#[case::with_a_list("1.1", &["a,b c"])]
#[tokio::test]
async fn request_without_exactly_one_valid_host_is_refused(
    #[case] version: &str,
    #[case] hosts: &[&str],
) {
    let world = world(&[]).await;
    let methods = ["GET", "HEAD", "POST", "OPTIONS"];
    for path in ROUTES {
        for method in methods {
            let hosts: String = hosts.iter().map(|it| format!("host: {it}\r\n")).collect();
            let request =
                format!("{method} {path} HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
            let response = raw(&world.portico, request.as_bytes()).await;
            let expected = format!("HTTP/{version} 400");
            assert!(response.starts_with(&expected), "{request}{response}");
            assert_eq!(response.matches("HTTP/1.").count(), 1, "{response}");
        }
    }
    tried(ROUTES.len() * methods.len());
}

/// The host of an absolute target counts (RFC 9112 section 3.2.2).
#[rstest]
#[case::http_1_0_without_host("GET / HTTP/1.0\r\n\r\n", 200)]
#[case::http_1_0_with_host("GET / HTTP/1.0\r\nhost: portico\r\n\r\n", 200)]
#[case::equal_host("GET http://portico/ HTTP/1.1\r\nhost: portico\r\n", 200)]
#[case::another_host("GET http://portico/ HTTP/1.1\r\nhost: another\r\n", 200)]
#[case::ipv6_host("GET / HTTP/1.1\r\nhost: [::1]:5000\r\n", 200)]
#[case::no_host_header("GET http://portico/ HTTP/1.1\r\n", 400)]
#[case::userinfo("GET http://u@portico/ HTTP/1.1\r\nhost: portico\r\n", 400)]
#[case::another_scheme("GET ftp://portico/ HTTP/1.1\r\nhost: portico\r\n", 400)]
#[tokio::test]
async fn host_of_an_absolute_target_replaces_the_header(#[case] head: &str, #[case] status: u16) {
    let world = world(&[]).await;
    // HTTP/1.0 closes the connection anyway.
    let request = match head.ends_with("\r\n\r\n") {
        true => head.to_owned(),
        false => format!("{head}connection: close\r\n\r\n"),
    };
    let response = raw(&world.portico, request.as_bytes()).await;
    assert_eq!(&response[8..12], format!(" {status}"), "{request}{response}");
    tried(1);
}

#[rstest]
#[case::to_websocket(
    "upgrade: websocket\r\nsec-websocket-version: 13\r\n\
     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)]
#[case::to_h2c("upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n")]
#[tokio::test]
async fn upgrade_is_not_accepted_on_any_route(#[case] upgrade: &str) {
    let world = world(&[]).await;
    for path in ROUTES {
        // If the upgrade were accepted, the second request would be a frame of that protocol.
        let first =
            format!("GET {path} HTTP/1.1\r\nhost: portico\r\nconnection: upgrade\r\n{upgrade}\r\n");
        let second = "GET /healthz HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n";
        let response = raw(&world.portico, format!("{first}{second}").as_bytes()).await;
        assert!(!response.contains("HTTP/1.1 101"), "{path}: {response}");
        assert!(response.ends_with(r#"{"status":"ok"}"#), "{path}: {response}");
    }
    tried(ROUTES.len());
}

#[tokio::test]
async fn connect_request_gets_a_client_error() {
    let world = world(&[]).await;
    let tunnel = "CONNECT portico:443 HTTP/1.1\r\nhost: portico:443\r\n\r\n";
    let response = raw(&world.portico, tunnel.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 4"), "{response}");
    tried(1);
}

/// `{base}` in a trailer is the base URL of Portico.
#[rstest]
#[case::origin("origin: {base}\r\n")]
#[case::cookie("cookie: portico_session=x\r\n")]
#[case::host("host: evil\r\n")]
#[case::content_length("content-length: 5\r\n")]
#[case::fifty_fields(&"x: y\r\n".repeat(50))]
#[tokio::test]
async fn request_trailers_have_no_effect(#[case] trailer: &str) {
    let world = world(&[]).await;
    let trailer = trailer.replace("{base}", &world.portico.base);
    let post = format!(
        "POST /api/logout HTTP/1.1\r\nhost: portico\r\ntransfer-encoding: chunked\r\n\
         trailer: origin\r\n\r\n0\r\n{trailer}\r\n"
    );
    let next = "GET /healthz HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n";
    let response = raw(&world.portico, format!("{post}{next}").as_bytes()).await;
    // A POST without `Origin` in its head is refused.
    assert!(response.starts_with("HTTP/1.1 403"), "{response}");
    assert!(response.matches("HTTP/1.1 ").count() <= 2, "{response}");
    tried(1);
}

#[tokio::test]
async fn every_response_is_restricted_to_its_own_origin() {
    let world = world_with_plugins(&["oidc"], &[]).await;
    let icon = "/assets/providers/oidc.svg";
    for path in ROUTES.into_iter().chain([icon, "/assets/providers/x.svg"]) {
        for method in ["GET", "POST"] {
            let request =
                format!("{method} {path} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n");
            let response = raw(&world.portico, request.as_bytes()).await;
            for header in [
                "cross-origin-opener-policy: same-origin",
                "cross-origin-resource-policy: same-origin",
                "x-content-type-options: nosniff",
            ] {
                assert!(response.contains(header), "{method} {path}: {response}");
            }
        }
    }
    let request = format!("GET {icon} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n");
    let response = raw(&world.portico, request.as_bytes()).await;
    for header in ["content-type: image/svg+xml\r\n", "content-disposition: attachment", "sandbox"]
    {
        assert!(response.contains(header), "{response}");
    }
    tried(2 * (ROUTES.len() + 2));
}
