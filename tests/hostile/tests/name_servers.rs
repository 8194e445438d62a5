//! DNS servers that do not answer affect only the logins that need them.

use std::{fs, net::TcpListener, time::Duration};

use portico_e2e::{Browser, NameAnswer, NameServer, Portico, personas, world_with_plugins};
use portico_hostile::tried;
use tokio::{task::JoinSet, time::sleep};

/// The number of concurrent logins whose DNS server does not answer.
const WAITING: usize = 600;

fn threads(portico: &Portico) -> usize {
    fs::read_dir(format!("/proc/{}/task", portico.id())).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_name_server_delays_no_other_login_and_holds_no_thread() {
    let answer = |name: &str| match name {
        "answered.test" => NameAnswer::Addresses(vec!["127.0.0.1".parse().unwrap()], 60),
        _ => NameAnswer::Silence,
    };
    let server = NameServer::start(answer).await.unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let answered = format!("https://answered.test:{closed}/");
    let world = world_with_plugins(
        &["oidc", "google"],
        &[
            ("PORTICO_NAME_SERVERS", &server.address().to_string()),
            ("OIDC_ISSUER", "https://silent.test/"),
            ("GOOGLE_ISSUER", &answered),
        ],
    )
    .await;
    let base = &world.portico.base;
    let before = threads(&world.portico);
    let mut waiting = JoinSet::new();
    for _ in 0..WAITING {
        let url = format!("{base}/api/login/oidc");
        waiting.spawn(async move { Browser::default().get(url).await });
    }
    while !server.asked().iter().any(|name| name == "silent.test") {
        sleep(Duration::from_millis(1)).await;
    }
    // Lookups for another provider succeed, and a provider without lookups signs people in.
    let refused = Browser::default().get(format!("{base}/api/login/google")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "provider_unreachable"));
    let logged = world.portico.failure(refused.json()["correlation"].as_str().unwrap()).await;
    let detail = logged[0]["fields"]["detail"].as_str().unwrap();
    assert!(detail.contains("Connection refused"), "{detail}");
    let mut zofia = Browser::default();
    assert_eq!(zofia.sign_in(base, personas::ZOFIA.user_name).await.status, 302);
    // At most the threads of the runtime and a few for flushes of the store.
    assert!(threads(&world.portico) <= before + 8, "{} threads", threads(&world.portico));

    for response in waiting.join_all().await {
        assert!(matches!(response.status.as_u16(), 503 | 504), "{response:?}");
    }
    let silent = server.asked().iter().filter(|name| *name == "silent.test").count();
    assert!(silent < WAITING / 4, "{silent} queries for one name");
    tried(WAITING);
}
