//! A page of an app leads through sign-in and back.

use super::*;

const DEEP_LINK: &str = "/reports/a%2Fb?year=2026&q=x+y%20z";

#[tokio::test]
async fn page_leads_through_sign_in_back_to_the_exact_deep_link() {
    let world = two_apps().await;
    let (mut host, mut person) = (Host::new(&world, COSTS), Browser::default());
    let hand_off = host.up_to_hand_off(DEEP_LINK).await;
    assert_eq!(hand_off.origin(), Url::parse(world.base()).unwrap().origin());

    let sign_in_page = person.get(&hand_off).await.location();
    let page = person.get(&sign_in_page).await;
    let link = page.body.split("href=\"").find(|it| it.starts_with("/api/login/azure?")).unwrap();
    let query = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let query = query.split_once('?').unwrap().1;
    let query = format!("{query}&{}", hint(personas::ZOFIA.user_name));
    let callback = person.up_to_callback(world.base(), &query).await;
    let back = person.get(&callback).await.location();
    assert_eq!(back, hand_off);

    let to_host = person.get(&back).await.location();
    let landed = host.open(&to_host).await;
    assert_eq!(landed.location().as_str(), format!("{COSTS}{DEEP_LINK}"));
    let cookie = landed.headers.get_all("set-cookie").iter().next().unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-portico_app=") && cookie.contains("; Secure"), "{cookie}");
    let allowed = host.ask("GET", DEEP_LINK, &PAGE).await;
    assert_eq!(allowed.status, StatusCode::OK, "{allowed:?}");
    assert_eq!(header(&allowed, "x-auth-request-preferred-username"), personas::ZOFIA.user_name);
}

/// As long as it may be, with much that is percent-encoded more than once on the way.
#[tokio::test]
async fn long_page_is_reached_after_a_sign_in_too() {
    let world = two_apps().await;
    let page = format!("/reports?q={}", "%2F&".repeat(120));
    let (mut host, mut person) = (Host::new(&world, COSTS), Browser::default());
    let hand_off = host.up_to_hand_off(&page).await;
    let sign_in_page = person.get(&hand_off).await.location();
    let query = format!("{}&{}", sign_in_page.query().unwrap(), hint(personas::ZOFIA.user_name));
    let callback = person.up_to_callback(world.base(), &query).await;
    let back = person.get(&callback).await.location();
    assert_eq!(back, hand_off);
    let to_host = person.get(&back).await.location();
    assert_eq!(host.open(&to_host).await.location().as_str(), format!("{COSTS}{page}"));
}

#[tokio::test]
async fn longer_page_loses_its_query_and_never_the_sign_in() {
    let world = two_apps().await;
    for length in [1_100, 1_300, 1_600, 2_500, 6_000] {
        let page = format!("/reports?q={}", "q".repeat(length));
        let (mut host, mut person) = (Host::new(&world, COSTS), Browser::default());
        let hand_off = host.up_to_hand_off(&page).await;
        let sign_in_page = person.get(&hand_off).await.location();
        let query =
            format!("{}&{}", sign_in_page.query().unwrap(), hint(personas::ZOFIA.user_name));
        let callback = person.up_to_callback(world.base(), &query).await;
        assert_eq!(person.get(&callback).await.location(), hand_off, "{length}");
        let to_host = person.get(&hand_off).await.location();
        let landed = host.open(&to_host).await.location();
        assert!(landed.as_str().starts_with(&format!("{COSTS}/reports")), "{length}: {landed}");
    }
}

#[tokio::test]
async fn tabs_that_are_restored_at_once_all_get_their_page() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    for tab in 0..6 {
        let page = format!("/tab/{tab}");
        let hand_off = host.up_to_hand_off(&page).await;
        assert_eq!(person.get(&hand_off).await.status, StatusCode::FOUND, "{page}");
    }
}

#[tokio::test]
async fn person_who_is_signed_in_enters_every_app_without_a_click() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    for origin in [COSTS, INVENTORY] {
        let mut host = Host::new(&world, origin);
        assert_eq!(host.enter(&mut person, "/x?y=1").await.as_str(), format!("{origin}/x?y=1"));
        assert_eq!(host.ask("POST", "/x", &[]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn form_that_is_sent_without_a_session_goes_on_with_get() {
    let world = two_apps().await;
    let mut host = Host::new(&world, COSTS);
    let refused = host.ask("POST", "/form", &PAGE).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER, "{refused:?}");
    assert_eq!(refused.location().path(), "/portico/start");
}

#[tokio::test]
async fn sign_out_closes_every_host_at_its_next_request_and_a_restart_closes_none() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut hosts = [COSTS, INVENTORY].map(|origin| Host::new(&world, origin));
    for host in &mut hosts {
        host.enter(&mut person, "/").await;
        assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::OK);
    }
    let world = world.restarted().await;
    for host in &mut hosts {
        assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::OK);
    }
    let base = world.base().to_owned();
    person.post(&format!("{base}/api/logout"), &base).await;
    for host in &mut hosts {
        let closed = host.ask("GET", "/", &[]).await;
        assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{closed:?}");
        assert_eq!(closed.json()["reason"], "signed_out");
    }
}

#[tokio::test]
async fn login_that_moves_the_session_leaves_the_hosts_signed_in() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    for _ in 0..3 {
        person.sign_in(world.base(), personas::ZOFIA.user_name).await;
        assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn third_hand_off_within_ten_seconds_ends_in_a_page_that_names_the_cause() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut last = None;
    for _ in 0..3 {
        // The browser takes no cookie of the app.
        let hand_off = Host::new(&world, COSTS).up_to_hand_off("/").await;
        last = Some(person.send_with(Method::GET, hand_off.as_str(), &PAGE).await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, StatusCode::BAD_REQUEST, "{last:?}");
    assert!(last.body.contains("X-Forwarded-Proto") && last.body.contains("costs"), "{last:?}");
}

#[tokio::test]
async fn person_of_another_tenant_is_told_that_they_may_not_use_the_app() {
    let tenant = personas::CONTOSO.id;
    let more = format!("tenants = [\"{tenant}\"]");
    let world = World::with(&app("costs", COSTS, &more)).await;
    let mut zofia = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut zofia, "/").await;
    assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::OK);

    let mut amara = signed_in(&world, personas::AMARA.user_name).await;
    let hand_off = Host::new(&world, COSTS).up_to_hand_off("/").await;
    let refused = amara.send_with(Method::GET, hand_off.as_str(), &PAGE).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert!(refused.body.contains("may not use costs"), "{refused:?}");
}

#[tokio::test]
async fn app_whose_rules_change_closes_to_those_who_may_no_longer_use_it() {
    let world = World::with(&app("costs", COSTS, "")).await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::OK);
    let closed = app("costs", COSTS, "require_claims = { roles = [\"Admin\"] }");
    fs::write(world.folder.path().join("portico.toml"), closed).unwrap();
    world.portico.logged(|it| it.log().contains("the protected apps have changed")).await;
    let refused = host.ask("GET", "/", &[]).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "app_not_allowed".into()));
}

#[tokio::test]
async fn app_signs_people_out_by_a_link_and_no_other_site_can() {
    let world = two_apps().await;
    let mut person = zofia(&world).await;
    let mut host = Host::new(&world, COSTS);
    host.enter(&mut person, "/").await;
    let leave = Url::parse(&format!("{COSTS}/portico/sign-out")).unwrap();
    let asks = host.open(&leave).await.location();
    assert_eq!(host.ask("GET", "/", &[]).await.status, StatusCode::UNAUTHORIZED);
    // The session itself lives until the button is pressed.
    let page = person.get(&asks).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.body.contains("<button") && page.body.contains(COSTS), "{page:?}");
    assert_eq!(person.session(world.base()).await.status, StatusCode::OK);
    let base = world.base();
    let (url, sent) = (format!("{base}/api/logout"), [("origin", base), PAGE[0]]);
    let ended = person.send_with(Method::POST, &url, &sent).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{ended:?}");
    let after = person.get(&asks).await;
    assert!(after.body.contains("You are not signed in here"), "{after:?}");
    for elsewhere in ["https://evil.example/", "javascript:alert(1)"] {
        let mut url = asks.clone();
        url.query_pairs_mut().clear().append_pair("app", elsewhere);
        let page = person.get(&url).await;
        assert!(page.status == StatusCode::OK && !page.body.contains(elsewhere), "{page:?}");
    }
}

#[tokio::test]
async fn error_page_at_the_host_of_an_app_has_its_style_there() {
    let world = two_apps().await;
    let mut host = Host::new(&world, COSTS);
    let style = host.open(&Url::parse(&format!("{COSTS}/portico/portico.css")).unwrap()).await;
    assert_eq!(header(&style, "content-type"), "text/css; charset=utf-8");
    let refused = Url::parse(&format!("{}/portico/callback?code=AAAA", world.base())).unwrap();
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "costs.example"), PAGE[0]];
    let page = host.browser.send_with(Method::GET, refused.as_str(), &headers).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("href=\"/portico/portico.css\""), "{page:?}");
}
