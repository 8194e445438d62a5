//! Requests that are no navigations: subresources, frames, prefetches and HEAD.

use super::*;

/// Headers of subresource requests and prefetches.
const NOT_NAVIGATIONS: [&[(&str, &str)]; 13] = [
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("sec-fetch-site", "cross-site")],
    &[
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
        ("sec-fetch-site", "same-origin"),
    ],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "style")],
    &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), ("sec-fetch-user", "?1")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "object")],
    &[
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-purpose", "prefetch;prerender"),
    ],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty"), ("purpose", "prefetch")],
    &[("purpose", "prefetch")],
    &[("x-moz", "prefetch")],
];

#[tokio::test]
async fn subresource_and_prefetch_requests_begin_no_login_and_are_not_counted() {
    let world = world(&[("PORTICO_LOGINS_PER_ADDRESS", "3")]).await;
    let base = &world.portico.base;
    for round in 0..5 {
        for headers in NOT_NAVIGATIONS {
            let response = send(&mut Browser::default(), Method::GET, &begin(base), headers).await;
            assert_refused(&response, 403, "not_a_navigation");
            assert!(
                response.headers.get(SET_COOKIE).is_none(),
                "{round} {headers:?}: {response:?}"
            );
        }
        let head = Browser::default().send(Method::HEAD, &begin(base), |request| request).await;
        assert_eq!(head.status, StatusCode::FORBIDDEN);
        assert!(head.headers.get(SET_COOKIE).is_none(), "{head:?}");
    }
    // The limit of three logins is left for navigations, whatever page they come from.
    for site in ["cross-site", "same-origin", "none"] {
        let headers = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", site),
        ];
        let begun = send(&mut Browser::default(), Method::GET, &begin(base), &headers).await;
        assert_eq!(begun.status, StatusCode::FOUND, "{site}: {begun:?}");
    }
    tried(5 * (NOT_NAVIGATIONS.len() + 1) + 3);
}

#[tokio::test]
async fn prefetched_or_embedded_callback_spends_no_attempt() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    for headers in NOT_NAVIGATIONS {
        let response = send(&mut browser, Method::GET, callback.as_str(), headers).await;
        assert_refused(&response, 403, "not_a_navigation");
    }
    let head = browser.send(Method::HEAD, callback.as_str(), |request| request).await;
    assert_eq!(head.status, StatusCode::FORBIDDEN);
    assert_eq!(token_requests(&world.emulator), 0);
    // Without a code the response is the fixed body that apps depend on, also for these requests.
    for headers in NOT_NAVIGATIONS {
        let response = send(&mut browser, Method::GET, &format!("{base}/getAToken"), headers).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED);
        assert_eq!(response.body, r#"{"error": "Brak kodu"}"#);
    }
    let headers = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let ended = send(&mut browser, Method::GET, callback.as_str(), &headers).await;
    assert_eq!(ended.status, StatusCode::FOUND, "{ended:?}");
    tried(2 * NOT_NAVIGATIONS.len() + 2);
}

#[tokio::test]
async fn callbacks_without_an_attempt_are_refused_and_block_no_other_login() {
    let world = world(&[("PORTICO_LOGINS_PER_ADDRESS", "6")]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let mut statuses = Vec::new();
    for n in 0..12 {
        let url = format!("{base}/getAToken?code=x&state={n}");
        statuses.push(Browser::default().get(url).await.status.as_u16());
    }
    assert_eq!(statuses[..6], [400; 6]);
    assert_eq!(statuses[8..], [429; 4]);
    assert_eq!(token_requests(&world.emulator), 0);
    assert_eq!(browser.get(&callback).await.status, StatusCode::FOUND);
    assert_eq!(Browser::default().get(begin(base)).await.status, StatusCode::FOUND);
    tried(12);
}
