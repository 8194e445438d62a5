//! What the sandbox costs: every call of one login, linked and as a component, and a start with
//! every plug-in that comes with Portico.

use std::time::Instant;

use portico_azure::AzureProvider;
use portico_domain::{
    identity::Claims,
    ports::CloudProvider,
    provider::{Linked, Reply, Response, Settings, Step},
};
use portico_e2e::{Cloud, Emulator, Options, Portico, Settings as Environment, personas, plugins};
use portico_wasm::{Limits, Plugin, Sandbox};
use serde_json::json;

use crate::{idle::first_answer, median, report};

const LOGINS: usize = 500;
const STARTS: usize = 11;

/// Measures both.
pub(crate) async fn measure() {
    let azure = azure_settings();
    let linked = Linked::<AzureProvider>::new(azure.clone()).unwrap();
    let claims = azure_claims();
    let linked = calls(&linked, &claims).await;
    let component = calls(&*loaded("azure", azure).await, &claims).await;
    report("calls of one login, linked Azure", &micros(linked), "");
    report("the same, Azure as a component", &micros(component), "");
    report("more than linked", &micros(component - linked), "at most 200 µs");
    let person =
        json!({"sub": "4201001", "id": "4201001", "name": "Zofia", "email": "z@a.example"});
    for (name, language) in [("gitlab", "JavaScript"), ("heroku", "Python")] {
        let provider = loaded(name, Settings::default()).await;
        let claims = Claims::parse(person.to_string()).unwrap();
        let what = format!("the same, {name} in {language}, one page");
        report(&what, &micros(calls(&*provider, &claims).await), "");
    }
    starts().await;
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

fn azure_settings() -> Settings {
    Settings::from_iter([("tenant-id", personas::CONTOSO.id)])
}

fn azure_claims() -> Claims {
    let tenant = personas::CONTOSO.id;
    let claims = json!({
        "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "tid": tenant,
        "oid": personas::ZOFIA.home().oid, "name": personas::ZOFIA.name,
    });
    Claims::parse(claims.to_string()).unwrap()
}

async fn loaded(name: &str, settings: Settings) -> Box<dyn CloudProvider> {
    let sandbox = Sandbox::new().unwrap();
    let compiled = sandbox.compile(&std::fs::read(plugins::built(name)).unwrap()).unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    Box::new(plugin.configure(settings).await.unwrap())
}

/// The median time of every call of one login: the redirect's sign-in, then that of the callback,
/// who it is, and the list, page by page.
async fn calls(provider: &dyn CloudProvider, claims: &Claims) -> f64 {
    let mut times = Vec::new();
    for _ in 0..LOGINS {
        let begun = Instant::now();
        provider.sign_in(None).await.unwrap();
        provider.sign_in(None).await.unwrap();
        let identity = provider.identify(None, claims).await.unwrap();
        let mut discovery = provider.discover(&identity).await.unwrap();
        let mut responses = Vec::new();
        while let Step::Fetch(requests) = discovery.next(responses).await.unwrap() {
            responses = requests.iter().map(|it| page(it.id, it.url.as_str())).collect();
        }
        drop(discovery);
        times.push(begun.elapsed().as_secs_f64());
    }
    median(times)
}

/// Azure's three pages; an empty list to anybody else.
fn page(id: u32, url: &str) -> Response {
    let body = if url.contains("/subscriptions") {
        let entry =
            |n: u32| json!({"subscriptionId": format!("{id}-{n}"), "displayName": "Production"});
        let entries: Vec<_> = (0..3).map(entry).collect();
        let next =
            (id < 3).then(|| format!("https://management.azure.com/subscriptions?page={id}"));
        json!({"value": entries, "nextLink": next})
    } else {
        json!([])
    };
    let reply = Reply { status: 200, headers: vec![], body: body.to_string() };
    Response { id, outcome: Ok(reply) }
}

async fn starts() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &plugins::ALL);
    let mut first_answers = Vec::new();
    for _ in 0..STARTS {
        let mut settings = Environment::new(&emulator, folder.path());
        settings.set("PORTICO_KEYS", plugins::KEYS);
        for cloud in Cloud::ALL {
            for (name, value) in cloud.plugin_variables(emulator.http_url()) {
                settings.set(&name, &value);
            }
        }
        let begun = Instant::now();
        let (portico, ()) = tokio::join!(Portico::start(&settings), first_answer(&settings.base));
        first_answers.push(begun.elapsed().as_secs_f64() * 1_000.0);
        assert!(portico.stop().await.success());
    }
    let figure = format!("{:.0} ms", median(first_answers));
    report("start with eight plug-ins from the compiled cache", &figure, "at most 150 ms");
}
