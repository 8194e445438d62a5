//! Requests to a table of four routes.

use std::sync::Arc;

use portico_domain::testing::{CountingEntropy, samples};
use rstest::rstest;
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

async fn respond(request: RequestBuilder) -> Response<Bytes> {
    let destinations = samples::destinations();
    let correlations = CorrelationIds(Arc::new(CountingEntropy::default()));
    let responder = Responder::new(correlations, TrustedProxies::default(), &destinations);
    let table = Table::default().mount(ROUTES, &Arc::new(State));
    let filter = filter(table, responder, Cookies { secure: false }, destinations);
    request.reply(&filter).await
}

fn request(method: &str, path: &str) -> RequestBuilder {
    warp::test::request().method(method).path(path)
}

#[rstest]
#[case::percent_encoded("/api/shown/a%2Fb?x=%20", "a%2Fb x=%20")]
#[case::trailing_slash("/api/shown/a/", "a ")]
#[case::no_parameter("/api/read", " ")]
#[tokio::test]
async fn handler_gets_parameter_and_query_undecoded(#[case] path: &str, #[case] expected: &str) {
    assert_eq!(respond(request("GET", path)).await.body(), expected);
}

#[rstest]
#[case::two_routes("/api/read", "GET, HEAD, POST")]
#[case::one_route("/api/shown/x", "GET, HEAD")]
#[tokio::test]
async fn other_method_gets_405_and_options_204_with_allow_of_the_path(
    #[case] path: &str,
    #[case] allow: &str,
) {
    let refused = respond(request("DELETE", path)).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["allow"]),
        (405, &allow.parse().unwrap())
    );
    let options = respond(request("OPTIONS", path)).await;
    assert_eq!(
        (options.status().as_u16(), &options.headers()["allow"]),
        (204, &allow.parse().unwrap())
    );
}

#[rstest]
#[tokio::test]
async fn options_of_unknown_path_gets_404(
    #[values("/", "/api", "/api/", "/api/shown", "/api/shown//", "/api/read/x")] path: &str,
) {
    assert_eq!(respond(request("OPTIONS", path)).await.status(), 404);
}

#[tokio::test]
async fn body_over_the_limit_of_its_route_gets_413() {
    assert_eq!(respond(request("POST", "/api/read").body("abcd")).await.body(), "abcd");
    let refused = respond(request("POST", "/api/read").body("abcde")).await;
    assert_eq!(refused.status(), 413);
    assert!(std::str::from_utf8(refused.body()).unwrap().contains("4 bytes are taken"));
    assert_eq!(respond(request("GET", "/api/read").body("abcde")).await.status(), 200);
}

const DASHBOARD: &str = "http://localhost:3000";
const OTHER_ORIGIN: &str = "https://evil.example";

#[rstest]
#[case::route_for_scripts("/api/read", DASHBOARD, 200)]
#[case::route_for_scripts_from_other_origin("/api/read", OTHER_ORIGIN, 403)]
#[case::unknown_api_path("/api/nothing", DASHBOARD, 200)]
#[case::route_for_browsers("/api/shown/x", DASHBOARD, 405)]
#[case::route_for_browsers_from_other_origin("/api/shown/x", OTHER_ORIGIN, 405)]
#[case::route_outside_api("/token", DASHBOARD, 405)]
#[case::unknown_path("/nothing", DASHBOARD, 404)]
#[tokio::test]
async fn preflight_is_allowed_to_the_dashboard_for_script_routes_only(
    #[case] path: &str,
    #[case] origin: &str,
    #[case] status: u16,
) {
    let preflight = request("OPTIONS", path).header("origin", origin);
    let preflight = respond(preflight.header("access-control-request-method", "GET")).await;
    assert_eq!(preflight.status(), status);
    let allowed = preflight.headers().contains_key("access-control-allow-origin");
    assert_eq!(allowed, status == 200);
}

#[tokio::test]
async fn cors_applies_to_script_routes_only() {
    let get = |path| request("GET", path).header("origin", OTHER_ORIGIN);
    assert_eq!(respond(get("/api/read")).await.status(), 403);
    let shown = respond(get("/api/shown/x")).await;
    assert_eq!(shown.status(), 200);
    assert!(!shown.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn failure_is_rendered_in_the_form_of_its_route() {
    let refused = respond(request("GET", "/token").header("accept", "text/html")).await;
    assert_eq!(refused.status(), 401);
    let expected = r#"{"error":"invalid_client","error_description":"You are not signed in."}"#;
    assert_eq!(refused.body(), expected);
}
