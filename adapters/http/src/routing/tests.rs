//! A table of three routes, as requests go through it.

use std::sync::Arc;

use portico_domain::testing::{CountingEntropy, samples};
use warp::{http::Response, hyper::body::Bytes, reply::Reply, test::RequestBuilder};

use super::*;
use crate::{
    error::{ErrorCode, Responder},
    limits::TrustedProxies,
    request::Cookies,
    response::{CorrelationIds, Rendering},
};

struct State;

const fn route(name: &'static str, path: &'static str, access: Access) -> Route<State> {
    Route {
        name,
        methods: GET,
        path,
        body_limit: NO_BODY,
        rendering: Rendering::Json,
        access,
        handler: |_, call| {
            Box::pin(
                async move { Ok(format!("{} {}", call.parameter, call.query).into_response()) },
            )
        },
    }
}

const ROUTES: &[Route<State>] = &[
    route("shown", "/api/shown/{id}", Access::Browser),
    route("read", "/api/read", Access::Scripts),
    Route {
        methods: POST,
        body_limit: 4,
        handler: |_, call| Box::pin(async move { Ok(call.body.clone().into_response()) }),
        ..route("written", "/api/read", Access::Scripts)
    },
    Route {
        rendering: Rendering::OAuthJson,
        handler: |_, _| Box::pin(async { Err(ErrorCode::NoSession.into()) }),
        ..route("refused", "/token", Access::Browser)
    },
];

async fn answer(request: RequestBuilder) -> Response<Bytes> {
    let destinations = samples::destinations();
    let correlations = CorrelationIds(Arc::new(CountingEntropy::default()));
    let responder = Responder::new(correlations, TrustedProxies::default(), &destinations);
    let table = Table::default().mount(ROUTES, &Arc::new(State));
    let filter = filter(table, responder, Cookies { secure: false }, destinations);
    request.reply(&filter).await
}

fn to(method: &str, path: &str) -> RequestBuilder {
    warp::test::request().method(method).path(path)
}

#[tokio::test]
async fn a_handler_gets_the_segment_in_braces_and_the_query_as_they_were_sent() {
    for (path, expected) in
        [("/api/shown/a%2Fb?x=%20", "a%2Fb x=%20"), ("/api/shown/a/", "a "), ("/api/read", " ")]
    {
        assert_eq!(answer(to("GET", path)).await.body(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_method_that_no_route_of_the_path_takes_is_405_with_those_of_all() {
    for (path, allow) in [("/api/read", "GET, HEAD, POST"), ("/api/shown/x", "GET, HEAD")] {
        let refused = answer(to("DELETE", path)).await;
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &allow.parse().unwrap())
        );
        let options = answer(to("OPTIONS", path)).await;
        assert_eq!(
            (options.status().as_u16(), &options.headers()["allow"]),
            (204, &allow.parse().unwrap())
        );
    }
    for path in ["/", "/api", "/api/", "/api/shown", "/api/shown//", "/api/read/x"] {
        assert_eq!(answer(to("OPTIONS", path)).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_of_its_route() {
    assert_eq!(answer(to("POST", "/api/read").body("abcd")).await.body(), "abcd");
    let refused = answer(to("POST", "/api/read").body("abcde")).await;
    assert_eq!(refused.status(), 413);
    assert!(std::str::from_utf8(refused.body()).unwrap().contains("4 bytes are taken"));
    assert_eq!(answer(to("GET", "/api/read").body("abcde")).await.status(), 200);
}

#[tokio::test]
async fn cors_grants_the_dashboard_what_scripts_may_call_and_nothing_else() {
    let from = |method, path, origin| {
        let request = to(method, path).header("origin", origin);
        request.header("access-control-request-method", "GET")
    };
    let (dashboard, evil) = ("http://localhost:3000", "https://evil.example");
    for (path, origin, status) in [
        ("/api/read", dashboard, 200),
        ("/api/read", evil, 403),
        ("/api/nothing", dashboard, 200),
        ("/api/shown/x", dashboard, 405),
        ("/api/shown/x", evil, 405),
        ("/token", dashboard, 405),
        ("/nothing", dashboard, 404),
    ] {
        let preflight = answer(from("OPTIONS", path, origin)).await;
        assert_eq!(preflight.status(), status, "{path} {origin}");
        let granted = preflight.headers().contains_key("access-control-allow-origin");
        assert_eq!(granted, status == 200, "{path} {origin}");
    }
    assert_eq!(answer(from("GET", "/api/read", evil)).await.status(), 403);
    let shown = answer(from("GET", "/api/shown/x", evil)).await;
    assert_eq!(shown.status(), 200);
    assert!(!shown.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_failure_is_rendered_as_its_route_says() {
    let refused = answer(to("GET", "/token").header("accept", "text/html")).await;
    assert_eq!(refused.status(), 401);
    let expected = r#"{"error":"invalid_client","error_description":"You are not signed in."}"#;
    assert_eq!(refused.body(), expected);
}
